package config

import (
	"fmt"
	"strings"
)

// rule is something that has to hold between several keys, or between a key
// and AWS. What a single field allows is in the field's tags instead.
type rule struct {
	// name is printed beside each problem and is what a test fires.
	name string
	// says is the rule in words, for the reference.
	says  string
	check func(*judge)
}

// rules in the order of the configuration.
func rules() []rule {
	var all []rule
	for _, group := range [][]rule{
		awsRules(), networkRules(), apiRules(), providerRules(), modelRules(), workerRules(), serviceRules(),
		scaleRules(), containerRules(), documentRules(), groupRules(), resourceRules(), stateRules(),
	} {
		all = append(all, group...)
	}
	return all
}

// Rule is a cross-field rule as the reference lists it.
type Rule struct{ Name, Says string }

// Rules lists the cross-field rules that Load applies.
func Rules() []Rule {
	var all []Rule
	for _, r := range rules() {
		all = append(all, Rule{r.name, r.says})
	}
	return all
}

// judge is what a rule sees: the complete configuration, and where each value
// came from.
type judge struct {
	*Config
	tree  *node
	rule  string
	known []path
	// removed is where a layer took a value away, by its path.
	removed map[string]Position
	found   []Problem
}

// judgeAll applies every rule. What rests on a value that is already known to
// be wrong is left out: one mistake should be one message.
func judgeAll(c *Config, tree *node, known []path, removed map[string]Position) []Problem {
	j := &judge{Config: c, tree: tree, known: known, removed: removed}
	for _, r := range rules() {
		j.rule = r.name
		r.check(j)
	}
	return j.found
}

// at is the path of a value.
func at(parts ...string) path { return parts }

// report says what is wrong with the value at a path. The reads are the paths
// of other values that the message rests on.
func (j *judge) report(p path, message, hint string, reads ...path) {
	j.add(Problem{path: p, Message: message, Hint: hint}, reads)
}

// reportKey is report for what is wrong with a key and not with its value.
func (j *judge) reportKey(p path, message, hint string, reads ...path) {
	j.add(Problem{path: p, Message: message, Hint: hint, onKey: true}, reads)
}

// reportHidden is report for values that must not be printed again.
func (j *judge) reportHidden(p path, message, hint string) {
	j.add(Problem{path: p, Message: message, Hint: hint, hidden: true}, nil)
}

func (j *judge) add(found Problem, reads []path) {
	for _, wrong := range j.known {
		for _, read := range append(reads, found.path) {
			if wrong.leadsTo(read) || read.leadsTo(wrong) {
				return
			}
		}
	}
	found.Position, found.Rule = j.tree.written(found.path), j.rule
	if _, key, ok := j.tree.find(found.path); ok && found.onKey {
		found.Position = key
	}
	j.found = append(j.found, found)
}

// given is whether somebody wrote the value, or it is a default.
func (j *judge) given(p path) bool {
	value, _, ok := j.tree.find(p)
	return ok && value.at.File != Default
}

// leadsTo is whether q is p or lies below it.
func (p path) leadsTo(q path) bool {
	if len(p) > len(q) {
		return false
	}
	for i := range p {
		if p[i] != q[i] {
			return false
		}
	}
	return true
}

// written is the place of a value, or else of the nearest part above it that
// somebody wrote.
func (n *node) written(p path) Position {
	for ; len(p) > 0; p = p[:len(p)-1] {
		if position := n.origin(p); position.File != Default {
			return position
		}
	}
	return n.at
}

// unknown reports a name that refers to nothing: the value at p should be a
// key of what is at where.
func (j *judge) unknown(p path, kind, name string, where path, names []string) {
	hint := didYouMean(name, names)
	for p := where.key(name); len(p) > 0; p = p[:len(p)-1] {
		if removed, ok := j.removed[p.String()]; ok {
			hint = fmt.Sprintf("%s is removed at %s", p, removed)
			break
		}
	}
	if hint == "" {
		hint = listed(names)
	}
	j.report(p, "no "+kind+" is called "+quote(name), hint, where.key(name))
}

func listed(names []string) string {
	if len(names) == 0 {
		return "none is configured"
	}
	return "there are: " + strings.Join(names, ", ")
}
