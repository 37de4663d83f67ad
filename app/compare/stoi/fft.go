package stoi

import (
	"math"
	"math/bits"
	"math/cmplx"
)

// transform is the discrete Fourier transform in place, of a length that is a power of two, by Cooley and Tukey.
func transform(x []complex128) {
	shift := 64 - bits.TrailingZeros(uint(len(x)))
	for i := range x {
		if j := int(bits.Reverse64(uint64(i)) >> shift); j > i {
			x[i], x[j] = x[j], x[i]
		}
	}
	for size := 2; size <= len(x); size *= 2 {
		turn := cmplx.Rect(1, -2*math.Pi/float64(size))
		for start := 0; start < len(x); start += size {
			factor := complex(1, 0)
			for i := start; i < start+size/2; i++ {
				even, odd := x[i], x[i+size/2]*factor
				x[i], x[i+size/2] = even+odd, even-odd
				factor *= turn
			}
		}
	}
}
