// Package kmsg reads the kernel log, in which the NVIDIA driver reports its
// errors first and most fully. What an error means is left to the policy.
package kmsg
