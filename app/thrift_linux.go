package app

/*
#include <malloc.h>
#include <sys/prctl.h>

// It runs before Go's runtime starts, whose threads inherit the first.
__attribute__((constructor)) static void parley_thrift(void) {
	// The system may let a thread that sleeps sleep for 0.5 ms longer, not 50 µs, so that it wakes once for several reasons: prctl(2), PR_SET_TIMERSLACK.
	// It matters most for the thread that relaxMonitor lets sleep longer still.
	prctl(PR_SET_TIMERSLACK, 500UL * 1000, 0, 0, 0);
#ifdef __GLIBC__
	// Codecs are opened and closed by any thread. Each would have its own store of memory, and keep what it once needed: mallopt(3).
	mallopt(M_ARENA_MAX, 2);
	// What is larger goes back at once, as what a codec of large pictures takes for itself. A picture of 1280x720 is not: where there is no GPU the window
	// takes that much anew for each that it shows, and what had gone back would have to be mapped and cleared again, a tenth of what the call costs.
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
	mallopt(M_TRIM_THRESHOLD, 8 << 20);
#endif
}
*/
import "C"
