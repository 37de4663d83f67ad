//go:build cgo

#include "internal_linux.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include <spa/param/buffers.h>
#include <spa/param/video/format-utils.h>

#include "_cgo_export.h"

// What VP8 can say, and what a picture may take at the most: 64 million pixels are sixteen screens of 4K.
#define MAX_SIDE 16383
#define MAX_AREA (1u << 26)

struct parley_stream {
	uintptr_t handle;
	struct parley_remote *remote;
	struct pw_stream *stream;
	struct spa_hook hook;
	bool ready; // what follows is known
	uint32_t order, width, height;
};

static const struct {
	uint32_t format, order;
} formats[] = {
	{ SPA_VIDEO_FORMAT_BGRx, PARLEY_BGRA }, { SPA_VIDEO_FORMAT_BGRA, PARLEY_BGRA },
	{ SPA_VIDEO_FORMAT_RGBx, PARLEY_RGBA }, { SPA_VIDEO_FORMAT_RGBA, PARLEY_RGBA },
	{ SPA_VIDEO_FORMAT_YUY2, PARLEY_YUY2 }, { SPA_VIDEO_FORMAT_NV12, PARLEY_NV12 },
	{ SPA_VIDEO_FORMAT_I420, PARLEY_I420 },
};

// add_format says that every format of ours will do, in sizes and rates of these ranges. A format without a modifier has no DMA-BUF.
static struct spa_pod *add_format(struct spa_pod_builder *b, struct spa_rectangle want, struct spa_rectangle least, struct spa_rectangle most,
				  struct spa_fraction rate, struct spa_fraction slowest)
{
	struct spa_pod_frame object, choice;
	struct spa_fraction fastest = SPA_FRACTION(1000, 1), still = SPA_FRACTION(0, 1);
	spa_pod_builder_push_object(b, &object, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat);
	spa_pod_builder_add(b, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
			    SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw), 0);
	spa_pod_builder_prop(b, SPA_FORMAT_VIDEO_format, 0);
	spa_pod_builder_push_choice(b, &choice, SPA_CHOICE_Enum, 0);
	spa_pod_builder_id(b, formats[0].format); // the first is the preferred one, and is listed again
	for (size_t i = 0; i < SPA_N_ELEMENTS(formats); i++)
		spa_pod_builder_id(b, formats[i].format);
	spa_pod_builder_pop(b, &choice);
	spa_pod_builder_add(b, SPA_FORMAT_VIDEO_size, SPA_POD_CHOICE_RANGE_Rectangle(&want, &least, &most),
			    SPA_FORMAT_VIDEO_framerate, SPA_POD_CHOICE_RANGE_Fraction(&rate, &slowest, &fastest),
			    // Screens have no rate of their own (0/1) and take this one for the most: they send when something changes.
			    SPA_FORMAT_VIDEO_maxFramerate, SPA_POD_CHOICE_RANGE_Fraction(&rate, &still, &rate), 0);
	return spa_pod_builder_pop(b, &object);
}

// set_buffers says which memory will do, and what is to be told with each picture.
static int set_buffers(struct parley_stream *s)
{
	uint8_t memory[1024];
	struct spa_pod_builder b = SPA_POD_BUILDER_INIT(memory, sizeof(memory));
	const struct spa_pod *params[] = {
		spa_pod_builder_add_object(&b, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers,
					   SPA_PARAM_BUFFERS_buffers, SPA_POD_CHOICE_RANGE_Int(4, 2, 16),
					   SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1),
					   SPA_PARAM_BUFFERS_dataType, SPA_POD_CHOICE_FLAGS_Int((1 << SPA_DATA_MemPtr) | (1 << SPA_DATA_MemFd))),
		spa_pod_builder_add_object(&b, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
					   SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),
					   SPA_PARAM_META_size, SPA_POD_Int(sizeof(struct spa_meta_header))),
		spa_pod_builder_add_object(&b, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
					   SPA_PARAM_META_type, SPA_POD_Id(SPA_META_VideoCrop),
					   SPA_PARAM_META_size, SPA_POD_Int(sizeof(struct spa_meta_region))),
	};
	return lib.pw_stream_update_params(s->stream, params, SPA_N_ELEMENTS(params));
}

// The source says which format it is going to be, at the start and whenever its size changes.
static void on_param(void *data, uint32_t id, const struct spa_pod *param)
{
	struct parley_stream *s = data;
	struct spa_video_info_raw raw = { 0 };
	uint32_t type, subtype;
	if (id != SPA_PARAM_Format)
		return;
	s->ready = false;
	if (param == NULL)
		return; // it is being changed
	if (spa_format_parse(param, &type, &subtype) < 0 || type != SPA_MEDIA_TYPE_video || subtype != SPA_MEDIA_SUBTYPE_raw ||
	    spa_format_video_raw_parse(param, &raw) < 0) {
		parleyEnded(s->handle, "its format makes no sense");
		return;
	}
	uint32_t w = raw.size.width, h = raw.size.height;
	if (w == 0 || h == 0 || w > MAX_SIDE || h > MAX_SIDE || w * h > MAX_AREA) {
		parleyEnded(s->handle, "its pictures are too large, or empty");
		return;
	}
	for (size_t i = 0; i < SPA_N_ELEMENTS(formats); i++)
		if (formats[i].format == raw.format) {
			s->order = formats[i].order;
			s->width = w;
			s->height = h;
			s->ready = set_buffers(s) >= 0;
			parleyAgreed(s->handle);
			return;
		}
	parleyEnded(s->handle, "its format was not asked for");
}

static void on_state(void *data, enum pw_stream_state old, enum pw_stream_state state, const char *error)
{
	struct parley_stream *s = data;
	if (state == PW_STREAM_STATE_ERROR)
		parleyEnded(s->handle, (char *)(error ? error : "it failed"));
	else if (state == PW_STREAM_STATE_UNCONNECTED && old != PW_STREAM_STATE_UNCONNECTED)
		parleyEnded(s->handle, "it was disconnected");
}

// A file that is shorter than it is said to be would be found out by a crash, when its end is read.
static void on_add_buffer(void *data, struct pw_buffer *buffer)
{
	struct parley_stream *s = data;
	for (uint32_t i = 0; i < buffer->buffer->n_datas; i++) {
		const struct spa_data *d = &buffer->buffer->datas[i];
		struct stat info;
		if (d->type == SPA_DATA_MemFd &&
		    (fstat(d->fd, &info) < 0 || info.st_size < (int64_t)d->mapoffset + (int64_t)d->maxsize))
			parleyEnded(s->handle, "its memory is shorter than it says");
	}
}

// read_chunk finds the bytes of a picture. The chunk lies in shared memory: each number is read once, then checked.
static bool read_chunk(const struct spa_data *d, struct parley_picture *p)
{
	const volatile struct spa_chunk *chunk = d->chunk;
	if (d->data == NULL || chunk == NULL || (d->type != SPA_DATA_MemPtr && d->type != SPA_DATA_MemFd))
		return false;
	uint32_t offset = chunk->offset, size = chunk->size;
	int32_t stride = chunk->stride;
	if ((chunk->flags & SPA_CHUNK_FLAG_CORRUPTED) != 0 || size == 0 || stride < 0 || offset >= d->maxsize)
		return false;
	p->data = (const uint8_t *)d->data + offset;
	p->size = SPA_MIN(size, d->maxsize - offset);
	p->stride = stride;
	return true;
}

// read_crop finds which part of the picture counts.
static bool read_crop(const struct spa_buffer *buffer, struct parley_picture *p)
{
	p->crop_x = p->crop_y = 0;
	p->crop_width = p->width;
	p->crop_height = p->height;
	const volatile struct spa_meta_region *crop = spa_buffer_find_meta_data(buffer, SPA_META_VideoCrop, sizeof(*crop));
	if (crop == NULL)
		return true;
	int64_t x = crop->region.position.x, y = crop->region.position.y;
	uint32_t w = crop->region.size.width, h = crop->region.size.height;
	if (w == 0 || h == 0)
		return true; // nothing is cut
	if (x < 0 || y < 0 || x + w > p->width || y + h > p->height)
		return false;
	p->crop_x = x;
	p->crop_y = y;
	p->crop_width = w;
	p->crop_height = h;
	return true;
}

// read_header finds how old the picture is; most sources stamp it with the monotonic clock, some with another or none.
static bool read_header(const struct spa_buffer *buffer, struct parley_picture *p)
{
	const volatile struct spa_meta_header *header = spa_buffer_find_meta_data(buffer, SPA_META_Header, sizeof(*header));
	struct timespec now;
	p->age = 0;
	if (header == NULL)
		return true;
	if ((header->flags & SPA_META_HEADER_FLAG_CORRUPTED) != 0)
		return false;
	int64_t pts = header->pts;
	clock_gettime(CLOCK_MONOTONIC, &now);
	int64_t at = SPA_TIMESPEC_TO_NSEC(&now);
	if (pts > 0 && pts <= at && at - pts < SPA_NSEC_PER_SEC)
		p->age = at - pts;
	return true;
}

static bool readable(const struct parley_stream *s, const struct spa_buffer *buffer, struct parley_picture *p)
{
	*p = (struct parley_picture){ .order = s->order, .width = s->width, .height = s->height };
	return s->ready && buffer->n_datas == 1 && read_chunk(&buffer->datas[0], p) && read_crop(buffer, p) && read_header(buffer, p);
}

// on_process takes the newest of the pictures that have come and can be read, and gives all back.
static void on_process(void *data)
{
	struct parley_stream *s = data;
	struct parley_picture newest, p;
	struct pw_buffer *kept = NULL, *next;
	while ((next = lib.pw_stream_dequeue_buffer(s->stream)) != NULL) {
		if (!readable(s, next->buffer, &p)) {
			lib.pw_stream_queue_buffer(s->stream, next);
			continue;
		}
		if (kept != NULL)
			lib.pw_stream_queue_buffer(s->stream, kept);
		kept = next;
		newest = p;
	}
	if (kept == NULL)
		return;
	parleyPicture(s->handle, &newest);
	lib.pw_stream_queue_buffer(s->stream, kept);
}

static const struct pw_stream_events events = {
	PW_VERSION_STREAM_EVENTS,
	.param_changed = on_param,
	.state_changed = on_state,
	.add_buffer = on_add_buffer,
	.process = on_process,
};

// connect_stream says what is wanted, the best first: the size and the rate; a smaller size at the rate; whatever there is.
static int connect_stream(struct parley_stream *s, uint32_t node, struct spa_rectangle want, struct spa_fraction rate)
{
	uint8_t memory[4096];
	struct spa_pod_builder b = SPA_POD_BUILDER_INIT(memory, sizeof(memory));
	struct spa_rectangle least = SPA_RECTANGLE(1, 1), most = SPA_RECTANGLE(MAX_SIDE, MAX_SIDE);
	struct spa_fraction slow = SPA_FRACTION(rate.num * 4, rate.denom * 5), none = SPA_FRACTION(0, 1);
	const struct spa_pod *params[] = {
		add_format(&b, want, want, want, rate, slow),
		add_format(&b, want, least, want, rate, slow),
		add_format(&b, want, least, most, rate, none),
	};
	return lib.pw_stream_connect(s->stream, PW_DIRECTION_INPUT, node,
				     PW_STREAM_FLAG_AUTOCONNECT | PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_DONT_RECONNECT,
				     params, SPA_N_ELEMENTS(params));
}

struct parley_stream *parley_stream_new(struct parley_remote *r, uintptr_t handle, uint32_t node, int width, int height, double rate)
{
	const struct spa_dict_item items[] = {
		{ PW_KEY_MEDIA_TYPE, "Video" },
		{ PW_KEY_MEDIA_CATEGORY, "Capture" },
	};
	struct parley_stream *s = calloc(1, sizeof(*s));
	if (s == NULL)
		return NULL;
	s->handle = handle;
	s->remote = r;
	lib.pw_thread_loop_lock(r->loop);
	int result = -1;
	s->stream = lib.pw_stream_new(r->core, "Parley", lib.pw_properties_new_dict(&SPA_DICT_INIT_ARRAY(items)));
	if (s->stream != NULL) {
		lib.pw_stream_add_listener(s->stream, &s->hook, &events, s);
		result = connect_stream(s, node, SPA_RECTANGLE(width, height), SPA_FRACTION(rate * 1000, 1000));
		if (result < 0)
			errno = -result;
	}
	lib.pw_thread_loop_unlock(r->loop);
	if (result < 0) {
		int why = errno;
		parley_stream_destroy(s);
		errno = why;
		return NULL;
	}
	return s;
}

void parley_stream_destroy(struct parley_stream *s)
{
	struct pw_thread_loop *loop = s->remote->loop;
	lib.pw_thread_loop_lock(loop);
	if (s->stream != NULL) {
		spa_hook_remove(&s->hook);
		lib.pw_stream_destroy(s->stream);
	}
	lib.pw_thread_loop_unlock(loop);
	free(s);
}
