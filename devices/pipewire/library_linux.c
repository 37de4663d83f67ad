//go:build cgo

#include "library_linux.h"

#include <dlfcn.h>

struct library lib;

const char *parley_pw_load(const char *file)
{
	struct library found;
	void *handle = dlopen(file, RTLD_NOW | RTLD_LOCAL);
	if (handle == NULL)
		return dlerror();
#define FIND(name)                                 \
	found.name = dlsym(handle, #name);           \
	if (found.name == NULL) {                    \
		dlclose(handle);                   \
		return "it has no " #name; \
	}
	PW_FUNCTIONS(FIND)
#undef FIND
	lib = found;
	lib.pw_init(NULL, NULL);
	return NULL; // and the library stays loaded
}
