package checks

import (
	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
)

// Notices tells what EC2 has announced.
type Notices struct{ noEvents }

// The reasons of notices, on which act has rules of its own.
const (
	SpotInterruption = "SPOT_INTERRUPTION"
	Rebalance        = "REBALANCE_RECOMMENDED"
)

// Doc implements [Check].
func (*Notices) Doc() Doc {
	return Doc{
		Name: "notices", Finds: "EC2's announcement that it takes a spot instance back, or may soon",
		When: "at once; an interruption stays, a recommendation expires",
		Reasons: []Reason{
			{SpotInterruption, finding.Note, finding.Replace, "EC2 takes the instance back in about two minutes."},
			{Rebalance, finding.Note, finding.None, "EC2 sees a raised risk that it takes the instance back."},
		},
		Why:    "The host is well, but work on it will not end.",
		Source: "https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html, 2026-11-24",
	}
}

// Look implements [Check].
func (c *Notices) Look(host observe.Host) (found []finding.Finding) {
	if spot := host.Notices.Spot; spot != nil {
		f := c.Doc().reason(SpotInterruption)
		f.Evidence = spot.Action + " at " + spot.Time.UTC().Format("15:04:05Z")
		found = append(found, f)
	}
	if at := host.Notices.Rebalance; at != nil {
		f := c.Doc().reason(Rebalance)
		f.Evidence = "recommended at " + at.UTC().Format("15:04:05Z")
		found = append(found, f)
	}
	return found
}
