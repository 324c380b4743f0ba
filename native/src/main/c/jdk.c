// Finds a JDK: that of JAVA_HOME and no other, where it is set; else that of the java on the PATH, or one in the usual
// places. Like scripts/jdk25.
#include "internal.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef JDK_PLACES
#define JDK_PLACES "/usr/lib/jvm/*", "/opt/*", "~/.sdkman/candidates/java/*", "~/.jdks/*"
#endif

#define RELEASE_FILE_BYTES 16384
// Of a JVM that came without its file "release"; how old it is turns out when it starts.
#define RELEASE_UNKNOWN INT_MAX

static const char * const PLACES[] = {JDK_PLACES};

// The release of the JDK in a folder; 0 if there is no JVM.
static long release_of(const char * home, bool * has_vectors) {
    char path[PATH_MAX + sizeof("/lib/server/libjvm.so")];
    snprintf(path, sizeof(path), "%s/lib/server/libjvm.so", home);
    *has_vectors = false;
    if (access(path, R_OK) != 0) {
        return 0;
    }
    snprintf(path, sizeof(path), "%s/release", home);
    FILE * file = fopen(path, "r");
    if (file == NULL) {
        return RELEASE_UNKNOWN;
    }
    char text[RELEASE_FILE_BYTES];
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    fclose(file);
    // Without the module the JVM would not start if it were asked for it.
    *has_vectors = strstr(text, "jdk.incubator.vector") != NULL;
    const char * version = strstr(text, "JAVA_VERSION=\"");
    return version == NULL ? RELEASE_UNKNOWN : strtol(version + strlen("JAVA_VERSION=\""), NULL, 10);
}

static bool is_found(const char * home, struct jdk * jdk) {
    long release = release_of(home, &jdk->has_vectors);
    snprintf(jdk->home, sizeof(jdk->home), "%s", home);
    return release >= JDK_RELEASE_MIN && release != RELEASE_UNKNOWN;
}

static bool find_by_path(struct jdk * jdk) {
    const char * path = getenv("PATH");
    for (; path != NULL && *path != '\0'; path += strcspn(path, ":"), path += *path == ':') {
        char java[PATH_MAX];
        char real[PATH_MAX];
        snprintf(java, sizeof(java), "%.*s/java", (int) strcspn(path, ":"), path);
        if (access(java, X_OK) == 0 && realpath(java, real) != NULL) {
            char * end = strstr(real, "/bin/java");
            if (end != NULL) {
                *end = '\0';
            }
            return is_found(real, jdk);
        }
    }
    return false;
}

static bool find_by_place(struct jdk * jdk) {
    bool found = false;
    for (size_t i = 0; !found && i < sizeof(PLACES) / sizeof(PLACES[0]); i++) {
        glob_t homes;
        if (glob(PLACES[i], GLOB_TILDE, NULL, &homes) == 0) {
            for (size_t k = 0; !found && k < homes.gl_pathc; k++) {
                found = is_found(homes.gl_pathv[k], jdk);
            }
            globfree(&homes);
        }
    }
    return found;
}

bool jdk_find(struct jdk * jdk, struct message * message) {
    const char * home = getenv("JAVA_HOME");
    if (home == NULL || *home == '\0') {
        if (find_by_path(jdk) || find_by_place(jdk)) {
            return true;
        }
        return fail(message, "a JDK %d or newer must be on this machine; JAVA_HOME is not set, and none is that of the"
                " java on the PATH or in /usr/lib/jvm, /opt, ~/.sdkman or ~/.jdks; install one, or set JAVA_HOME",
                JDK_RELEASE_MIN);
    }
    long release = release_of(home, &jdk->has_vectors);
    snprintf(jdk->home, sizeof(jdk->home), "%s", home);
    if (release == 0) {
        return fail(message, "JAVA_HOME must be the folder of a JDK %d or newer, and there is no lib/server/libjvm.so"
                " in %s; set it to one, or unset it to have one looked for", JDK_RELEASE_MIN, home);
    }
    if (release < JDK_RELEASE_MIN) {
        return fail(message, "JAVA_HOME must be the folder of a JDK %d or newer, and %s has a JDK %ld; set it to one,"
                " or unset it to have one looked for", JDK_RELEASE_MIN, home, release);
    }
    return true;
}
