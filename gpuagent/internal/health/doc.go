// Package health judges a host by what its checks find. It gives findings a
// history: they count once they have held, go once they have been away, stay
// where their cause cannot go, and are one however often they are told. What a
// reading means is the checks', what is done about the verdict is act's.
//
// A [Judge] has no clock, no lock and no goroutine: it is told the time with
// each look and event, by one caller.
package health
