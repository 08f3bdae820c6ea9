package checks_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"tandem/cloudassembly"
	"tandem/stacks/checks"
)

var update = flag.Bool("update", false, "write docs/checks.md anew")

// edit is one change to a template that is right.
type edit struct {
	// name of the test, as a sentence.
	name string
	// replace is a text of the template, and with what stands there instead.
	replace, with string
	// at is the construct that the finding is about, and says a part of its
	// message; both empty where the edit is harmless.
	at, says string
	warning  bool
}

// covered are the rules that a test has seen fire, and seen silent.
var covered = struct{ fired, silent map[string]bool }{map[string]bool{}, map[string]bool{}}

// judge tests a rule: it says nothing about templates that are right, nor
// after a harmless edit, and exactly one thing after each other edit. The
// templates are YAML, by the ID of the stack.
func judge(t *testing.T, rule, right string, edits ...edit) {
	t.Helper()
	t.Run("a template that is right has no finding", func(t *testing.T) {
		require.Empty(t, findings(t, rule, right))
		covered.silent[rule] = true
	})
	for _, e := range edits {
		t.Run(e.name, func(t *testing.T) {
			require.Contains(t, right, e.replace, "the edit changes nothing")
			found := findings(t, rule, strings.Replace(right, e.replace, e.with, 1))
			if e.says == "" {
				require.Empty(t, found)
				return
			}
			require.Len(t, found, 1, "%v", found)
			require.Equal(t, e.at, found[0].Path)
			require.Contains(t, found[0].Message, e.says)
			severity := checks.Error
			if e.warning {
				severity = checks.Warning
			}
			require.Equal(t, severity, found[0].Severity)
			covered.fired[rule] = true
		})
	}
}

func findings(t *testing.T, rule, templates string) []checks.Finding {
	t.Helper()
	var found []checks.Finding
	for _, f := range checks.Run(assembly(t, templates), checks.Options{}) {
		if f.Rule == rule {
			found = append(found, f)
		}
	}
	return found
}

// assembly reads templates by stack. Beside what CloudFormation knows, a
// template may say Name, Protected and Size.
func assembly(t testing.TB, templates string) cloudassembly.Assembly {
	t.Helper()
	var byID map[string]map[string]any
	require.NoError(t, yaml.Unmarshal([]byte(templates), &byID))
	var a cloudassembly.Assembly
	for id, template := range byID {
		protected, _ := template["Protected"].(bool)
		name, _ := template["Name"].(string)
		size, _ := template["Size"].(int)
		a.Stacks = append(a.Stacks, cloudassembly.Stack{ID: id, Name: name, TerminationProtection: protected, Template: template, Size: size})
	}
	return a
}

func TestMain(m *testing.M) {
	flag.Parse()
	status := m.Run()
	if everything := flag.Lookup("test.run").Value.String() == "" && flag.Lookup("test.skip").Value.String() == ""; everything && status == 0 {
		status = uncovered()
	}
	os.Exit(status)
}

// uncovered fails the run when a rule was never seen to fire or to be silent.
func uncovered() int {
	status := 0
	for _, r := range checks.Rules() {
		if !covered.fired[r.Name] || !covered.silent[r.Name] {
			fmt.Fprintf(os.Stderr, "rule %s: no test makes it fire, or none shows it silent\n", r.Name)
			status = 1
		}
	}
	return status
}

func replace(t *testing.T, text, old, with string) string {
	t.Helper()
	require.Contains(t, text, old)
	return strings.Replace(text, old, with, 1)
}
