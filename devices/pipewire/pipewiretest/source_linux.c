//go:build cgo

#define _GNU_SOURCE

#include "source_linux.h"

#include <pipewire/pipewire.h>
#include <spa/param/buffers.h>
#include <spa/param/video/format-utils.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

struct source {
	struct pw_thread_loop *loop;
	struct pw_context *context;
	struct pw_core *core;
	struct pw_stream *stream;
	struct spa_hook hook;
	uint32_t format, bytes, cut;
	int rate;
};

static void on_state(void *data, enum pw_stream_state old, enum pw_stream_state state, const char *error)
{
	struct source *s = data;
	(void)old, (void)state, (void)error;
	pw_thread_loop_signal(s->loop, false);
}

static void on_param(void *data, uint32_t id, const struct spa_pod *param)
{
	struct source *s = data;
	if (param == NULL || id != SPA_PARAM_Format)
		return;
	uint8_t memory[1024];
	struct spa_pod_builder b = SPA_POD_BUILDER_INIT(memory, sizeof(memory));
	const struct spa_pod *params[] = {
		spa_pod_builder_add_object(&b, SPA_TYPE_OBJECT_ParamBuffers, SPA_PARAM_Buffers,
					   SPA_PARAM_BUFFERS_buffers, SPA_POD_CHOICE_RANGE_Int(4, 2, 8),
					   SPA_PARAM_BUFFERS_blocks, SPA_POD_Int(1),
					   SPA_PARAM_BUFFERS_size, SPA_POD_Int(s->bytes),
					   SPA_PARAM_BUFFERS_dataType, SPA_POD_CHOICE_FLAGS_Int(1 << SPA_DATA_MemFd)),
		spa_pod_builder_add_object(&b, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
					   SPA_PARAM_META_type, SPA_POD_Id(SPA_META_Header),
					   SPA_PARAM_META_size, SPA_POD_Int(sizeof(struct spa_meta_header))),
		spa_pod_builder_add_object(&b, SPA_TYPE_OBJECT_ParamMeta, SPA_PARAM_Meta,
					   SPA_PARAM_META_type, SPA_POD_Id(SPA_META_VideoCrop),
					   SPA_PARAM_META_size, SPA_POD_Int(sizeof(struct spa_meta_region))),
	};
	pw_stream_update_params(s->stream, params, SPA_N_ELEMENTS(params));
}

static void on_add_buffer(void *data, struct pw_buffer *buffer)
{
	struct source *s = data;
	struct spa_data *d = &buffer->buffer->datas[0];
	d->type = SPA_DATA_MemFd;
	d->flags = SPA_DATA_FLAG_READWRITE;
	d->fd = memfd_create("picture", MFD_CLOEXEC);
	d->mapoffset = 0;
	d->maxsize = s->bytes;
	if (ftruncate(d->fd, s->cut ? s->cut : s->bytes) < 0)
		pw_stream_set_error(s->stream, -1, "no memory");
	d->data = mmap(NULL, d->maxsize, PROT_READ | PROT_WRITE, MAP_SHARED, d->fd, 0);
}

static void on_remove_buffer(void *data, struct pw_buffer *buffer)
{
	(void)data;
	struct spa_data *d = &buffer->buffer->datas[0];
	munmap(d->data, d->maxsize);
	close(d->fd);
}

static const struct pw_stream_events events = {
	PW_VERSION_STREAM_EVENTS,
	.state_changed = on_state,
	.param_changed = on_param,
	.add_buffer = on_add_buffer,
	.remove_buffer = on_remove_buffer,
};

static const struct spa_pod *offer(struct source *s, struct spa_pod_builder *b, int width, int height)
{
	struct spa_rectangle size = SPA_RECTANGLE(width, height);
	struct spa_fraction rate = SPA_FRACTION(s->rate, 1), fastest = SPA_FRACTION(60, 1), slowest = SPA_FRACTION(1, 1);
	struct spa_pod_frame object;
	spa_pod_builder_push_object(b, &object, SPA_TYPE_OBJECT_Format, SPA_PARAM_EnumFormat);
	spa_pod_builder_add(b, SPA_FORMAT_mediaType, SPA_POD_Id(SPA_MEDIA_TYPE_video),
			    SPA_FORMAT_mediaSubtype, SPA_POD_Id(SPA_MEDIA_SUBTYPE_raw),
			    SPA_FORMAT_VIDEO_format, SPA_POD_Id(s->format),
			    SPA_FORMAT_VIDEO_size, SPA_POD_Rectangle(&size),
			    SPA_FORMAT_VIDEO_framerate, SPA_POD_Fraction(&rate), 0);
	if (s->rate == 0)
		spa_pod_builder_add(b, SPA_FORMAT_VIDEO_maxFramerate, SPA_POD_CHOICE_RANGE_Fraction(&fastest, &slowest, &fastest), 0);
	return spa_pod_builder_pop(b, &object);
}

static bool connect_stream(struct source *s, const char *name, const char *class, const int *sizes, int n)
{
	uint8_t memory[2048];
	struct spa_pod_builder b = SPA_POD_BUILDER_INIT(memory, sizeof(memory));
	const struct spa_pod *params[MAX_SIZES];
	for (int i = 0; i < n; i++)
		params[i] = offer(s, &b, sizes[2 * i], sizes[2 * i + 1]);
	s->stream = pw_stream_new(s->core, name, pw_properties_new(PW_KEY_MEDIA_CLASS, class, PW_KEY_NODE_DESCRIPTION, name, NULL));
	if (s->stream == NULL)
		return false;
	pw_stream_add_listener(s->stream, &s->hook, &events, s);
	if (pw_stream_connect(s->stream, PW_DIRECTION_OUTPUT, PW_ID_ANY, PW_STREAM_FLAG_DRIVER | PW_STREAM_FLAG_ALLOC_BUFFERS, params, n) < 0)
		return false;
	while (pw_stream_get_state(s->stream, NULL) == PW_STREAM_STATE_CONNECTING)
		if (pw_thread_loop_timed_wait(s->loop, 60) != 0)
			return false;
	return pw_stream_get_state(s->stream, NULL) == PW_STREAM_STATE_PAUSED;
}

struct source *source_new(int fd, const char *name, const char *class, uint32_t format, const int *sizes, int n, int rate, uint32_t bytes, uint32_t cut)
{
	pw_init(NULL, NULL);
	struct source *s = calloc(1, sizeof(*s));
	s->format = format;
	s->bytes = bytes;
	s->cut = cut;
	s->rate = rate;
	s->loop = pw_thread_loop_new("source", NULL);
	pw_thread_loop_lock(s->loop);
	s->context = pw_context_new(pw_thread_loop_get_loop(s->loop), NULL, 0);
	s->core = pw_context_connect_fd(s->context, fd, NULL, 0);
	bool fine = pw_thread_loop_start(s->loop) == 0 && s->core != NULL && connect_stream(s, name, class, sizes, n);
	pw_thread_loop_unlock(s->loop);
	if (fine)
		return s;
	source_destroy(s);
	return NULL;
}

uint32_t source_node(struct source *s) { return pw_stream_get_node_id(s->stream); }

void source_resize(struct source *s, int width, int height)
{
	uint8_t memory[1024];
	struct spa_pod_builder b = SPA_POD_BUILDER_INIT(memory, sizeof(memory));
	pw_thread_loop_lock(s->loop);
	const struct spa_pod *params[] = { offer(s, &b, width, height) };
	pw_stream_update_params(s->stream, params, 1);
	pw_thread_loop_unlock(s->loop);
}

static void fill(struct spa_buffer *buffer, const uint8_t *data, const struct picture *p)
{
	struct spa_data *d = &buffer->datas[0];
	memcpy(d->data, data, SPA_MIN(p->copy, d->maxsize));
	d->chunk->offset = p->offset;
	d->chunk->size = p->size;
	d->chunk->stride = p->stride;
	d->chunk->flags = p->corrupted_chunk ? SPA_CHUNK_FLAG_CORRUPTED : 0;
	struct spa_meta_header *header = spa_buffer_find_meta_data(buffer, SPA_META_Header, sizeof(*header));
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	if (header != NULL) {
		header->flags = p->corrupted_header ? SPA_META_HEADER_FLAG_CORRUPTED : 0;
		header->pts = p->age < 0 ? -1 : SPA_TIMESPEC_TO_NSEC(&now) - p->age;
	}
	struct spa_meta_region *crop = spa_buffer_find_meta_data(buffer, SPA_META_VideoCrop, sizeof(*crop));
	if (crop != NULL)
		crop->region = SPA_REGION(p->crop_x, p->crop_y, p->crop_width, p->crop_height);
}

void source_send(struct source *s, const uint8_t *data, const struct picture *p)
{
	pw_thread_loop_lock(s->loop);
	struct pw_buffer *buffer = NULL;
	if (pw_stream_get_state(s->stream, NULL) == PW_STREAM_STATE_STREAMING)
		buffer = pw_stream_dequeue_buffer(s->stream);
	if (buffer != NULL) {
		fill(buffer->buffer, data, p);
		pw_stream_queue_buffer(s->stream, buffer);
		pw_stream_trigger_process(s->stream);
	}
	pw_thread_loop_unlock(s->loop);
}

void source_destroy(struct source *s)
{
	pw_thread_loop_lock(s->loop);
	if (s->stream != NULL)
		pw_stream_destroy(s->stream);
	if (s->core != NULL)
		pw_core_disconnect(s->core);
	pw_thread_loop_unlock(s->loop);
	pw_thread_loop_stop(s->loop);
	if (s->context != NULL)
		pw_context_destroy(s->context);
	pw_thread_loop_destroy(s->loop);
	free(s);
}
