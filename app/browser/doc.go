// Package browser puts a Chromium into a call with Parley: for the tests that both understand each other, and for the comparison of
// the two.
//
// The page that it opens speaks the protocol as PROTOCOL.md has it, sees and hears everybody in the room, and tells what arrives. Its
// camera is Chromium's own test source, a file, or drawn in the page with the counter of package devices/pattern, which it also reads in what others show.
package browser
