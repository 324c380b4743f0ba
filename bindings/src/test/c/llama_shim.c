// A libllama that is the packaged one, but for what these macros change. ShimLibrary compiles it.
//
//   VERSION          what llama_version() says
//   TOP_K            what llama_sampler_init_top_k does
//   DEFAULTS         what llama_context_default_params does
//   TABLE            what becomes of `own`, the copy of a `table` whose functions are Java
//   CONTEXT_PARAMS   a file with another `struct context_params`, which has more between type_v and abort_callback
#define _GNU_SOURCE
#include "llama.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char * llama_version(void) {
    return VERSION;
}

#ifdef TOP_K
struct llama_sampler * llama_sampler_init_top_k(int32_t k) {
    (void) k;
    TOP_K;
}
#endif

#ifdef DEFAULTS
struct llama_context_params llama_context_default_params(void) {
    DEFAULTS;
}
#endif

#ifdef TABLE
typedef struct llama_sampler * sampler_init_function(struct llama_sampler_i * table, llama_sampler_context_t ctx);

struct llama_sampler * llama_sampler_init(struct llama_sampler_i * table, llama_sampler_context_t ctx) {
    static struct llama_sampler_i own;
    Dl_info found;
    if (dladdr((void *) table->apply, &found) == 0) {
        // No library has the function: it is a stub of the JVM's.
        own = *table;
        TABLE;
        table = &own;
    }
    return ((sampler_init_function *) dlsym(RTLD_NEXT, "llama_sampler_init"))(table, ctx);
}
#endif

#ifdef CONTEXT_PARAMS
#include CONTEXT_PARAMS

#define BEFORE offsetof(struct llama_context_params, abort_callback)
#define ADDED  (sizeof(struct context_params) - sizeof(struct llama_context_params))

typedef struct llama_context_params defaults_function(void);
typedef struct llama_context * init_function(struct llama_model * model, struct llama_context_params params);

// Under other names, for the header has declared these with its own struct.
struct context_params shim_defaults(void) __asm__("llama_context_default_params");
struct llama_context * shim_init(struct llama_model * model, struct context_params params)
    __asm__("llama_init_from_model");

struct context_params shim_defaults(void) {
    struct llama_context_params own = ((defaults_function *) dlsym(RTLD_NEXT, "llama_context_default_params"))();
    struct context_params params;
    memset(&params, 0, sizeof(params));
    memcpy(&params, &own, BEFORE);
    memcpy((char *) &params + BEFORE + ADDED, (char *) &own + BEFORE, sizeof(own) - BEFORE);
    return params;
}

struct llama_context * shim_init(struct llama_model * model, struct context_params params) {
    struct llama_context_params own;
    memcpy(&own, &params, BEFORE);
    memcpy((char *) &own + BEFORE, (char *) &params + BEFORE + ADDED, sizeof(own) - BEFORE);
    return ((init_function *) dlsym(RTLD_NEXT, "llama_init_from_model"))(model, own);
}
#endif
