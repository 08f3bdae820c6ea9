package xid_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/gpuagent/internal/finding"
	"tandem/gpuagent/internal/observe"
	"tandem/gpuagent/internal/xid"
)

func load(t testing.TB, overrides string) *xid.Table {
	t.Helper()
	table, err := xid.Load(overrides)
	require.NoError(t, err)
	return table
}

// What the sources said on 2026-11-24, written down apart from the table.
var (
	fatalForAWS = []int{46, 48, 54, 62, 63, 64, 74, 79, 95, 109, 110, 119, 120, 136, 140, 142, 143, 151, 155, 156, 158}
	ofPlugin    = []int{13, 31, 43, 45, 68, 109}
	ignoredByNV = []int{37, 38, 43, 44, 63, 66, 67, 92, 93, 106, 107, 108, 121, 137, 141, 152, 153, 157, 160, 161}
)

func TestTheTableSaysWhatTheSourcesSay(t *testing.T) {
	table := load(t, "")
	for code := 1; code <= 160; code++ {
		policy := table.Xid(code)
		require.NotEqual(t, "unknown", policy.Name, "code %d", code)
		require.Equal(t, slices.Contains(fatalForAWS, code), policy.AWS == "fatal", "code %d by AWS", code)
		require.Equal(t, slices.Contains(ofPlugin, code), policy.Plugin == "application", "code %d by the device plugin", code)
		if slices.Contains(ignoredByNV, code) {
			require.Equal(t, "IGNORE", policy.NVIDIA, "code %d by NVIDIA", code)
		}
	}
}

func TestNothingThatAnyoneCallsAnApplicationErrorLeadsToAnActionUndisputed(t *testing.T) {
	table := load(t, "")
	for _, code := range []int{13, 31, 43, 45, 68} {
		policy := table.Xid(code)
		require.Equal(t, xid.Application, policy.Scope, "code %d", code)
		require.False(t, policy.Impairs(), "code %d", code)
	}
	for _, policy := range table.Xids() {
		if policy.Impairs() && (slices.Contains(ofPlugin, policy.Code) || slices.Contains(ignoredByNV, policy.Code)) {
			require.True(t, policy.Disputed(), "code %d", policy.Code)
		}
		if policy.AWS == "fatal" {
			require.True(t, policy.Impairs() || policy.Disputed(), "code %d", policy.Code)
		}
	}
}

func TestDisputedCodesAreNamed(t *testing.T) {
	var disputed []int
	for _, policy := range load(t, "").Xids() {
		if policy.Disputed() {
			disputed = append(disputed, policy.Code)
			require.NotEmpty(t, policy.Note, "code %d: the table says in what the sources disagree", policy.Code)
		}
	}
	require.Equal(t, []int{63, 109, 144, 145, 146, 147, 148, 149, 150}, disputed)
}

func TestCodesOfTomorrowLeadToNothing(t *testing.T) {
	table := load(t, "")
	require.Equal(t, finding.None, table.Xid(9_000).Action)
	require.Equal(t, finding.None, table.SXid(99_000, false).Action)
	require.Equal(t, finding.Reboot, table.SXid(99_000, true).Action, "unless a switch calls it fatal")
	require.Equal(t, finding.Reboot, table.SXid(20_034, false).Action, "a code of the table counts as the table says")
	require.Equal(t, finding.Replace, table.SXid(22_003, false).Action)
	require.Equal(t, finding.None, table.SXid(12_028, true).Action)
}

func TestSettingsOverruleSingleCodes(t *testing.T) {
	table := load(t, `{"79": "ignore", "XID_31": "replace", "48": "observe", "SXID_20034": "ignore",
		"109": {"action": "RESET_GPU", "count": 3, "window": "10m"}, "500": "replace"}`)
	require.True(t, table.Xid(79).Ignored)
	require.True(t, table.Xid(31).Impairs())
	require.Equal(t, xid.GPU, table.Xid(31).Scope)
	require.False(t, table.Xid(48).Impairs())
	require.False(t, table.Xid(48).Ignored)
	require.True(t, table.SXid(20_034, true).Ignored)
	require.Equal(t, 3, table.Xid(109).Count)
	require.Equal(t, 10*time.Minute, table.Xid(109).Window)
	require.False(t, table.Xid(109).Disputed(), "what the settings say is not disputed")
	require.Equal(t, finding.Replace, table.Xid(500).Action)
	require.Equal(t, finding.Replace, load(t, "").Xid(79).Action, "and only in this table")
}

func TestOverridesThatMeanNothingAreRefusedWithTheirCode(t *testing.T) {
	for name, test := range map[string]struct{ text, says string }{
		"no JSON":                     {`79=ignore`, "write {"},
		"another word":                {`{"79": "drain"}`, `79: it is ignore, observe or replace, not "drain"`},
		"no code":                     {`{"Xid": "ignore"}`, "neither a code"},
		"a switch without its word":   {`{"S79": "ignore"}`, "neither a code"},
		"an unknown action":           {`{"79": {"action": "SHOUT"}}`, "the action is one of"},
		"an unknown field":            {`{"79": {"actoin": "NONE"}}`, "actoin"},
		"an application that drains":  {`{"31": {"action": "REPLACE"}}`, "an application's own error cannot lead to REPLACE"},
		"several without a window":    {`{"79": {"count": 3}}`, "needs one"},
		"a window that is no time":    {`{"79": {"count": 3, "window": "soon"}}`, "soon"},
		"more than can be remembered": {`{"79": {"count": 100000, "window": "1h"}}`, "a count is from 1 to 1000"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := xid.Load(test.text)
			require.ErrorContains(t, err, test.says)
		})
	}
}

func TestTheVerdictIsReadFromTheLineOfAnOldLibrary(t *testing.T) {
	line := "NVRM: Xid (PCI:0000:9b:00): 154, GPU recovery action changed from 0x0 (None) to 0x1 (GPU Reset Required)"
	verdict, ok := xid.ParseVerdict(line)
	require.True(t, ok)
	require.Equal(t, observe.RecoverGPUReset, verdict)
	verdict, _ = xid.ParseVerdict("GPU recovery action changed from 0x1 (GPU Reset Required) to 0x0 (None)")
	require.Equal(t, observe.RecoverNone, verdict)
	_, ok = xid.ParseVerdict("Xid 154 told by the driver's library")
	require.False(t, ok)
}

func FuzzNoOverrideBreaksTheTable(f *testing.F) {
	f.Add(`{"79": "ignore"}`)
	f.Add(`{"109": {"action": "RESET_GPU", "count": 3, "window": "10m"}}`)
	f.Add(`{"79": null}`)
	f.Fuzz(func(t *testing.T, text string) {
		table, err := xid.Load(text)
		if err != nil {
			return
		}
		for _, policy := range table.Xids() {
			require.False(t, policy.Scope == xid.Application && policy.Action.Drains())
		}
	})
}
