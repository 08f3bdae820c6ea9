package checks

import "fmt"

func weakReference() rule {
	return rule{Rule{
		Name:     "weak-reference",
		Severity: Error,
		What:     "Fn::GetStackOutput names a stack of the assembly and an output that it has. A stack outside the assembly is a warning.",
		Why:      "Nothing else guards a weak reference: a missing output is found only when the second stack deploys, after the first has changed.",
		Source:   "https://docs.aws.amazon.com/AWSCloudFormation/latest/TemplateReference/intrinsic-function-reference-getstackoutput.html",
		Checked:  read,
	}, func(c *checker) {
		c.Every(func(r *resource) {
			eachIntrinsic(r.Body, func(name string, argument any) {
				if name == "Fn::GetStackOutput" {
					c.judgeReference(r, value{Stack: r.Stack, Raw: argument})
				}
			})
		})
	}}
}

func (c *checker) judgeReference(r *resource, to value) {
	stack, known := to.At("StackName").Literal()
	output, named := to.At("OutputName").Literal()
	if !known || !named {
		return
	}
	other := c.ByName[stack]
	if other == nil {
		c.report(r, problem{
			found: fmt.Sprintf("a reference to output %s of stack %s", output, stack), expected: "a stack that is synthesised too",
			fix: "make sure that it is deployed", warning: true,
		})
		return
	}
	if _, found := other.Output(output); !found {
		c.report(r, problem{
			found: fmt.Sprintf("a reference to output %s of stack %s", output, stack), expected: "an output that the stack has",
			fix: "refer to the resource, not to a name",
		})
	}
}
