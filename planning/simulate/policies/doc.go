// Package policies holds the ways to size a fleet that are simulated beside
// each other: the one that runs in production ([Ours], which only hands on to
// runtime/capacity) and its peers, a file each, with source and date.
//
// Peers are given the benefit of the doubt: what they scale in never kills a
// running job, metrics are exact where their lag is not the point, and they may
// start from zero where their rule can.
package policies
