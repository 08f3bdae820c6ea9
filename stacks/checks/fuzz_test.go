package checks_test

import (
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"tandem/cloudassembly"
	"tandem/stacks/checks"
)

// FuzzNothingPanics feeds arbitrary JSON, which is often a template in which
// one part is of another kind than CloudFormation asks.
func FuzzNothingPanics(f *testing.F) {
	for _, right := range []string{fleet, fargate, modelService, courier, vpcFunction, documents, deliveries, api, policies} {
		var stacks map[string]any
		require.NoError(f, yaml.Unmarshal([]byte(right), &stacks))
		for _, stack := range stacks {
			raw, err := json.Marshal(stack)
			require.NoError(f, err)
			f.Add(raw)
		}
	}
	f.Add([]byte(`{"Outputs": {"A": {"Value": {"Fn::GetStackOutput": {"StackName": "A", "OutputName": "A"}}}}, "Resources": {"R": {"Type": 5}}}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var template map[string]any
		if json.Unmarshal(raw, &template) != nil {
			return
		}
		a := cloudassembly.Assembly{Stacks: []cloudassembly.Stack{{ID: "A", Template: template}, {ID: "B", Parent: "A", ParentResource: "R", Template: template}}}
		for _, finding := range checks.Run(a, checks.Options{}) {
			require.NotEmpty(t, finding.String())
		}
	})
}

// Each kind of value that JSON has is put in the place of each part of
// templates that are right: what a fuzzer finds late is tried here at once.
func TestNoPartOfATemplateHasToBeOfTheKindThatItShould(t *testing.T) {
	strange := []any{nil, true, "text", "", 1.5, -1.0, []any{}, []any{nil, map[string]any{}}, map[string]any{}, map[string]any{"Ref": 1.0},
		map[string]any{"Fn::GetAtt": []any{}}, map[string]any{"Fn::Join": "x"}, map[string]any{"Fn::Sub": []any{1.0, 2.0}}, map[string]any{"Fn::If": []any{}},
		map[string]any{"Fn::GetStackOutput": "x"}, map[string]any{"Fn::Select": []any{"x", "y"}}}
	for _, right := range []string{fargate, modelService, courier, documents, deliveries, api} {
		whole := assembly(t, right)
		for _, stack := range whole.Stacks {
			eachPart(stack.Template, func(put func(any)) {
				for _, each := range strange {
					put(each)
					checks.Run(whole, checks.Options{})
				}
			})
		}
	}
}

// eachPart visits every place of a tree, and puts back what was there.
func eachPart(node any, visit func(put func(any))) {
	switch typed := node.(type) {
	case map[string]any:
		for key, before := range typed {
			visit(func(v any) { typed[key] = v })
			typed[key] = before
			eachPart(before, visit)
		}
	case []any:
		for i, before := range typed {
			visit(func(v any) { typed[i] = v })
			typed[i] = before
			eachPart(before, visit)
		}
	}
}
