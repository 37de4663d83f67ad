package audio

import "github.com/hraban/opus"

// newEncoder returns the encoder for a voice. libopus refuses nothing of this, so that an error is a broken build.
func newEncoder() *opus.Encoder {
	encoder := must(opus.NewEncoder(SampleRate, 1, opus.AppVoIP))
	for _, err := range []error{
		encoder.SetBitrate(voiceRates.usual),
		encoder.SetInBandFEC(true),
		encoder.SetPacketLossPerc(usualLoss * 100),
		encoder.SetDTX(true),
	} {
		must(encoder, err)
	}
	return encoder
}

// newMusicEncoder returns the encoder for music: both channels, nothing left out in silence. In-band FEC is off: for its sake, from some loss
// on, libopus would code music as if it were speech.
func newMusicEncoder() *opus.Encoder {
	encoder := must(opus.NewEncoder(SampleRate, Channels, opus.AppAudio))
	for _, err := range []error{
		encoder.SetBitrate(musicRates.usual),
		encoder.SetInBandFEC(false),
		encoder.SetPacketLossPerc(usualLoss * 100),
		encoder.SetDTX(false),
	} {
		must(encoder, err)
	}
	return encoder
}

// newDecoder returns a decoder of anybody's Opus. Each packet says whether it is mono, which comes out on both channels alike, or stereo (RFC
// 6716 section 3.1), and the decoder goes over smoothly.
func newDecoder() *opus.Decoder { return must(opus.NewDecoder(SampleRate, Channels)) }

func must[T any](made T, err error) T {
	if err != nil {
		panic("audio: libopus: " + err.Error())
	}
	return made
}
