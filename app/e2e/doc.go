// Package e2e tests Parley from the outside: real programs, in real windows on a virtual display, with a real sound server, calling each
// other and a real browser.
//
// What a program shows and plays is read back from a picture of its display and a recording of its speaker, by the counter
// in the pattern camera's picture (package devices/pattern) and the order of the tone microphone's tones (package devices/tone). The
// files that do not end in _test.go start and stop the programs.
package e2e
