// Package yuv changes the size and the colour model of pictures, with libyuv's vector code.
//
// Video travels as I420: one plane of luma (Y), and two planes of chroma (Cb, Cr) at half the width and half the
// height, rounded up, because the eye sees brightness more sharply than colour. Values are BT.601 limited range:
// black is 16, white is 235, and grey chroma is 128. A screen wants red, green and blue for every pixel instead, so
// what is shown goes through [ToRGBA]. That costs time by the pixel, so a picture that is shown small goes through
// [Scale] first.
//
// The functions keep nothing and may be called from any goroutine. They check sizes, strides and the lengths of the
// planes before any C code runs, so a picture that lies about itself gives an error and never a wild write.
package yuv
