package closedform

import "math"

// Utilisation is rho: the share of its time that each of so many servers is busy.
func Utilisation(rate, service float64, servers int) float64 {
	return rate * service / float64(servers)
}

// WaitMG1 is the mean wait in the queue of one server with Poisson arrivals
// (Pollaczek and Khinchine): secondMoment is that of the service time. It is
// infinite where the server cannot keep up.
func WaitMG1(rate, service, secondMoment float64) float64 {
	rho := rate * service
	if rho >= 1 {
		return math.Inf(1)
	}
	return rate * secondMoment / (2 * (1 - rho))
}

// WaitMMC is the mean wait in the queue of so many servers with Poisson arrivals
// and exponential service times (Erlang C). It is infinite where they cannot keep up.
func WaitMMC(rate, service float64, servers int) float64 {
	rho := Utilisation(rate, service, servers)
	if rho >= 1 {
		return math.Inf(1)
	}
	return ErlangC(rate*service, servers) * service / (float64(servers) * (1 - rho))
}

// ErlangC is the probability that a job has to wait, at an offered load below
// the number of servers. It is built up from Erlang B, which does not overflow.
func ErlangC(load float64, servers int) float64 {
	blocked := 1.0
	for n := 1; n <= servers; n++ {
		blocked = load * blocked / (float64(n) + load*blocked)
	}
	rho := load / float64(servers)
	return blocked / (1 - rho*(1-blocked))
}
