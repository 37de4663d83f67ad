// Package opus codes sound with libopus. It is a thin binding that knows what a call needs and no more.
//
// Opus (RFC 6716) is two codecs under one roof: SILK models a voice, CELT codes any sound, and a hybrid leaves the upper half of a voice's
// spectrum to CELT. A packet says in its first byte which of them it is, how long its frames are, and whether it is stereo ([Samples]); so a decoder takes any packet of
// anybody at any time, and decodes it to the rate and the channels that the decoder was made with. Here the rate is always [SampleRate].
//
// When a packet does not come, there are three ways to fill its place, from the best to the last:
//
//   - The next packet may hold a coarser copy of its frame, if the sender reckons with loss: in-band FEC, RFC 6716 section 2.1.7
//     ([HasFEC], [Decoder.DecodeFEC]).
//   - A later one may describe the sound of up to a second before it, in a few bits for each 40 ms, from which a neural network makes
//     a voice: deep redundancy ([DRED], [Decoder.DecodeDRED]). It is in the packet's padding, which a decoder that doesn't know it skips.
//     https://datatracker.ietf.org/doc/draft-ietf-mlcodec-opus-dred/
//   - The decoder goes on with the sound as it was: packet loss concealment ([Decoder.Conceal]).
//
// libopus has DRED from 1.5 on, where it was built with it ([HasDRED]): --enable-dred is not among its defaults, and Debian 13's 1.5.2 is without. Without DRED nothing
// is lost but that way. Where libopus has networks to conceal with (--enable-deep-plc, as Debian 13's), they do.
//
// Encoders and decoders belong to one goroutine at a time. Their memory is Go's, so that nothing has to be closed; coding allocates none.
package opus
