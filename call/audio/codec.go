package audio

import "github.com/hraban/opus"

// newEncoder returns the encoder for a voice. libopus refuses nothing of this, so that an error is a broken build.
func newEncoder() *opus.Encoder {
	encoder := must(opus.NewEncoder(SampleRate, 1, opus.AppVoIP))
	for _, err := range []error{
		encoder.SetBitrate(defaultRate),
		encoder.SetInBandFEC(true),
		encoder.SetPacketLossPerc(usualLoss * 100),
		encoder.SetDTX(true),
	} {
		must(encoder, err)
	}
	return encoder
}

// newDecoder returns a decoder of anybody's Opus; stereo comes out as mono.
func newDecoder() *opus.Decoder { return must(opus.NewDecoder(SampleRate, 1)) }

func must[T any](made T, err error) T {
	if err != nil {
		panic("audio: libopus: " + err.Error())
	}
	return made
}
