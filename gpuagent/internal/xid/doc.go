// Package xid is what the numbers mean by which the NVIDIA driver reports
// errors, and what is done about each. The tables are data, in xids.csv and
// sxids.csv; a deployment may overrule single codes. Counting events within
// their windows is left to the check.
package xid
