// Package flexfec sends a little more than a stream, so that what gets lost on the way need not be asked for: forward error correction
// in the format of [FlexFEC-03], the version that browsers know.
//
// A repair packet holds the parity (exclusive or) of some packets of the stream, and names them: their first sequence number and a mask of
// those that follow. Who has all of them but one computes that one, header extensions and all; who lacks more waits until the
// others come, or another repair brings one of them.
//
//	packets of a frame    1 2 3 4 5 6 7
//	first repair packet   x   x   x   x     a burst that is no longer than there are repair packets
//	second repair packet    x   x   x       costs each of them one packet
//
// The [Encoder] makes the repair packets of a stream, the [Decoder] recovers its packets, and [Share] says how much of it a path is worth. Nothing
// here has a clock, a goroutine or a network, and no memory is allocated by the packet. What comes from the network is not trusted: a
// peer that chooses masks, lengths and numbers gets neither more memory nor more time than one that does not.
//
// [FlexFEC-03]: https://datatracker.ietf.org/doc/html/draft-ietf-payload-flexible-fec-scheme-03
package flexfec
