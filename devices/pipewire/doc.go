// Package pipewire reads the pictures of a screen or a camera from PipeWire.
//
// Package portal hands out a connection on which only what the user granted is seen; [Open] takes it over. [Remote.Sources] lists
// the cameras on it, [Remote.Stream] reads one of them, or the screen whose number the portal told. libpipewire is loaded when
// it is first needed, so that the program starts where there is none; building takes its headers only.
//
// How it works: PipeWire's own thread (pw_thread_loop) talks to the daemon, and calls into Go for each picture. The picture lies in
// memory that is shared with the compositor or the camera's server, which is not trusted: sizes, offsets and strides are
// read once and checked against what is mapped before a byte is touched. It is converted from there into a frame of a pool, in
// one pass, and put into a slot that keeps the newest. Only memory that a processor reads is asked for, no DMA-BUF.
//
//	library_linux.*   the functions of libpipewire, found at run time
//	remote_linux.c    a connection: its thread, its list of nodes
//	stream_linux.c    a stream: which formats are asked for, what a buffer must be like
//	remote_linux.go, stream_linux.go   the same for Go
//	callbacks_linux.go                 what C calls
//
// There is only Linux in here; elsewhere the package has its errors and nothing else. https://docs.pipewire.org/
package pipewire
