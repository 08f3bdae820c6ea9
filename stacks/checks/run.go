package checks

import "tandem/cloudassembly"

// Options of a run; the zero value leaves findings without a place in the
// configuration.
type Options struct {
	// Origin returns where in the configuration a construct comes from, such
	// as config/prod.yaml:41, or "".
	Origin func(constructPath string) string
	// Entry returns the path of the configuration's entry that a construct
	// comes from, such as capacity.groups.single, or "". Rules add the key that
	// matters. Default: only what the templates themselves tell, by the names
	// that programs are given.
	Entry func(constructPath string) string
	// KeyOrigin returns where a path of the configuration is written, or "". It
	// is more exact than Origin and is asked first. Default: Origin alone.
	KeyOrigin func(configPath string) string
}

// Run applies every rule to an assembly. The findings are sorted, and the same
// for the same templates. A finding is left out where its resource's metadata
// accept the rule with a written reason, in the form that cdk-nag reads:
//
//	{"cdk_nag": {"rules_to_suppress": [{"id": "spot-draining", "reason": "..."}]}}
func Run(assembly cloudassembly.Assembly, options Options) []Finding {
	m := &model{Index: cloudassembly.New(assembly)}
	var findings []Finding
	for _, r := range rules() {
		c := &checker{model: m, rule: r.Rule, options: options}
		r.check(c)
		findings = append(findings, c.findings...)
	}
	return sortFindings(findings)
}

// checker is what a rule's check works with.
type checker struct {
	*model
	rule     Rule
	options  Options
	findings []Finding
}

// problem is what a rule has to say about a resource or a template.
type problem struct {
	found, expected, fix string
	// key of the configuration, below the entry that the resource comes from.
	key string
	// config is the whole path, where it is not below that entry.
	config string
	// warning is less than the rule's severity.
	warning bool
}

// report records a problem, unless a written reason accepts it.
func (c *checker) report(r *resource, p problem) {
	if r == nil || c.accepted(r) {
		return
	}
	f := c.finding(p)
	f.Stack, f.Path, f.LogicalID = r.Stack.ID, r.Path, r.ID
	f.Config = c.configPath(r, p)
	f.Origin = c.origin(f)
	c.findings = append(c.findings, f)
}

// reportStack records a problem of a whole template.
func (c *checker) reportStack(s *stack, p problem) {
	f := c.finding(p)
	f.Stack, f.Path, f.Config = s.ID, s.ID, p.config
	f.Origin = c.origin(f)
	c.findings = append(c.findings, f)
}

func (c *checker) finding(p problem) Finding {
	severity := c.rule.Severity
	if p.warning {
		severity = Warning
	}
	return Finding{
		Rule: c.rule.Name, Severity: severity,
		Message: "found " + p.found + ", expected " + p.expected + "; " + p.fix,
	}
}

// shortestReason is what counts as a reason; constructs/accepted asks the same.
const shortestReason = 10

// accepted is whether the resource says in writing why it breaks the rule.
func (c *checker) accepted(r *resource) bool {
	if c.rule.Strict {
		return false
	}
	for _, entry := range r.At("Metadata", "cdk_nag", "rules_to_suppress").List() {
		reason, _ := entry.At("reason").Literal()
		if len(reason) < shortestReason {
			continue
		}
		for _, name := range append([]string{c.rule.Name}, c.rule.Accepts...) {
			if entry.At("id").Is(name) {
				return true
			}
		}
	}
	return false
}
