// Package openh264 encodes and decodes H.264 (ITU-T H.264, constrained baseline) with Cisco's openh264.
//
// H.264 is for those who have nothing else. It is covered by patents, so the package is empty but for this page unless the program is built
// with the tag h264, which needs openh264 2.3 or newer, found by pkg-config (Debian's libopenh264-dev). The library is linked dynamically,
// so that it can be the binary for which Cisco pays the fees, and so that the system's security updates reach it: the static copy
// that github.com/pion/mediadevices carries is 2.1.1, whose decoder can be made to write beyond its memory by a peer
// (https://github.com/cisco/openh264/security/advisories/GHSA-m99q-5j7x-7m9x).
//
// Encoder and Decoder fulfil the contract of package parley/call/coded. Frames are in the form of annex B: NAL units, each after a
// start code. What a decoder is given is looked through first: only NAL units of plain H.264, and no sequence parameter set of a picture
// that is too large, reach the library. An encoder or a decoder belongs to one goroutine at a time. Both hold memory
// outside Go's heap until they are closed.
package openh264
