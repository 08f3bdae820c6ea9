// Package cloudassembly reads what a synth of the CDK has written: the stacks of
// an environment, their resources, and what their templates refer to, across
// stacks. It is for programs that judge or price templates, and knows nothing of
// the CDK's library.
//
// It resolves what a template itself tells. What is only known after the
// deployment stays a name, or gets the length that it will have.
package cloudassembly

// Assembly is what one environment deploys. [Load] reads it from a folder; the
// zero value is an assembly without stacks.
type Assembly struct {
	// Stacks in any order.
	Stacks []Stack
}

// Stack is one template.
type Stack struct {
	// ID is the path of the stack's construct, such as Compute.
	ID string
	// Name in CloudFormation, by which other stacks refer to it. Default: not
	// known; references then find an output by its own name.
	Name string
	// Region that it is for. Default: left open.
	Region string
	// TerminationProtection refuses to delete the stack.
	TerminationProtection bool
	// Template as encoding/json decodes it into any.
	Template map[string]any
	// Size of the template's file in bytes. Default: not checked.
	Size int
	// Paths maps logical IDs to construct paths, for resources whose metadata
	// have none. Default: the logical ID stands for the path.
	Paths map[string]string
	// Parent is the ID of the stack that a nested stack belongs to, and
	// ParentResource its logical ID there. Default: not nested.
	Parent, ParentResource string
}
