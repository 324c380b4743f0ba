// What the files of this library have for each other.
#ifndef JAVA_SAMPLER_INTERNAL_H
#define JAVA_SAMPLER_INTERNAL_H

#include <jni.h>
#include <limits.h>
#include <stdbool.h>

#define JDK_RELEASE_MIN 25
// JDK 25 has no JNI version of its own.
#define JNI_VERSION_MIN JNI_VERSION_24

struct message {
    char text[4096];
};

// Says why something failed: what must hold, what came, what to do. Returns false, for the caller to return.
__attribute__((format(printf, 2, 3))) bool fail(struct message * message, const char * format, ...);

struct jdk {
    char home[PATH_MAX];
    bool has_vectors;
};

// jdk.c: the JDK to start. False if there is none.
bool jdk_find(struct jdk * jdk, struct message * message);

// jvm.c: the JVM of this process, which is started if there is none yet. Null if that fails.
JavaVM * jvm_get(struct message * message);

// loaded.c: a function of any library that this process has loaded. Null if there is none.
void * loaded_function(const char * name);

#endif
