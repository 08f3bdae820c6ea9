package checks

import (
	"strings"
)

const (
	// maxHops bounds how far one reference is followed, maxSteps how many parts
	// of a template one question may look at: a template may refer to itself.
	// Texts end at maxText bytes.
	maxHops  = 16
	maxSteps = 20_000
	maxText  = 1 << 20
)

// resolve follows what leads to another part of an assembly: parameters,
// outputs of other stacks and the branches of a condition.
func (v value) resolve() value {
	for range maxHops {
		next, moved := v.hop()
		if !moved {
			return v
		}
		v = next
	}
	return value{v.stack, nil}
}

func (v value) hop() (value, bool) {
	name, argument := v.intrinsic()
	switch name {
	case "Ref":
		return v.hopParameter(argument)
	case "Fn::GetAtt":
		return v.hopNestedOutput(argument)
	case "Fn::GetStackOutput":
		return v.hopStackOutput(argument)
	case "Fn::ImportValue":
		return v.hopExport(argument)
	case "Fn::If":
		return v.hopCondition(argument)
	case "Fn::Select":
		return v.hopSelection(argument)
	}
	return v, false
}

// intrinsic is the function that a value calls, if it calls one.
func (v value) intrinsic() (name string, argument any) {
	entries, isMap := v.raw.(map[string]any)
	if !isMap || len(entries) != 1 {
		return "", nil
	}
	for name, argument := range entries {
		if name == "Ref" || strings.HasPrefix(name, "Fn::") {
			return name, argument
		}
	}
	return "", nil
}

func (v value) hopParameter(argument any) (value, bool) {
	name, _ := argument.(string)
	if name == "AWS::NoValue" {
		return value{v.stack, nil}, true
	}
	if v.stack == nil || v.stack.resources[name] != nil {
		return v, false
	}
	if holder := v.stack.holder(); holder != nil {
		if given := holder.prop("Parameters").at(name); given.raw != nil {
			return given, true
		}
	}
	parameters, _ := v.stack.Template["Parameters"].(map[string]any)
	parameter, _ := parameters[name].(map[string]any)
	kind, _ := parameter["Type"].(string)
	if fallback, found := parameter["Default"]; found && !strings.HasPrefix(kind, "AWS::SSM::") {
		return value{v.stack, fallback}, true
	}
	return v, false
}

// holder is the resource in the parent stack that stands for a nested stack.
func (s *stack) holder() *resource {
	if parent := s.model.byID[s.Parent]; s.Parent != "" && parent != nil {
		return parent.resources[s.ParentResource]
	}
	return nil
}

func (v value) hopNestedOutput(argument any) (value, bool) {
	id, attribute := attribute(argument)
	output, isOutput := strings.CutPrefix(attribute, "Outputs.")
	if !isOutput || v.stack == nil {
		return v, false
	}
	for _, nested := range v.stack.model.stacks {
		if nested.Parent == v.stack.ID && nested.ParentResource == id {
			return nested.output(output)
		}
	}
	return v, false
}

// attribute takes both forms of Fn::GetAtt.
func attribute(argument any) (id, name string) {
	switch typed := argument.(type) {
	case string:
		id, name, _ = strings.Cut(typed, ".")
	case []any:
		if len(typed) == 2 {
			id, _ = typed[0].(string)
			name, _ = typed[1].(string)
		}
	}
	return id, name
}

// hopStackOutput follows a weak reference, which the CDK writes where context
// @aws-cdk/core:defaultCrossStackReferences is weak.
func (v value) hopStackOutput(argument any) (value, bool) {
	parts, _ := argument.(map[string]any)
	name, _ := parts["StackName"].(string)
	output, _ := parts["OutputName"].(string)
	if v.stack == nil {
		return v, false
	}
	if other := v.stack.model.byName[name]; other != nil {
		return other.output(output)
	}
	return v, false
}

func (s *stack) output(name string) (value, bool) {
	outputs, _ := s.Template["Outputs"].(map[string]any)
	output, found := outputs[name].(map[string]any)
	return value{s, output["Value"]}, found
}

func (v value) hopExport(argument any) (value, bool) {
	name, isText := argument.(string)
	if !isText || v.stack == nil {
		return v, false
	}
	for _, other := range v.stack.model.stacks {
		outputs, _ := other.Template["Outputs"].(map[string]any)
		for _, key := range sortedKeys(outputs) {
			output, _ := outputs[key].(map[string]any)
			export, _ := output["Export"].(map[string]any)
			if export["Name"] == any(name) {
				return value{other, output["Value"]}, true
			}
		}
	}
	return v, false
}

// hopCondition takes the first branch that has a value.
func (v value) hopCondition(argument any) (value, bool) {
	branches, _ := argument.([]any)
	if len(branches) != 3 {
		return v, false
	}
	if name, of := (value{v.stack, branches[1]}).intrinsic(); name == "Ref" && of == any("AWS::NoValue") {
		return value{v.stack, branches[2]}, true
	}
	return value{v.stack, branches[1]}, true
}

func (v value) hopSelection(argument any) (value, bool) {
	parts, _ := argument.([]any)
	if len(parts) != 2 {
		return v, false
	}
	from, isList := parts[1].([]any)
	index, isNumber := value{nil, parts[0]}.number()
	if !isList || !isNumber || index < 0 || int(index) >= len(from) {
		return v, false
	}
	return value{v.stack, from[int(index)]}, true
}
