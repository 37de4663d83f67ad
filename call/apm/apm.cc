#include "apm.h"

// The header tells which of the library's generations this is: 2.x, 1.x or 0.3.
#if __has_include(<api/audio/audio_processing.h>)
#include <api/audio/audio_processing.h>
#define APM_CONFIG 1
#elif __has_include(<modules/audio_processing/include/audio_processing.h>)
#include <modules/audio_processing/include/audio_processing.h>
#define APM_CONFIG 1
#else
#include <webrtc/modules/audio_processing/include/audio_processing.h>
#define APM_CONFIG 0
#include <memory>
#endif

#include <algorithm>
#include <cmath>

namespace {

#if APM_CONFIG
using Processing = rtc::scoped_refptr<webrtc::AudioProcessing>;
#else
using Processing = std::unique_ptr<webrtc::AudioProcessing>;
#endif

Processing create() {
#if APM_CONFIG
	return Processing(webrtc::AudioProcessingBuilder().Create());
#else
	// Without these two, the echo has to come within a few ms of when it is announced, and cannot last long.
	webrtc::Config config;
	config.Set<webrtc::ExtendedFilter>(new webrtc::ExtendedFilter(true));
	config.Set<webrtc::DelayAgnostic>(new webrtc::DelayAgnostic(true));
	return Processing(webrtc::AudioProcessing::Create(config));
#endif
}

// apply sets what is done. Noise is made softer by 6 dB gently and by 12 firmly. The suppressor takes some of a voice for noise, and where there is
// none, nothing speaks for that: the ESTOI of espeak-ng's voice is 0.98 then at 6 dB, 0.95 at 12 and 0.93 at 18.
int apply(webrtc::AudioProcessing &p, bool high_pass, bool echo, int noise, bool gain) {
	bool firmly = noise == APM_NOISE_FIRMLY;
#if APM_CONFIG
	webrtc::AudioProcessing::Config config;
	config.high_pass_filter.enabled = high_pass;
	config.echo_canceller.enabled = echo;
	config.noise_suppression.enabled = noise != APM_NOISE_LEFT;
	using Noise = webrtc::AudioProcessing::Config::NoiseSuppression;
	config.noise_suppression.level = firmly ? Noise::kModerate : Noise::kLow;
	// Not gain_controller1, which changes the gain while the echo canceller learns.
	config.gain_controller2.enabled = gain;
	config.gain_controller2.adaptive_digital.enabled = gain;
	p.ApplyConfig(config);
	return 0;
#else
	int err = p.high_pass_filter()->Enable(high_pass);
	auto *canceller = p.echo_cancellation();
	err = err ? err : canceller->enable_drift_compensation(false);
	err = err ? err : canceller->Enable(echo);
	err = err ? err : p.noise_suppression()->set_level(firmly ? webrtc::NoiseSuppression::kModerate : webrtc::NoiseSuppression::kLow);
	err = err ? err : p.noise_suppression()->Enable(noise != APM_NOISE_LEFT);
	err = err ? err : p.gain_control()->set_mode(webrtc::GainControl::kAdaptiveDigital);
	err = err ? err : p.gain_control()->Enable(gain);
	return err;
#endif
}

void to_float(float *to, const int16_t *from) {
	for (int i = 0; i < APM_BLOCK; i++) to[i] = static_cast<float>(from[i]) / 32768;
}

void to_int16(int16_t *to, const float *from) {
	for (int i = 0; i < APM_BLOCK; i++) {
		to[i] = static_cast<int16_t>(std::min(32767L, std::max(-32768L, std::lrint(from[i] * 32768))));
	}
}

} // namespace

struct parley_apm {
	Processing processing = create();
	webrtc::StreamConfig mono{APM_RATE, 1};
	float rendered[APM_BLOCK], captured[APM_BLOCK]; // one thread's each
};

extern "C" parley_apm *parley_apm_new(void) try {
	auto *a = new parley_apm;
	if (a->processing) return a;
	delete a;
	return nullptr;
} catch (...) {
	return nullptr;
}

extern "C" void parley_apm_free(parley_apm *a) try {
	delete a;
} catch (...) {
}

extern "C" int parley_apm_set(parley_apm *a, int high_pass, int echo, int noise, int gain) try {
	return apply(*a->processing, high_pass != 0, echo != 0, noise, gain != 0);
} catch (...) {
	return webrtc::AudioProcessing::kUnspecifiedError;
}

// With the lowest suppression, who talks at the same time is softer by 1.1 dB less; but it leaves 35 dB of an echo of 10 ms, where moderate leaves 46.
extern "C" int parley_apm_spare(parley_apm *a, int on) try {
#if APM_CONFIG
	return 0; // AEC3 does so by itself
#else
	return a->processing->echo_cancellation()->set_suppression_level(
		on ? webrtc::EchoCancellation::kLowSuppression : webrtc::EchoCancellation::kModerateSuppression);
#endif
} catch (...) {
	return webrtc::AudioProcessing::kUnspecifiedError;
}

extern "C" int parley_apm_render(parley_apm *a, const int16_t *samples) try {
	to_float(a->rendered, samples);
	float *channel = a->rendered;
	return a->processing->ProcessReverseStream(&channel, a->mono, a->mono, &channel);
} catch (...) {
	return webrtc::AudioProcessing::kUnspecifiedError;
}

extern "C" int parley_apm_capture(parley_apm *a, int16_t *samples, int delay_ms) try {
	to_float(a->captured, samples);
	float *channel = a->captured;
	a->processing->set_stream_delay_ms(delay_ms); // a warning is a delay that was put within its bounds
	int err = a->processing->ProcessStream(&channel, a->mono, a->mono, &channel);
	if (err == 0) to_int16(samples, a->captured);
	return err;
} catch (...) {
	return webrtc::AudioProcessing::kUnspecifiedError;
}
