//go:build cgo

// The functions of libpipewire that this package calls. Its headers say what they are; where they are is found at run time.

#ifndef PARLEY_PIPEWIRE_LIBRARY_H
#define PARLEY_PIPEWIRE_LIBRARY_H

#include <pipewire/pipewire.h>

#define PW_FUNCTIONS(X)            \
	X(pw_init)                 \
	X(pw_thread_loop_new)      \
	X(pw_thread_loop_destroy)  \
	X(pw_thread_loop_start)    \
	X(pw_thread_loop_stop)     \
	X(pw_thread_loop_lock)     \
	X(pw_thread_loop_unlock)   \
	X(pw_thread_loop_get_loop) \
	X(pw_context_new)          \
	X(pw_context_destroy)      \
	X(pw_context_connect_fd)   \
	X(pw_core_disconnect)      \
	X(pw_proxy_destroy)        \
	X(pw_properties_new_dict)  \
	X(pw_stream_new)           \
	X(pw_stream_add_listener)  \
	X(pw_stream_connect)       \
	X(pw_stream_destroy)       \
	X(pw_stream_update_params) \
	X(pw_stream_dequeue_buffer) \
	X(pw_stream_queue_buffer)

struct library {
#define DECLARE(name) __typeof__(name) *name;
	PW_FUNCTIONS(DECLARE)
#undef DECLARE
};

// lib is filled once parley_pw_load has returned NULL.
extern struct library lib;

// parley_pw_load loads the library of that name. It returns NULL, or why it could not, which is not to be freed. One thread at a
// time.
const char *parley_pw_load(const char *name);

#endif
