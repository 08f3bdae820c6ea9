package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/exit"
	"tandem/planning/cost"
)

const templates = "../../test/snapshots/"

func TestAnAssemblyIsPriced(t *testing.T) {
	code, out, talk := tandem(t, "cost", "--assembly", templates+"prod")
	require.Equal(t, exit.OK, code, talk)
	require.Regexp(t, `^prod in us-east-1: \d+\.\d\d USD a month, \d+\.\d\d fixed and 0\.00 by use\n`, out)
	require.Regexp(t, `(?m)^TIER +FIXED +BY USE +TOTAL$`, out)
	require.Regexp(t, `(?m)^Network/NetworkVpcPublicSubnet1NATGateway\w+ +shared +32\.85 +0\.00 +730 hours at 0\.045$`, out)
	require.Contains(t, out, "others below a dollar")
	require.Contains(t, talk, "warning: prices of ")

	code, out, talk = tandem(t, "cost", "--assembly", templates+"prod", "--all")
	require.Equal(t, exit.OK, code, talk)
	require.Regexp(t, `(?m)^AWS::IAM::Role +\d+ +IAM is free$`, out)
	require.NotContains(t, out, "others below a dollar")

	code, out, talk = tandem(t, "cost", "--assembly", templates+"prod", "--summary")
	require.Equal(t, exit.OK, code, talk)
	require.Regexp(t, `^prod: \d+\.\d\d USD a month before anyone uses it, prices of 2025-07-28 or later\n$`, out)
	require.Empty(t, talk)
}

func TestTheExampleOfTrafficIsPriced(t *testing.T) {
	code, out, talk := tandem(t, "cost", "--assembly", templates+"prod", "--traffic", "../../examples/traffic/prod.yaml", "--json")
	require.Equal(t, exit.OK, code, talk)
	var report cost.Report
	require.NoError(t, json.Unmarshal([]byte(out), &report))
	require.Equal(t, "prod", report.Name)
	require.Empty(t, report.Unknown)
	require.Greater(t, report.PerUse, report.Fixed)
	require.Len(t, report.Tiers, 5)
}

func TestTwoAssembliesAreCompared(t *testing.T) {
	code, out, talk := tandem(t, "cost", "--assembly", templates+"prod", "--diff-assembly", templates+"staging", "--markdown")
	require.Equal(t, exit.OK, code, talk)
	require.Regexp(t, `^\*\*prod costs \d+\.\d\d USD a month more than staging: `, out)
	require.Contains(t, out, "| RESOURCE | WHAT | BEFORE | AFTER | MORE |\n| --- | --- | --- | --- | --- |\n")
	require.Regexp(t, `(?m)^\| Api/ApiFirewall\w+ \| added \| 0\.00 \| 9\.00 \| \+9\.00 \|$`, out)

	code, out, talk = tandem(t, "cost", "--assembly", templates+"prod", "--diff-assembly", templates+"prod")
	require.Equal(t, exit.OK, code, talk)
	require.Contains(t, out, "No resource costs otherwise.")
}

func TestATypeWithoutAKnownPriceFailsTheCommand(t *testing.T) {
	folder := t.TempDir()
	write(t, filepath.Join(folder, "Odd.template.json"), `{"Resources":{"It":{"Type":"AWS::Quantum::Computer"}}}`)
	for _, arguments := range [][]string{
		{"--assembly", folder}, {"--assembly", folder, "--json"}, {"--assembly", folder, "--summary"},
		{"--assembly", templates + "dev", "--diff-assembly", folder},
	} {
		code, out, talk := tandem(t, append([]string{"cost"}, arguments...)...)
		require.Equal(t, exit.Failed, code)
		require.NotEmpty(t, out)
		require.Contains(t, talk, "the price of 1 resources is not known")
	}
}

func TestWhatCannotBePricedIsSaid(t *testing.T) {
	code, _, talk := tandem(t, "cost")
	require.Equal(t, exit.Usage, code)
	require.Contains(t, talk, "name an environment by --env, or a synthesised folder by --assembly")

	code, _, talk = tandem(t, "cost", "--assembly", t.TempDir())
	require.Equal(t, exit.Failed, code)
	require.Contains(t, talk, "there are no templates")

	t.Chdir(t.TempDir())
	code, _, talk = tandem(t, "cost", "--env", "prod")
	require.Equal(t, exit.Failed, code)
	require.Contains(t, talk, "there is no cdk.json here")

	require.NoError(t, os.WriteFile("traffic.yaml", []byte("requests: 1\nlogGB: 2\n"), 0o600))
	code, _, talk = tandem(t, "cost", "--assembly", ".", "--traffic", "traffic.yaml")
	require.Equal(t, exit.Failed, code)
	require.Contains(t, talk, `traffic.yaml:2:1: unknown field "logGB"`)
}
