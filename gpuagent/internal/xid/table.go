package xid

import (
	_ "embed"
	"encoding/csv"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/gpuagent/internal/finding"
)

//go:embed xids.csv
var xids string

//go:embed sxids.csv
var sxids string

// Table holds a policy for each known code. It is safe for concurrent use.
type Table struct {
	xids, sxids map[int]Policy
}

// Load returns the built-in table with the overrides of the settings, which are
// JSON and may be empty; see [Table.override].
func Load(overrides string) (*Table, error) {
	table := &Table{}
	var err, switches error
	table.xids, err = read(xids, xidRow)
	table.sxids, switches = read(sxids, sxidRow)
	if err := errors.Join(err, switches); err != nil {
		return nil, fmt.Errorf("reading the table of Xids: %w", err)
	}
	if err := table.override(overrides); err != nil {
		return nil, fmt.Errorf("reading the overrides of Xids: %w", err)
	}
	return table, nil
}

// Xid returns the policy for a code. One that nobody knows is noted and leads to
// nothing: an agent that is older than its driver must not take a fleet down.
func (t *Table) Xid(code int) Policy {
	if policy, known := t.xids[code]; known {
		return policy
	}
	return Policy{Code: code, Name: "unknown", Scope: GPU, Action: finding.None, Count: 1, AWS: noOpinion, Plugin: noOpinion, NVIDIA: noOpinion,
		Note: "Not in the catalogue when this agent was built."}
}

// SXid returns the policy for a code of an NVSwitch. One that nobody knows counts
// as the driver's line says.
func (t *Table) SXid(code int, fatal bool) Policy {
	if policy, known := t.sxids[code]; known {
		return policy
	}
	policy := Policy{Code: code, Switch: true, Name: "unknown", Scope: Node, Action: finding.None, Count: 1, NVIDIA: "not fatal",
		Note: "Not in the guide when this agent was built; the driver says whether it is fatal."}
	if fatal {
		policy.NVIDIA, policy.Action = opinionFatal, finding.Reboot
	}
	return policy
}

// Xids returns all policies for Xids, by code.
func (t *Table) Xids() []Policy { return sorted(t.xids) }

// SXids returns all policies for SXids, by code.
func (t *Table) SXids() []Policy { return sorted(t.sxids) }

func sorted(of map[int]Policy) []Policy {
	all := make([]Policy, 0, len(of))
	for _, policy := range of {
		all = append(all, policy)
	}
	slices.SortFunc(all, func(a, b Policy) int { return a.Code - b.Code })
	return all
}

func read(text string, row func([]string) (Policy, error)) (map[int]Policy, error) {
	reader := csv.NewReader(strings.NewReader(text))
	reader.Comment = '#'
	rows, err := reader.ReadAll()
	if err != nil {
		return nil, err
	}
	policies := map[int]Policy{}
	for _, fields := range rows[1:] {
		policy, err := row(fields)
		if err == nil {
			err = policy.check()
		}
		if err == nil && policies[policy.Code].Code != 0 {
			err = errors.New("listed twice")
		}
		if err != nil {
			return nil, fmt.Errorf("code %s: %w", fields[0], err)
		}
		policies[policy.Code] = policy
	}
	return policies, nil
}

// xidRow reads code,name,scope,action,count,window,aws,plugin,nvidia,note.
func xidRow(fields []string) (Policy, error) {
	code, codeErr := strconv.Atoi(fields[0])
	count, countErr := strconv.Atoi(fields[4])
	window, windowErr := time.ParseDuration(fields[5])
	return Policy{
		Code: code, Name: fields[1], Scope: Scope(fields[2]), Action: finding.Action(fields[3]), Count: count, Window: window,
		AWS: fields[6], Plugin: fields[7], NVIDIA: fields[8], Note: fields[9],
	}, errors.Join(codeErr, countErr, windowErr)
}

// sxidRow reads code,name,class,scope,action,note.
func sxidRow(fields []string) (Policy, error) {
	code, err := strconv.Atoi(fields[0])
	return Policy{
		Code: code, Switch: true, Name: fields[1], NVIDIA: fields[2], Scope: Scope(fields[3]), Action: finding.Action(fields[4]), Count: 1,
		Note: fields[5],
	}, err
}

// check keeps a table from what would be dangerous or mean nothing.
func (p Policy) check() error {
	switch {
	case p.Code <= 0:
		return errors.New("a code is above 0")
	case p.Name == "":
		return errors.New("it has no name")
	case p.Scope != Application && p.Scope != GPU && p.Scope != Node:
		return fmt.Errorf("the scope is application, gpu or node, not %q", p.Scope)
	case !p.Action.Known():
		return fmt.Errorf("the action is one of %v, not %q", finding.Actions(), p.Action)
	case p.Scope == Application && p.Action.Drains():
		return fmt.Errorf("an application's own error cannot lead to %s", p.Action)
	case p.Count < 1 || p.Count > maxCount:
		return fmt.Errorf("a count is from 1 to %d, not %d", maxCount, p.Count)
	case p.Window < 0 || p.Window > 24*time.Hour || p.Count > 1 && p.Window == 0:
		return fmt.Errorf("a window is up to 24h, and more than one event needs one; it is %s", p.Window)
	default:
		return nil
	}
}

// maxCount of events that are remembered for one code and device.
const maxCount = 1000
