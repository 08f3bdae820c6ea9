package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

func TestWhatIsNotSaidFollowsFromWhatIs(t *testing.T) {
	loaded, err := overlay(`
providers:
  claude: { type: bedrock }
  elsewhere: { type: bedrock, region: eu-west-1 }
services:
  other:
    image: { uri: "example/server:1.0" }
    capacity: quad
    model: meta/llama
models:
  both:
    routes:
      - { service: llama }
      - { service: other }
      - { service: other, model: an-adapter }
documents:
  kept:
    prefix: documents/kept/
    resultPrefix: kept/
    model: chat
    prompt: "{{.Text}}"
budget: { monthlyUsd: 10 }
`)
	require.NoError(t, err)
	c := loaded.Config
	require.Equal(t, "us-east-1", c.Providers["claude"].Region)
	require.Equal(t, "eu-west-1", c.Providers["elsewhere"].Region)
	require.Empty(t, c.Providers["openai"].Region)
	require.Equal(t, "llama", c.Services["llama"].Model)
	require.Equal(t, 4, *c.Services["other"].GPU)
	require.Equal(t, []config.Route{
		{Service: "llama", Model: "llama"}, {Service: "other", Model: "meta/llama"}, {Service: "other", Model: "an-adapter"},
	}, c.Models["both"].Routes)
	require.Equal(t, "analysed/orders/", c.Documents["orders"].ResultPrefix)
	require.Equal(t, "kept/", c.Documents["kept"].ResultPrefix)
	require.Equal(t, "oncall@example.com", c.Budget.Email)
	require.Equal(t, "gpuagent", c.Agent.Image.Build)
	// single: 10 spot and 2 on-demand of 1 GPU; quad: 2 and 2 of 4.
	require.Equal(t, 12+16, c.Capacity.MaximumGPUs)
}

func TestDefaultsThatNobodyChangedAreThose(t *testing.T) {
	loaded, err := overlay("")
	require.NoError(t, err)
	c := loaded.Config
	require.Equal(t, config.Throttle{Rate: 100, Burst: 200}, c.API.Throttle)
	require.Equal(t, config.Throttle{Rate: 10, Burst: 20}, c.API.TenantRate)
	require.Equal(t, "29s", c.API.Timeout.String())
	require.Equal(t, config.AuthKeys, c.API.Auth.Type)
	require.Equal(t, config.EgressNATGateway, c.Network.Egress)
	require.True(t, *c.Network.FlowLogs)
	require.Equal(t, 10, *c.Capacity.Groups["single"].Spot.Maximum)
	require.Equal(t, 2, *c.Capacity.Groups["single"].OnDemand.Maximum)
	require.Equal(t, 100*config.GiB, c.Capacity.Groups["single"].Volume)
	require.Equal(t, 1, *c.Services["llama"].Scale.Minimum)
	require.Equal(t, []float64{50, 80, 100}, c.Budget.AlertsAt)
	require.Nil(t, c.API.Domain)
	require.Nil(t, c.Documents["orders"].Overflow)
	require.Nil(t, c.Workers["thumbs"].Weights)
}

func TestPartOfAThrottleKeepsTheOtherPart(t *testing.T) {
	loaded, err := overlay("api: { throttle: { burst: 500 } }\n")
	require.NoError(t, err)
	require.Equal(t, config.Throttle{Rate: 100, Burst: 500}, loaded.Config.API.Throttle)
}
