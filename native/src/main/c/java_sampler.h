// Samplers of Java for a program that uses llama.cpp and is not Java itself.
#ifndef JAVA_SAMPLER_H
#define JAVA_SAMPLER_H

#include <stddef.h>

#if defined(__GNUC__)
#define JAVA_SAMPLER_API __attribute__((visibility("default")))
#else
#define JAVA_SAMPLER_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

struct llama_sampler;

// Makes a llama_sampler of a text, for the libllama that this process has loaded. The first call starts a JVM, unless
// the process has one. It may be called from any thread, and from several at once.
//
//   spec        a chain, such as "top_k=40,top_p=0.95,min_p=0.05,temperature=0.8,seed=99". class=com.example.MyStage
//               is a stage of your own, from the class path; numerics=llama.cpp asks for llama.cpp's bits.
//   error       gets a C string: why there is none, in UTF-8, cut to fit; "" if there is one. May be null.
//   error_size  how many bytes it has. May be 0.
//
// Returns the sampler, which llama_sampler_free frees, or a chain that it was added to; null if there is none.
JAVA_SAMPLER_API struct llama_sampler * java_sampler_init(const char * spec, char * error, size_t error_size);

// The version of this library, such as "0.1.0".
JAVA_SAMPLER_API const char * java_sampler_version(void);

#ifdef __cplusplus
}
#endif

#endif
