package traces

import (
	"encoding/json"
	"fmt"
	"io"
	"time"

	"tandem/planning/simulate"
)

// ReadSpot reads a spot trace in the form of SkyPilot's
// (https://github.com/skypilot-org/spot-traces, 2026-11-24):
//
//	{"metadata": {"gap_seconds": 195}, "data": [0, 1, 1]}
//
// where each number tells, gap_seconds after the one before, how many instances
// could be had; more than zero is that some could.
func ReadSpot(from io.Reader) (*simulate.Availability, error) {
	var trace struct {
		Metadata struct {
			GapSeconds float64 `json:"gap_seconds"`
		} `json:"metadata"`
		Data []float64 `json:"data"`
	}
	if err := json.NewDecoder(from).Decode(&trace); err != nil {
		return nil, fmt.Errorf("reading a spot trace: %w", err)
	}
	gap := time.Duration(trace.Metadata.GapSeconds * float64(time.Second))
	if gap <= 0 || trace.Metadata.GapSeconds > 1e6 {
		return nil, fmt.Errorf("reading a spot trace: metadata.gap_seconds is %g; it must be above 0 and at most a million", trace.Metadata.GapSeconds)
	}
	if len(trace.Data) == 0 {
		return nil, fmt.Errorf("reading a spot trace: data has no samples")
	}
	availability := &simulate.Availability{Gap: gap, Samples: make([]bool, len(trace.Data))}
	for i, sample := range trace.Data {
		if sample < 0 {
			return nil, fmt.Errorf("reading a spot trace: sample %d is %g; it must be 0 or more", i+1, sample)
		}
		availability.Samples[i] = sample > 0
	}
	return availability, nil
}
