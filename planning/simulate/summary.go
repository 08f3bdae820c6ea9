package simulate

// Summary is what came of a run. Times are in seconds, money in USD.
type Summary struct {
	// Arrived = Succeeded + Missed + Unfinished.
	Arrived    int `json:"arrived"`
	Succeeded  int `json:"succeeded"`
	Unfinished int `json:"unfinished"`
	// Deadlines is how many jobs had one, Missed how many expired by it, and
	// MissedInReach how many of those an on-demand instance, asked for at the
	// submit, would have ended in time.
	Deadlines     int `json:"deadlines"`
	Missed        int `json:"missed"`
	MissedInReach int `json:"missedInReach"`
	// Wait of a job is its whole stay but its own work: queue, cold starts, lost
	// work, checkpoints. That of one that expired is all of its stay.
	Wait Spread `json:"waitSeconds"`
	// Slowdown is the stay as a multiple of the work.
	Slowdown Spread `json:"slowdown"`
	// Cost, of which Spot and OnDemand.
	Cost         float64 `json:"cost"`
	SpotCost     float64 `json:"spotCost"`
	OnDemandCost float64 `json:"onDemandCost"`
	// BilledSeconds of instances, and the seconds of their slots that jobs
	// occupied; Wasted is what of those was lost, or went into checkpoints.
	SpotSeconds     float64 `json:"spotSeconds"`
	OnDemandSeconds float64 `json:"onDemandSeconds"`
	OccupiedSeconds float64 `json:"occupiedSeconds"`
	WastedSeconds   float64 `json:"wastedSeconds"`
	// Utilisation is the share of the billed slots' time that did work that counted.
	Utilisation float64 `json:"utilisation"`
	// Reclaims of instances, Interruptions of jobs, Launches of instances, and
	// LaunchFailures where spot was asked for and could not be had.
	Reclaims       int `json:"reclaims"`
	Interruptions  int `json:"interruptions"`
	Launches       int `json:"launches"`
	LaunchFailures int `json:"launchFailures"`
	// Looks of the policy, and the length of the run, of which jobs arrived in
	// ArrivalSeconds: up to the last of them, or for the configuration's Arrivals;
	// the whole run where all came at its start.
	Looks          int     `json:"looks"`
	Seconds        float64 `json:"seconds"`
	ArrivalSeconds float64 `json:"arrivalSeconds"`
}

// Spread of a quantity.
type Spread struct {
	Mean float64 `json:"mean"`
	P50  float64 `json:"p50"`
	P95  float64 `json:"p95"`
	P99  float64 `json:"p99"`
	Max  float64 `json:"max"`
}

// BilledSeconds of both kinds.
func (s Summary) BilledSeconds() float64 { return s.SpotSeconds + s.OnDemandSeconds }

// summarise bills what still runs up to this moment.
func (e *engine) summarise() Summary {
	s := e.summary
	for k := range e.fleet {
		for _, number := range e.fleet[k].members {
			e.fleet[k].billed += float64(e.now - e.instances[number].had)
			for slot := range e.slots(number) {
				if e.runs[slot].job >= 0 {
					e.occupied += float64(e.now - e.runs[slot].started)
				}
			}
		}
	}
	s.Unfinished = e.waiting + e.runningJobs
	s.Wait, s.Slowdown = e.waits.spread(), e.slowdowns.spread()
	s.SpotSeconds, s.OnDemandSeconds = e.fleet[spot].billed*1e-9, e.fleet[onDemand].billed*1e-9
	s.SpotCost, s.OnDemandCost = s.SpotSeconds/3600*e.SpotPrice, s.OnDemandSeconds/3600*e.OnDemandPrice
	s.Cost = s.SpotCost + s.OnDemandCost
	s.OccupiedSeconds, s.WastedSeconds = e.occupied*1e-9, e.wasted*1e-9
	if billed := s.BilledSeconds() * float64(e.Slots); billed > 0 {
		s.Utilisation = e.useful * 1e-9 / billed
	}
	s.Seconds = float64(e.now) * 1e-9
	s.ArrivalSeconds = max(float64(e.lastArrival)*1e-9, e.Arrivals.Seconds())
	if s.ArrivalSeconds == 0 {
		s.ArrivalSeconds = s.Seconds
	}
	return s
}

func (h *Histogram) spread() Spread {
	return Spread{Mean: h.mean(), P50: h.quantile(0.5), P95: h.quantile(0.95), P99: h.quantile(0.99), Max: float64(h.most) * 1e-9}
}
