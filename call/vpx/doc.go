// Package vpx encodes and decodes VP8 (RFC 6386) and VP9 with libvpx.
//
// [VP8] and [VP9] open encoders and decoders, which fulfil the contract of package parley/call/coded and differ in nothing else:
// VP9 takes one and a half to two times as long for a picture. For that it needs 13 to 23 % less bit rate for the test camera's pictures
// at the same quality, and less than half for a text that is scrolled.
// https://storage.googleapis.com/downloads.webmproject.org/docs/vp9/vp9-bitstream-specification-v0.7-20170222-draft.pdf
//
// An encoder or a decoder belongs to one goroutine at a time. Both hold memory outside Go's heap until they are closed.
package vpx
