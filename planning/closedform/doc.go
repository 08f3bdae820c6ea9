// Package closedform holds formulas for what package simulate works out step by
// step: as a check of it, and as a fast answer where their assumptions hold.
// All times are in seconds and all rates in events a second.
package closedform
