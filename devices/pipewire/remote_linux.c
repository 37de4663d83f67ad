//go:build cgo

#include "internal_linux.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "_cgo_export.h"

static void core_done(void *data, uint32_t id, int seq)
{
	struct parley_remote *r = data;
	if (id == PW_ID_CORE)
		parleyDone(r->handle, seq);
}

// What goes wrong with a stream is told to the stream; what is left is the connection itself, and calls that the daemon refused,
// which something else tells of.
static void core_error(void *data, uint32_t id, int seq, int res, const char *message)
{
	struct parley_remote *r = data;
	(void)seq;
	if (id == PW_ID_CORE && res != -ENOENT && res != -EACCES && res != -EPERM)
		parleyLost(r->handle, (char *)message);
}

static const struct pw_core_events core_events = {
	PW_VERSION_CORE_EVENTS,
	.done = core_done,
	.error = core_error,
};

static void registry_global(void *data, uint32_t id, uint32_t permissions, const char *type, uint32_t version, const struct spa_dict *props)
{
	struct parley_remote *r = data;
	(void)permissions, (void)version;
	if (props == NULL || strcmp(type, PW_TYPE_INTERFACE_Node) != 0)
		return;
	const char *class = spa_dict_lookup(props, PW_KEY_MEDIA_CLASS);
	const char *name = spa_dict_lookup(props, PW_KEY_NODE_DESCRIPTION);
	if (name == NULL)
		name = spa_dict_lookup(props, PW_KEY_NODE_NICK);
	if (name == NULL)
		name = spa_dict_lookup(props, PW_KEY_NODE_NAME);
	parleyNode(r->handle, id, (char *)(class ? class : ""), (char *)(name ? name : ""));
}

static void registry_global_remove(void *data, uint32_t id)
{
	struct parley_remote *r = data;
	parleyNodeGone(r->handle, id);
}

static const struct pw_registry_events registry_events = {
	PW_VERSION_REGISTRY_EVENTS,
	.global = registry_global,
	.global_remove = registry_global_remove,
};

// connect_fd begins to talk; the thread does not run yet, so nothing needs the lock.
static int connect_fd(struct parley_remote *r, int fd)
{
	r->context = lib.pw_context_new(lib.pw_thread_loop_get_loop(r->loop), NULL, 0);
	if (r->context == NULL) {
		close(fd);
		return -1;
	}
	r->core = lib.pw_context_connect_fd(r->context, fd, NULL, 0); // which closes fd
	if (r->core == NULL)
		return -1;
	pw_core_add_listener(r->core, &r->core_hook, &core_events, r);
	r->registry = pw_core_get_registry(r->core, PW_VERSION_REGISTRY, 0);
	if (r->registry == NULL)
		return -1;
	pw_registry_add_listener(r->registry, &r->registry_hook, &registry_events, r);
	return lib.pw_thread_loop_start(r->loop);
}

struct parley_remote *parley_remote_open(int fd, uintptr_t handle)
{
	struct parley_remote *r = calloc(1, sizeof(*r));
	if (r != NULL)
		r->loop = lib.pw_thread_loop_new("parley-pipewire", NULL);
	if (r == NULL || r->loop == NULL) {
		close(fd);
		free(r);
		return NULL;
	}
	r->handle = handle;
	if (connect_fd(r, fd) < 0) {
		int why = errno;
		parley_remote_close(r);
		errno = why;
		return NULL;
	}
	return r;
}

int parley_remote_sync(struct parley_remote *r)
{
	lib.pw_thread_loop_lock(r->loop);
	int seq = pw_core_sync(r->core, PW_ID_CORE, 0);
	lib.pw_thread_loop_unlock(r->loop);
	return seq;
}

void parley_remote_close(struct parley_remote *r)
{
	lib.pw_thread_loop_stop(r->loop); // waits for the thread, so from here on nothing needs the lock
	if (r->registry != NULL) {
		spa_hook_remove(&r->registry_hook);
		lib.pw_proxy_destroy((struct pw_proxy *)r->registry);
	}
	if (r->core != NULL) {
		spa_hook_remove(&r->core_hook);
		lib.pw_core_disconnect(r->core);
	}
	if (r->context != NULL)
		lib.pw_context_destroy(r->context);
	lib.pw_thread_loop_destroy(r->loop);
	free(r);
}
