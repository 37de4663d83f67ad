// The little of webrtc-audio-processing that Parley uses, as C. A call is 0 when it went well, and the library's error otherwise;
// no exception of C++ leaves it. Render and capture may run at once on two threads.
#ifndef PARLEY_APM_H
#define PARLEY_APM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { APM_RATE = 48000, APM_BLOCK = APM_RATE / 100 };

typedef struct parley_apm parley_apm;

parley_apm *parley_apm_new(void); // NULL when there is no memory
void parley_apm_free(parley_apm *);

// How much noise is taken out.
enum { APM_NOISE_LEFT, APM_NOISE_GENTLY, APM_NOISE_FIRMLY };

// parley_apm_set switches a filter against hum, echo cancellation and automatic gain on and off, and says what becomes of noise.
int parley_apm_set(parley_apm *, int high_pass, int echo, int noise, int gain);

// parley_apm_spare says whether somebody near the microphone talks, who is to be spared where echo is taken out.
int parley_apm_spare(parley_apm *, int on);

// parley_apm_render is told APM_BLOCK samples that the speaker is to play.
int parley_apm_render(parley_apm *, const int16_t *samples);

// parley_apm_capture works on APM_BLOCK samples of the microphone. What was rendered is heard there after about delay_ms.
int parley_apm_capture(parley_apm *, int16_t *samples, int delay_ms);

#ifdef __cplusplus
}
#endif

#endif
