package xid

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"tandem/gpuagent/internal/finding"
)

// rule is what the settings say of one code: a word, or an object with some of
// these fields.
type rule struct {
	Action finding.Action `json:"action"`
	Scope  Scope          `json:"scope"`
	Count  int            `json:"count"`
	Window string         `json:"window"`
}

// override reads JSON such as
//
//	{"63": "ignore", "SXID_11001": "observe", "109": {"action": "RESET_GPU", "count": 3, "window": "10m"}}
//
// ignore drops a code unnoticed, observe notes it without an action, replace
// takes a single one for a reason to replace the instance.
func (t *Table) override(text string) error {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var rules map[string]json.RawMessage
	if err := json.Unmarshal([]byte(text), &rules); err != nil {
		return fmt.Errorf("%w; write {\"63\": \"ignore\"}", err)
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(rules)) {
		if err := t.overrule(name, rules[name]); err != nil {
			errs = append(errs, fmt.Errorf("%s: %w", name, err))
		}
	}
	return errors.Join(errs...)
}

func (t *Table) overrule(name string, raw json.RawMessage) error {
	code, isSwitch, ok := ParseReason(name)
	if !ok {
		return errors.New("it is neither a code such as 63, nor XID_63 or SXID_11001")
	}
	policy, of := t.Xid(code), t.xids
	if isSwitch {
		policy, of = t.SXid(code, false), t.sxids
	}
	policy.Overruled = true
	if err := policy.apply(raw); err != nil {
		return err
	}
	if err := policy.check(); err != nil {
		return err
	}
	of[code] = policy
	return nil
}

func (p *Policy) apply(raw json.RawMessage) error {
	var word string
	if json.Unmarshal(raw, &word) == nil {
		p.Count, p.Window = 1, 0
		switch word {
		case "ignore":
			p.Ignored, p.Action = true, finding.None
		case "observe":
			p.Action = finding.None
		case "replace":
			p.Action = finding.Replace
			if p.Scope == Application {
				p.Scope = GPU
			}
		default:
			return fmt.Errorf("it is ignore, observe or replace, not %q", word)
		}
		return nil
	}
	var rule rule
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&rule); err != nil {
		return err
	}
	if rule.Window != "" {
		window, err := time.ParseDuration(rule.Window)
		if err != nil {
			return err
		}
		p.Window = window
	}
	if rule.Action != "" {
		p.Action = rule.Action
	}
	if rule.Scope != "" {
		p.Scope = rule.Scope
	}
	if rule.Count != 0 {
		p.Count = rule.Count
	}
	return nil
}

// ParseReason reads 79, XID_79, xid 79 or SXID_11001.
func ParseReason(text string) (code int, isSwitch, ok bool) {
	text = strings.ToUpper(strings.TrimSpace(text))
	text, isSwitch = strings.CutPrefix(text, "S")
	if rest, found := strings.CutPrefix(text, "XID"); found {
		text = strings.TrimLeft(rest, "_ -")
	} else if isSwitch {
		return 0, false, false
	}
	code, err := strconv.Atoi(text)
	return code, isSwitch, err == nil && code > 0 && code < 100_000
}
