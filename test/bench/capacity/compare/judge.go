package compare

// Better tells whether a is better than b in both cost and P95 wait.
func Better(a, b Result) bool { return a.Cost < b.Cost && a.Wait.P95 < b.Wait.P95 }

// AtWaitOf is the cheapest setting of ours whose P95 wait is not above a peer's,
// and whether there is one.
func (c Cell) AtWaitOf(peer Result) (Result, bool) {
	var best Result
	found := false
	for _, ours := range append([]Result{c.Ours}, c.Tuned...) {
		if ours.Wait.P95 <= peer.Wait.P95 && (!found || ours.Cost < best.Cost) {
			best, found = ours, true
		}
	}
	return best, found
}
