// A host that calls java_sampler_init twice, with what it is told to, for PlugInErrorsIT. It links to no libllama.
//
//   plugin_init SPEC ERROR_SIZE [LIBRARY ...]
//
// A SPEC of "(null)" is a null pointer, and so is the error of an ERROR_SIZE of -1. The libraries are loaded as Python
// does it: nobody sees their functions who does not ask them. Prints a line for each call.
#include "java_sampler.h"

#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(int argc, char ** argv) {
    if (argc < 3) {
        return 2;
    }
    for (int i = 3; i < argc; i++) {
        if (dlopen(argv[i], RTLD_NOW | RTLD_LOCAL) == NULL) {
            fprintf(stderr, "%s\n", dlerror());
            return 1;
        }
    }
    const char * spec = strcmp(argv[1], "(null)") == 0 ? NULL : argv[1];
    int size = atoi(argv[2]);
    for (int i = 0; i < 2; i++) {
        // Not one byte more than is said.
        char * error = size < 0 ? NULL : malloc((size_t) size);
        struct llama_sampler * sampler = java_sampler_init(spec, error, size < 0 ? 99 : (size_t) size);
        printf("%s: %s\n", sampler == NULL ? "none" : "made", size > 0 ? error : "");
        free(error);
    }
    return 0;
}
