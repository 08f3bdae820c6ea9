package simulate

import (
	"math"
	"math/rand/v2"
)

// random draws from one stream of a seed.
type random struct{ pcg *rand.PCG }

func newRandom(seed, stream uint64) random { return random{rand.NewPCG(seed, stream)} }

// float is in [0, 1).
func (r random) float() float64 { return float64(r.pcg.Uint64()>>11) / (1 << 53) }

// exponential with a mean.
func (r random) exponential(mean float64) float64 { return -mean * math.Log1p(-r.float()) }

// below is in [0, n).
func (r random) below(n int) int {
	return int((r.pcg.Uint64() >> 32) * uint64(n) >> 32)
}

// normal has mean 0 and variance 1 (Box and Muller).
func (r random) normal() float64 {
	return math.Sqrt(2*r.exponential(1)) * math.Cos(2*math.Pi*r.float())
}
