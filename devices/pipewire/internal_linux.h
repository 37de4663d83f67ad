//go:build cgo

// What the C files of this package share.

#ifndef PARLEY_PIPEWIRE_INTERNAL_H
#define PARLEY_PIPEWIRE_INTERNAL_H

#include "library_linux.h"
#include "remote_linux.h"

struct parley_remote {
	uintptr_t handle;
	struct pw_thread_loop *loop;
	struct pw_context *context;
	struct pw_core *core;
	struct pw_registry *registry;
	struct spa_hook core_hook, registry_hook;
};

#endif
