// Package pipewiretest gives a test a PipeWire of its own, with sources that show what the test wants to see.
//
// [Start] runs a daemon that no other program knows of. [Daemon.Connect] opens a connection to it, as a portal hands
// one out; [Daemon.AddSource] adds a camera or a screen, whose pictures the test draws byte by byte, or spoils. In place of a session
// manager the daemon links a stream to the source that it names, and does nothing else.
package pipewiretest
