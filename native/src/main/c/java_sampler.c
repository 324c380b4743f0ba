// java_sampler_init: from the host's thread to Java and back.
#include "java_sampler.h"

#include "internal.h"

#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#define SPEC_BYTES_MAX (1 << 20)

struct call {
    const char * spec;
    struct llama_sampler * sampler;
    struct message message;
};

bool fail(struct message * message, const char * format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message->text, sizeof(message->text), format, arguments);
    va_end(arguments);
    return false;
}

// Text crosses as bytes, for JNI's own strings are not UTF-8.
static bool call_java(JNIEnv * env, jclass plugin, jmethodID init, void * llama_sampler_init, struct call * call) {
    jsize length = (jsize) strlen(call->spec);
    jbyteArray spec = (*env)->NewByteArray(env, length);
    jlongArray sampler = (*env)->NewLongArray(env, 1);
    if (spec == NULL || sampler == NULL) {
        return fail(&call->message, "the JVM must have heap for %d bytes, and has not; give it more by -Xmx in"
                " JAVA_SAMPLER_JVM_OPTIONS", length);
    }
    (*env)->SetByteArrayRegion(env, spec, 0, length, (const jbyte *) call->spec);
    jbyteArray error = (*env)->CallStaticObjectMethod(env, plugin, init, spec,
            (jlong) (intptr_t) llama_sampler_init, sampler);
    if ((*env)->ExceptionCheck(env)) {
        (*env)->ExceptionDescribe(env);
        return fail(&call->message, "Java must report what goes wrong, and threw instead: see stderr");
    }
    if (error != NULL) {
        jsize size = (*env)->GetArrayLength(env, error);
        jsize capacity = sizeof(call->message.text) - 1;
        (*env)->GetByteArrayRegion(env, error, 0, size < capacity ? size : capacity, (jbyte *) call->message.text);
        return false;
    }
    jlong address = 0;
    (*env)->GetLongArrayRegion(env, sampler, 0, 1, &address);
    call->sampler = (struct llama_sampler *) (intptr_t) address;
    return true;
}

static void find_and_call_java(JNIEnv * env, void * llama_sampler_init, struct call * call) {
    jclass plugin = (*env)->FindClass(env, "io/github/javasampler/llama/PluginCall");
    jmethodID init = plugin == NULL ? NULL : (*env)->GetStaticMethodID(env, plugin, "init", "([BJ[J)[B");
    if (init == NULL) {
        (*env)->ExceptionDescribe(env);
        fail(&call->message, "the class path of the JVM must have java-sampler's jars of version %s, and has not: see"
                " stderr; put them beside libjavasampler.so, or on the class path of a JVM that was there before",
                JAVA_SAMPLER_VERSION);
    } else {
        call_java(env, plugin, init, llama_sampler_init, call);
    }
    (*env)->ExceptionClear(env);
}

static void * run(void * argument) {
    struct call * call = argument;
    void * llama_sampler_init = loaded_function("llama_sampler_init");
    if (llama_sampler_init == NULL) {
        fail(&call->message, "libllama must be loaded in this process before java_sampler_init is called, and no"
                " library here exports llama_sampler_init; load it, or link with -rdynamic if it is in the program");
        return NULL;
    }
    JavaVM * jvm = jvm_get(&call->message);
    if (jvm == NULL) {
        return NULL;
    }
    JNIEnv * env = NULL;
    JavaVMAttachArgs arguments = {JNI_VERSION_MIN, "java_sampler_init", NULL};
    jint attached = (*jvm)->AttachCurrentThreadAsDaemon(jvm, (void **) &env, &arguments);
    if (attached == JNI_OK) {
        find_and_call_java(env, llama_sampler_init, call);
        (*jvm)->DetachCurrentThread(jvm);
    } else {
        fail(&call->message, "the JVM of this process must be of JDK %d or newer and take a thread, and does not (%d)",
                JDK_RELEASE_MIN, attached);
    }
    return NULL;
}

// Everything happens in a thread that ends before this returns. The host's own is not attached to the JVM, may have a
// small stack, and keeps its signals: the JVM's threads inherit those of this one, all blocked but for faults, so none
// of them is given a signal that is the host's.
static void run_apart(struct call * call) {
    sigset_t blocked;
    sigset_t before;
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    sigdelset(&blocked, SIGTRAP);
    pthread_t thread;
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int problem = pthread_create(&thread, NULL, run, call);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (problem == 0) {
        pthread_join(thread, NULL);
    } else {
        fail(&call->message, "a thread must be started, and cannot be: %s", strerror(problem));
    }
}

// Does not cut a character in two.
static void copy_cut(char * target, size_t size, const char * text) {
    if (target == NULL || size == 0) {
        return;
    }
    size_t length = strlen(text);
    if (length >= size) {
        length = size - 1;
        while (length > 0 && ((unsigned char) text[length] & 0xC0) == 0x80) {
            length--;
        }
    }
    memcpy(target, text, length);
    target[length] = '\0';
}

struct llama_sampler * java_sampler_init(const char * spec, char * error, size_t error_size) {
    struct call call = {.spec = spec};
    if (spec == NULL) {
        fail(&call.message, "spec must be a chain such as \"top_k=40,seed=99\", got a null pointer");
    } else if (strlen(spec) > SPEC_BYTES_MAX) {
        fail(&call.message, "spec must have at most %d bytes, got %zu", SPEC_BYTES_MAX, strlen(spec));
    } else {
        run_apart(&call);
    }
    copy_cut(error, error_size, call.message.text);
    return call.sampler;
}

const char * java_sampler_version(void) {
    return JAVA_SAMPLER_VERSION;
}
