package checks

import "fmt"

func crossStackExport() rule {
	return rule{Rule{
		Name:     "cross-stack-export",
		Severity: Error,
		What:     "No output has an Export and nothing uses Fn::ImportValue: references across stacks are weak.",
		Why: "An export cannot change or go while another stack imports it: removing a worker would deadlock between the stack that " +
			"no longer needs its queue and the stack that still exports it.",
		Source:  "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/using-cfn-stack-exports.html",
		Checked: read,
	}, func(c *checker) {
		for _, s := range c.Stacks {
			for _, name := range s.Section("Outputs").Keys() {
				if export := s.Section("Outputs").At(name, "Export"); export.Exists() {
					c.reportStack(s, problem{
						found: fmt.Sprintf("output %s with export %s", name, orNone(export.At("Name"))), expected: "no export",
						fix: `set context "@aws-cdk/core:defaultCrossStackReferences": "weak"`,
					})
				}
			}
		}
		c.Every(func(r *resource) {
			eachIntrinsic(r.Body, func(name string, argument any) {
				if name == "Fn::ImportValue" {
					c.report(r, problem{
						found: "Fn::ImportValue of " + orNone(value{Stack: r.Stack, Raw: argument}), expected: "a weak reference",
						fix: `set context "@aws-cdk/core:defaultCrossStackReferences": "weak"`,
					})
				}
			})
		})
	}}
}

// eachIntrinsic visits the functions that a part of a template calls, as they
// are written, in any order.
func eachIntrinsic(raw any, do func(name string, argument any)) {
	if name, argument := (value{Raw: raw}).Intrinsic(); name != "" {
		do(name, argument)
	}
	switch typed := raw.(type) {
	case []any:
		for _, each := range typed {
			eachIntrinsic(each, do)
		}
	case map[string]any:
		for _, each := range typed {
			eachIntrinsic(each, do)
		}
	}
}
