//go:build cgo

// A connection to PipeWire and its streams, for Go. Every function may be called from any thread, but not from within a callback.

#ifndef PARLEY_PIPEWIRE_REMOTE_H
#define PARLEY_PIPEWIRE_REMOTE_H

#include <stdint.h>

struct parley_remote;
struct parley_stream;

// parley_remote_open takes over fd, also when it fails: then it returns NULL and sets errno. handle is for the callbacks.
struct parley_remote *parley_remote_open(int fd, uintptr_t handle);

// parley_remote_sync asks for an answer, which comes once everything that was said before has arrived. It returns its number,
// or a negative errno.
int parley_remote_sync(struct parley_remote *r);

// parley_remote_close ends the connection and its thread. Streams are destroyed before. No callback comes any more.
void parley_remote_close(struct parley_remote *r);

// parley_stream_new begins to read a node. It returns NULL and sets errno when it fails.
struct parley_stream *parley_stream_new(struct parley_remote *r, uintptr_t handle, uint32_t node, int width, int height, double rate);

// parley_stream_destroy ends a stream. No callback comes any more.
void parley_stream_destroy(struct parley_stream *s);

// The orders of bytes, as package bgra counts them.
enum parley_order { PARLEY_BGRA, PARLEY_RGBA, PARLEY_YUY2, PARLEY_NV12, PARLEY_I420 };

// parley_picture is one picture in shared memory, of which size bytes may be read at data until the callback returns. The crop
// lies within the picture; it is the whole of it mostly.
struct parley_picture {
	const uint8_t *data;
	uint32_t size;
	int32_t stride;
	uint32_t order, width, height;
	uint32_t crop_x, crop_y, crop_width, crop_height;
	int64_t age; // nanoseconds since it was taken; 0 when that is not known
};

#endif
