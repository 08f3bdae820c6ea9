package stacks

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

func TestTheSpotShareIsTheMeanOfThePricesThatAreKnown(t *testing.T) {
	p := &Props{Config: &config.Config{}}
	p.Config.AWS.Region = "eu-west-1"
	require.Zero(t, p.spotShare([]string{"g5.xlarge"}), "without prices the policy takes the usual share")
	p.InstanceUSD = func(region, kind string) (spot, onDemand float64) {
		require.Equal(t, "eu-west-1", region)
		return map[string]float64{"g5.xlarge": 0.5, "g6.xlarge": 0.4333}[kind], map[string]float64{"g5.xlarge": 1, "g6.xlarge": 1, "new.xlarge": 2}[kind]
	}
	require.InDelta(t, 0.47, p.spotShare([]string{"g5.xlarge", "g6.xlarge", "new.xlarge"}), 1e-9)
	require.Zero(t, p.spotShare([]string{"new.xlarge"}))
}
