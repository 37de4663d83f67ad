// Package audio is the sound of a call: from the microphone to everybody, and from everybody to the speaker.
//
// One [Engine] owns the microphone and the speaker and runs both ways at once:
//
//	microphone → inlet → queue → level, talk → echo, noise, gain → Opus → one Feed a peer
//	                                              ↑
//	RTP of a peer → jitter buffer → Opus → Receiver ┐
//	RTP of a peer → jitter buffer → Opus → Receiver ┼ mixer → outlet → speaker
//	chimes, what was recorded → Playback ───────────┘
//
// Inlet and outlet let one device go over into the next. Echo, noise and gain are the matter of package apm, and of hardware
// alone: the test microphone's tones pass as they are.
//
// All samples are 16-bit, 48000 a second. The devices work in blocks of 10 ms, Opus in frames of 20 ms. Devices have two channels, whose samples
// take turns: a voice is sent as the mean of both, and heard on both alike; music ([Engine.SetMusic]) is sent in stereo, without any processing.
// What is measured, recorded and cleaned of echo is one channel.
//
// Two clocks rule this. The microphone's clock makes the RTP timestamps: they count samples, whether these are sent or not,
// so that a pause is as long at the far end as it was here. The speaker's clock pulls: each time it wants 10 ms, the
// mixer asks every [Receiver] for its 10 ms, and a receiver always has an answer. What the network has not brought in time
// is had from copies: where packets are lost, and at first, a [Feed] sends each frame again with the next one to three (RED), and in each frame Opus repeats
// the one before more coarsely (in-band FEC). Where there is no copy either, a later frame may describe what was before it (DRED, where libopus
// has it), and else the decoder continues the sound as it was going (PLC).
//
// The jitter buffer in between makes packets wait, so that late ones are still in time. How long, the target, is
// learnt from how irregularly packets come, and from how much later their copies do, or will. The wait is changed without a click by leaving out or repeating a
// single period of the sound.
//
// The two run apart, by 17 s a day at worst; how fast each is, is measured (clock), so that the echo canceller hears what was played in
// the microphone's time.
//
// Worth reading first: RFC 6716 (Opus) sections 2 and 3, RFC 7587 (Opus in RTP), RFC 3550 section 5.1 (RTP), RFC 2198 (RED).
package audio
