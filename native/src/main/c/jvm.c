// Starts the JVM, and leaves the host as it was: its signals, its standard output, and its life if the start fails.
#include "internal.h"

#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

#define OPTIONS_MAX 128
// Instead of JAVA_SAMPLER_JVM_OPTIONS: a sampler needs neither much heap nor threads of a collector.
#define OPTIONS_DEFAULT "-XX:+UseSerialGC"

typedef jint created_jvms_function(JavaVM ** jvms, jsize capacity, jsize * count);
typedef jint create_jvm_function(JavaVM ** jvm, void ** env, void * arguments);

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static JavaVM * jvm;
static pid_t jvm_process;

// What the JVM said when it gave up: there is no second start in a process.
static struct message aborted;

// The start that goes on in this thread.
static _Thread_local struct start {
    jmp_buf abort;
    struct message said;
} * starting;

// Called by the JVM instead of abort(): if it can't start, it would end the host. Later it may.
static void JNICALL on_abort(void) {
    if (starting != NULL) {
        longjmp(starting->abort, 1);
    }
}

// Called by the JVM for what it prints, which is kept, too, as long as it may be the reason of a failure.
static jint JNICALL on_print(FILE * file, const char * format, va_list arguments) {
    if (starting != NULL) {
        va_list copy;
        va_copy(copy, arguments);
        char * said = starting->said.text;
        size_t length = strlen(said);
        vsnprintf(said + length, sizeof(starting->said.text) - length, format, copy);
        va_end(copy);
        // It becomes part of a sentence.
        for (char * end = said + length; (end = strchr(end, '\n')) != NULL;) {
            *end = ' ';
        }
    }
    return vfprintf(file, format, arguments);
}

static int is_jar(const struct dirent * entry) {
    size_t length = strlen(entry->d_name);
    return length > 4 && strcmp(entry->d_name + length - 4, ".jar") == 0;
}

// The JVM's option for the class path: the user's, then the jars beside this library. Null if both are empty.
static char * class_path_option(const char * folder) {
    char * option = NULL;
    size_t size = 0;
    FILE * out = open_memstream(&option, &size);
    if (out == NULL) {
        return NULL;
    }
    const char * own = getenv("JAVA_SAMPLER_CLASS_PATH");
    bool is_empty = own == NULL || *own == '\0';
    fprintf(out, "-Djava.class.path=%s", is_empty ? "" : own);
    struct dirent ** jars = NULL;
    int count = scandir(folder, &jars, is_jar, alphasort);
    for (int i = 0; i < count; i++) {
        // An element of no characters would be the current folder.
        fprintf(out, "%s%s/%s", is_empty ? "" : ":", folder, jars[i]->d_name);
        is_empty = false;
        free(jars[i]);
    }
    free(jars);
    fclose(out);
    if (is_empty) {
        free(option);
        return NULL;
    }
    return option;
}

// The folder of this library.
static void own_folder(char folder[PATH_MAX]) {
    Dl_info info;
    if (dladdr(&mutex, &info) == 0 || realpath(info.dli_fname, folder) == NULL) {
        snprintf(folder, PATH_MAX, ".");
        return;
    }
    *strrchr(folder, '/') = '\0';
}

static jint create(create_jvm_function * create_jvm, JavaVM ** made, JavaVMInitArgs * arguments,
        struct start * start) {
    if (setjmp(start->abort) != 0) {
        starting = NULL;
        aborted = start->said;
        return JNI_ERR;
    }
    starting = start;
    JNIEnv * env;
    jint result = create_jvm(made, (void **) &env, arguments);
    starting = NULL;
    return result;
}

// Signals that the JVM takes for itself and can do without. It needs those of faults, and passes on what is not its own
// to the handler that was there; -Xrs keeps it away from all others.
static const int SPARED[] = {SIGPIPE, SIGXFSZ, SIGUSR2};
enum { SPARED_COUNT = sizeof(SPARED) / sizeof(SPARED[0]) };

// Only Flight Recorder sends SIGUSR2, to threads of the process; without a handler that would be its end.
static bool is_given_back(int number, const struct sigaction * before) {
    return number != SIGUSR2 || (before->sa_handler != SIG_DFL && before->sa_handler != SIG_IGN);
}

static jint create_sparing_signals(create_jvm_function * create_jvm, JavaVM ** made, JavaVMInitArgs * arguments,
        struct start * start) {
    struct sigaction before[SPARED_COUNT];
    for (int i = 0; i < SPARED_COUNT; i++) {
        sigaction(SPARED[i], NULL, &before[i]);
    }
    jint result = create(create_jvm, made, arguments, start);
    for (int i = 0; i < SPARED_COUNT; i++) {
        if (is_given_back(SPARED[i], &before[i])) {
            sigaction(SPARED[i], &before[i], NULL);
        }
    }
    return result;
}

static bool start_with(create_jvm_function * create_jvm, const struct jdk * jdk, char * class_path, char * flags,
        struct message * message) {
    JavaVMOption options[OPTIONS_MAX] = {
        {class_path, NULL},
        {"--enable-native-access=ALL-UNNAMED", NULL},
        {"-Xrs", NULL},
        {"-Xlog:disable", NULL},
        {"-Xlog:all=warning:stderr", NULL},
        {"-XX:+DisplayVMOutputToStderr", NULL},
        {"abort", (void *) (intptr_t) on_abort},
        {"vfprintf", (void *) (intptr_t) on_print},
    };
    jint count = 8;
    if (jdk->has_vectors) {
        options[count++].optionString = "--add-modules=jdk.incubator.vector";
    }
    char * rest = NULL;
    for (char * flag = strtok_r(flags, " \t\n", &rest); flag != NULL; flag = strtok_r(NULL, " \t\n", &rest)) {
        if (count == OPTIONS_MAX) {
            return fail(message, "JAVA_SAMPLER_JVM_OPTIONS must have fewer than %d flags", OPTIONS_MAX - 9);
        }
        options[count++].optionString = flag;
    }
    JavaVMInitArgs arguments = {JNI_VERSION_MIN, count, options, JNI_FALSE};
    // Java itself writes to standard error: what is said there is not known here.
    struct start start = {.said.text = "(see stderr) "};
    JavaVM * made = NULL;
    jint result = create_sparing_signals(create_jvm, &made, &arguments, &start);
    if (result == JNI_EVERSION) {
        return fail(message, "the JDK must be %d or newer, and that of %s is older; set JAVA_HOME to another",
                JDK_RELEASE_MIN, jdk->home);
    }
    if (result != JNI_OK) {
        return fail(message, "the JVM of %s must start, and does not: %s(JNI error %d); look at"
                " JAVA_SAMPLER_JVM_OPTIONS and JAVA_TOOL_OPTIONS", jdk->home, start.said.text, result);
    }
    (*made)->DetachCurrentThread(made);
    jvm = made;
    return true;
}

static bool start(struct message * message) {
    struct jdk jdk;
    if (!jdk_find(&jdk, message)) {
        return false;
    }
    char library[sizeof(jdk.home) + sizeof("/lib/server/libjvm.so")];
    snprintf(library, sizeof(library), "%s/lib/server/libjvm.so", jdk.home);
    void * libjvm = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    create_jvm_function * create_jvm = NULL;
    if (libjvm != NULL) {
        *(void **) &create_jvm = dlsym(libjvm, "JNI_CreateJavaVM");
    }
    if (create_jvm == NULL) {
        return fail(message, "%s must be a JVM, and cannot be loaded: %s; set JAVA_HOME to another JDK", library,
                dlerror());
    }
    char folder[PATH_MAX];
    own_folder(folder);
    char * class_path = class_path_option(folder);
    if (class_path == NULL) {
        return fail(message, "java-sampler's jars must lie beside libjavasampler.so, and there are none in %s; put them"
                " there, or into JAVA_SAMPLER_CLASS_PATH", folder);
    }
    const char * own = getenv("JAVA_SAMPLER_JVM_OPTIONS");
    char * flags = strdup(own == NULL ? OPTIONS_DEFAULT : own);
    bool started = flags != NULL && start_with(create_jvm, &jdk, class_path, flags, message);
    free(flags);
    free(class_path);
    return started;
}

static JavaVM * existing(void) {
    created_jvms_function * created_jvms = NULL;
    *(void **) &created_jvms = loaded_function("JNI_GetCreatedJavaVMs");
    JavaVM * found = NULL;
    jsize count = 0;
    return created_jvms != NULL && created_jvms(&found, 1, &count) == JNI_OK && count > 0 ? found : NULL;
}

JavaVM * jvm_get(struct message * message) {
    pthread_mutex_lock(&mutex);
    if (jvm == NULL) {
        jvm_process = getpid();
        if (*aborted.text != '\0') {
            fail(message, "the JVM must start at the first attempt, for a process has but one, and it did not: %s",
                    aborted.text);
        } else if ((jvm = existing()) == NULL) {
            start(message);
        }
    }
    JavaVM * found = jvm;
    if (found != NULL && jvm_process != getpid()) {
        found = NULL;
        fail(message, "java_sampler_init must be called by the process that started the JVM, and this is a fork of it,"
                " where no JVM can run; call it for the first time after the fork, or start another program (in Python,"
                " multiprocessing's \"spawn\")");
    }
    pthread_mutex_unlock(&mutex);
    return found;
}
