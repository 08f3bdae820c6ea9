// Package check reports props that cannot work, in the two ways in which
// constructs do: a prop that a programmer forgot ends the program, a value that
// came from a user becomes an error annotation, so that one synth reports all
// of them.
//
// Which values are wrong is each construct's own knowledge.
package check

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Required panics with the construct's path and the names of the props that
// are missing. The package is that of the Props.
func Required(scope constructs.IConstruct, pkg string, missing map[string]bool) {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(missing)) {
		if missing[name] {
			names = append(names, pkg+".Props."+name)
		}
	}
	if len(names) == 0 {
		return
	}
	verb := "is"
	if len(names) > 1 {
		verb = "are"
	}
	panic(fmt.Sprintf("%s: %s %s required", *scope.Node().Path(), strings.Join(names, ", "), verb))
}

// Finding is what is wrong with a value.
type Finding struct {
	// Rule is the name of the rule, such as stop-timeouts-fit.
	Rule string
	// Found is the value that is wrong, in words.
	Found string
	// Expected is what would do.
	Expected string
	// Fix is what to change.
	Fix string
}

// Error annotates the construct; the synth goes on and fails at its end.
func Error(scope constructs.IConstruct, f Finding) {
	awscdk.Annotations_Of(scope).AddError(jsii.String(fmt.Sprintf("%s: found %s, expected %s; %s", f.Rule, f.Found, f.Expected, f.Fix)))
}
