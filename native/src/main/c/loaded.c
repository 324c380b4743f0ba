// Finds functions of libraries that the host has loaded.
#include "internal.h"

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>

struct object {
    size_t countdown;
    char path[PATH_MAX];
};

static int copy_path(struct dl_phdr_info * info, size_t size, void * data) {
    (void) size;
    struct object * object = data;
    if (object->countdown > 0) {
        object->countdown--;
        return 0;
    }
    snprintf(object->path, sizeof(object->path), "%s", info->dlpi_name);
    return 1;
}

// Hosts such as Python load libraries RTLD_LOCAL, which RTLD_DEFAULT does not see, so each one is asked. Not from
// within the callback: it runs under a lock that dlopen takes too.
void * loaded_function(const char * name) {
    void * function = dlsym(RTLD_DEFAULT, name);
    for (size_t i = 0; function == NULL; i++) {
        struct object object = {.countdown = i};
        if (dl_iterate_phdr(copy_path, &object) == 0) {
            return NULL;
        }
        void * library = dlopen(object.path, RTLD_LAZY | RTLD_NOLOAD);
        if (library != NULL) {
            function = dlsym(library, name);
            dlclose(library);
        }
    }
    return function;
}
