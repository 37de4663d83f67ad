package audio

import "parley/call/opus"

// newEncoder returns the encoder for a voice. libopus refuses nothing of this, so that an error is a broken build.
func newEncoder() *opus.Encoder {
	encoder := must(opus.NewEncoder(1, opus.Voice))
	for _, err := range []error{
		encoder.SetBitRate(voiceRates.usual),
		encoder.SetFEC(true),
		encoder.SetLoss(usualLoss * 100),
		encoder.SetDTX(true),
	} {
		must(encoder, err)
	}
	return encoder
}

// newMusicEncoder returns the encoder for music: both channels, nothing left out in silence. In-band FEC is off: for its sake, from some loss
// on, libopus would code music as if it were speech.
func newMusicEncoder() *opus.Encoder {
	encoder := must(opus.NewEncoder(Channels, opus.Music))
	for _, err := range []error{
		encoder.SetBitRate(musicRates.usual),
		encoder.SetFEC(false),
		encoder.SetLoss(usualLoss * 100),
		encoder.SetDTX(false),
	} {
		must(encoder, err)
	}
	return encoder
}

// newDecoder returns a decoder of anybody's Opus. Each packet says whether it is mono, which comes out on both channels alike, or stereo (RFC
// 6716 section 3.1), and the decoder goes over smoothly.
func newDecoder() *opus.Decoder { return must(opus.NewDecoder(Channels)) }

func must[T any](made T, err error) T {
	if err != nil {
		panic("audio: libopus: " + err.Error())
	}
	return made
}

// endsSpurt says whether a packet holds no sound, which is how a sender says that it stops sending until there is sound
// again (discontinuous transmission, RFC 7587 section 3.1.3).
func endsSpurt(payload []byte) bool { return len(payload) <= 2 }
