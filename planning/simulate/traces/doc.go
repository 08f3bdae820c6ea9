// Package traces reads what was recorded elsewhere, for package simulate:
// arrivals of requests (CSV), and when spot instances could be had (JSON). It
// finds them by the environment variable TANDEM_TRACES, and ships a little of
// each for where there is nothing else.
package traces
