package app

/*
#include <sys/prctl.h>

// The system may let a thread that sleeps sleep for 0.5 ms longer, not 50 µs, so that it wakes once for several reasons: prctl(2), PR_SET_TIMERSLACK.
// It matters for one thread. While anything runs, Go's runtime looks every 20 µs for calls of C that keep others waiting, and that looking takes an eighth
// of what a call costs otherwise. It is set before the runtime starts, whose threads inherit it.
__attribute__((constructor)) static void parley_timer_slack(void) { prctl(PR_SET_TIMERSLACK, 500UL * 1000, 0, 0, 0); }
*/
import "C"
