package test

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
)

func TestEveryPackageHasItsLayer(t *testing.T) {
	for _, p := range allPackages(t) {
		assert.GreaterOrEqual(t, rank(p.path()), 0, "%s is on no line of layers in test/layers_test.go", p.ImportPath)
	}
}

func TestImportsPointDownwards(t *testing.T) {
	for _, p := range allPackages(t) {
		for _, imported := range p.Imports {
			if !isOurs(imported) || rank(p.path()) < 0 || rank(ours(imported)) < 0 {
				continue
			}
			own := rank(p.path()) == rank(ours(imported)) && strings.HasSuffix(layers[rank(p.path())], "/...")
			assert.True(t, own || rank(ours(imported)) < rank(p.path()), "%s imports %s, which is not below it in test/layers_test.go", p.ImportPath, imported)
		}
	}
}

// only is a rule: packages that match the first may import of ours nothing but
// what matches the others.
type only struct {
	of, from []string
}

func TestPackagesRelyOnLittleOfOurs(t *testing.T) {
	for name, rule := range map[string]only{
		"facts and contracts import nothing of ours": {
			of: []string{"prices", "config", "runtime/settings", "runtime/capacity", "runtime/nodestatus"},
		},
		"cores import the settings at most": {
			of: []string{"runtime/jobs", "runtime/models", "runtime/keys"}, from: []string{"runtime/settings"},
		},
		"adapters of the jobs point inwards": {
			of: []string{"runtime/jobs/*"}, from: []string{"runtime/jobs", "runtime/settings"},
		},
		"adapters of the models point inwards": {
			of: []string{"runtime/models/*"}, from: append([]string{"runtime/models", "runtime/settings", "prices"}, sharedByAdapters...),
		},
		"constructs know the settings, not the configuration, and name programs by their path": {
			of: []string{"constructs/..."}, from: []string{"constructs/...", "runtime/settings"},
		},
		"stacks know the configuration and constructs": {
			of: []string{"stacks/..."}, from: []string{"stacks/...", "config", "cloudassembly", "constructs/...", "runtime/settings"},
		},
		"the health agent is usable without the rest": {
			of: []string{"gpuagent/..."}, from: []string{"gpuagent/...", "runtime/settings", "runtime/nodestatus"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, p := range allPackages(t) {
				for _, imported := range p.Imports {
					if matchesAny(rule.of, p.path()) && isOurs(imported) {
						assert.True(t, matchesAny(rule.from, ours(imported)), "%s imports %s", p.ImportPath, imported)
					}
				}
			}
		})
	}
}

// The CDK is a Node process beside the program: nothing that is deployed, and
// nothing that a user runs without synthesising, may need it.
func TestTheCDKStaysInTheAppAndItsConstructs(t *testing.T) {
	allowed := []string{"", "constructs/...", "stacks/...", "test/snapshots/..."}
	for _, p := range allPackages(t) {
		if matchesAny(allowed, p.path()) {
			continue
		}
		for _, dependency := range p.Deps {
			assert.False(t, isCDK(dependency), "%s needs %s", p.ImportPath, dependency)
		}
		for _, imported := range append(slices.Clone(p.TestImports), p.XTestImports...) {
			assert.False(t, isCDK(imported) || matches("constructs/...", ours(imported)) || matches("stacks/...", ours(imported)),
				"a test of %s needs the CDK by %s", p.ImportPath, imported)
		}
	}
}

func isCDK(importPath string) bool {
	for _, library := range []string{
		"github.com/aws/jsii-runtime-go", "github.com/aws/aws-cdk-go", "github.com/aws/constructs-go", "github.com/cdklabs/",
	} {
		if strings.HasPrefix(importPath, library) {
			return true
		}
	}
	return false
}

// adapters speak to something outside; whoever uses one has chosen it.
var adapters = []string{
	"runtime/jobs/*", "runtime/models/*", "runtime/keys/*", "runtime/wake/*", "runtime/capacity/*", "runtime/fleetreport/*", "runtime/documents/*", "runtime/emptygroups/*",
	"runtime/worker/weights/*", "runtime/webhooks/lambdacourier", "runtime/secrets",
}

// sharedByAdapters lie beside adapters, which may use them: what the providers'
// languages, clients and budgets have in common, and the form in which reports
// lie in the partition that another adapter reads.
var sharedByAdapters = []string{
	"runtime/models/chat", "runtime/models/upstream", "runtime/models/budget", "runtime/fleetreport/dynamoreport",
}

// choosers are the places where a program is put together.
var choosers = []string{
	"runtime/functions/...", "runtime/worker/program", "runtime/worker/cmd/*", "gpuagent/...", "cmd/...", "examples/...", "test/...",
}

func TestOnlyWhoPutsAProgramTogetherChoosesAdapters(t *testing.T) {
	for _, p := range allPackages(t) {
		if matchesAny(choosers, p.path()) {
			continue
		}
		for _, imported := range p.Imports {
			assert.False(t, isOurs(imported) && matchesAny(adapters, ours(imported)) && !matchesAny(sharedByAdapters, ours(imported)), "%s imports the adapter %s", p.ImportPath, imported)
		}
	}
}

// The types of a cloud's SDK are a detail of the adapter that uses them.
func TestTheAWSSDKStaysInAdapters(t *testing.T) {
	for _, p := range allPackages(t) {
		if matchesAny(adapters, p.path()) || matchesAny(choosers, p.path()) {
			continue
		}
		for _, imported := range p.Imports {
			assert.False(t, strings.HasPrefix(imported, "github.com/aws/aws-sdk-go-v2"), "%s imports %s", p.ImportPath, imported)
		}
	}
}
