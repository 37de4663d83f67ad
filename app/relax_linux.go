package app

/*
#define _GNU_SOURCE
#include <errno.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static unsigned long parley_slack;
static sem_t parley_slackened;

static void parley_slacken(int number) {
	int before = errno;
	prctl(PR_SET_TIMERSLACK, parley_slack, 0, 0, 0);
	sem_post(&parley_slackened);
	errno = before;
}

// A thread can set that of no other without being privileged, so a signal makes the other do it. Nobody else in the program uses that signal.
static int parley_relax(int thread, unsigned long nanoseconds) {
	struct sigaction now = {.sa_handler = parley_slacken, .sa_flags = SA_ONSTACK | SA_RESTART}, before;
	sigfillset(&now.sa_mask);
	parley_slack = nanoseconds;
	const int number = SIGRTMIN + 7;
	if (sem_init(&parley_slackened, 0, 0) || sigaction(number, &now, &before)) return errno;
	int err = syscall(SYS_tgkill, getpid(), thread, number) ? errno : 0;
	if (!err) {
		struct timespec end;
		clock_gettime(CLOCK_REALTIME, &end);
		end.tv_sec++;
		while (sem_timedwait(&parley_slackened, &end)) {
			if (errno == EINTR) continue;
			err = errno;
			break;
		}
	}
	sigaction(number, &before, NULL);
	return err;
}
*/
import "C"

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

// How much longer the monitor may sleep. Calls of C that take so long are those of a codec, and of painting where there is no GPU; the other cores go on
// meanwhile. Where pictures are painted too, what is shown would be later for more.
const (
	slackPainting = 2 * time.Millisecond
	slackElse     = 10 * time.Millisecond
)

// spare is how many threads more than there are cores may run Go or be in a call of C where the monitor helps nobody for so long. Each takes memory of its own.
const spare = 2

var errNoMonitor = errors.New("the runtime's monitor is not among the threads")

// relaxMonitor lets the thread by which Go's runtime watches the others (sysmon) sleep longer. While anything runs it wakes each 20 µs, or as late as
// the timer slack lets it, and takes from each call of C that it finds what that needs to go on afterwards, also where nobody waits for it: a tenth of
// what a call costs. paints says whether the program has a window. It is to be called once.
func relaxMonitor(paints bool) error {
	thread, err := monitor()
	if err != nil {
		return err
	}
	if paints {
		return relax(thread, slackPainting)
	}
	if err := relax(thread, slackElse); err != nil {
		return err
	}
	runtime.GOMAXPROCS(runtime.GOMAXPROCS(0) + spare)
	return nil
}

// relax sets the timer slack of a thread.
func relax(thread int, slack time.Duration) error {
	if number := C.parley_relax(C.int(thread), C.ulong(slack.Nanoseconds())); number != 0 {
		return fmt.Errorf("the slack of thread %d: %w", thread, syscall.Errno(number))
	}
	return nil
}

// monitor returns the thread of the runtime's monitor: the first that it starts, so that it comes after the first of all. Where the system's numbers began
// anew just then it may be taken for another, which does no harm: that sleeps longer.
func monitor() (thread int, err error) {
	threads, err := os.ReadDir("/proc/self/task")
	if err != nil {
		return 0, err
	}
	first := os.Getpid()
	for _, t := range threads {
		if id, err := strconv.Atoi(t.Name()); err == nil && id > first && (thread == 0 || id < thread) {
			thread = id
		}
	}
	if thread == 0 {
		return 0, errNoMonitor
	}
	return thread, nil
}
