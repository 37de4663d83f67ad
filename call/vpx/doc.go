// Package vpx encodes and decodes VP8, the video codec of RFC 6386, with libvpx.
//
// VP8 codes a picture as its difference from earlier ones. A key frame needs no earlier picture, is perhaps ten times
// the size of others, and is where a decoder can begin; every other frame is useless without all those before it back
// to the last key frame. So an [Encoder] for a call makes a key frame only when somebody asks for one: a newcomer,
// or a receiver that lost something. A [Decoder] trusts nothing: the bytes come from other people.
//
// An encoder or a decoder belongs to one goroutine at a time. Both hold memory outside Go's heap until they are closed.
package vpx
