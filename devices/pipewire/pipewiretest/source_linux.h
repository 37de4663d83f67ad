//go:build cgo

// A source of pictures, for Go: a stream that drives itself.

#ifndef PARLEY_PIPEWIRETEST_SOURCE_H
#define PARLEY_PIPEWIRETEST_SOURCE_H

#include <stdbool.h>
#include <stdint.h>

struct source;

#define MAX_SIZES 4

// source_new adds a source over the connection fd, which it takes over, and waits until it has a number. format is a spa_video_format;
// sizes are n pairs of width and height, at most MAX_SIZES; a rate of 0 is that of a screen. Its memory has that many bytes; less of them exist when it is cut.
struct source *source_new(int fd, const char *name, const char *class, uint32_t format, const int *sizes, int n, int rate, uint32_t bytes, uint32_t cut);

uint32_t source_node(struct source *s);

// source_resize offers another size.
void source_resize(struct source *s, int width, int height);

struct picture {
	uint32_t copy; // bytes of data that are really copied
	uint32_t offset, size;
	int32_t stride;
	bool corrupted_chunk, corrupted_header;
	int32_t crop_x, crop_y;
	uint32_t crop_width, crop_height;
	int64_t age; // nanoseconds, negative for no time at all
};

// source_send sends one picture, unless nobody reads or all memory is in use.
void source_send(struct source *s, const uint8_t *data, const struct picture *p);

void source_destroy(struct source *s);

#endif
