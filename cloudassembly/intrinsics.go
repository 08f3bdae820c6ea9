package cloudassembly

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

// Resolve follows what leads to another part of an assembly: parameters,
// outputs of other stacks and the branches of a condition.
func (v Value) Resolve() Value {
	for range maxHops {
		next, moved := v.hop()
		if !moved {
			return v
		}
		v = next
	}
	return Value{v.Stack, nil}
}

func (v Value) hop() (Value, bool) {
	name, argument := v.Intrinsic()
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

// Intrinsic is the function that a value calls, if it calls one.
func (v Value) Intrinsic() (name string, argument any) {
	entries, isMap := v.Raw.(map[string]any)
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

func (v Value) hopParameter(argument any) (Value, bool) {
	name, _ := argument.(string)
	if name == "AWS::NoValue" {
		return Value{v.Stack, nil}, true
	}
	if v.Stack == nil || v.Stack.Resources[name] != nil {
		return v, false
	}
	if holder := v.Stack.holder(); holder != nil {
		if given := holder.Prop("Parameters").At(name); given.Raw != nil {
			return given, true
		}
	}
	parameters, _ := v.Stack.Template["Parameters"].(map[string]any)
	parameter, _ := parameters[name].(map[string]any)
	kind, _ := parameter["Type"].(string)
	if fallback, found := parameter["Default"]; found && !strings.HasPrefix(kind, "AWS::SSM::") {
		return Value{v.Stack, fallback}, true
	}
	return v, false
}

// holder is the resource in the parent stack that stands for a nested stack.
func (s *IndexedStack) holder() *Resource {
	if parent := s.index.ByID[s.Parent]; s.Parent != "" && parent != nil {
		return parent.Resources[s.ParentResource]
	}
	return nil
}

func (v Value) hopNestedOutput(argument any) (Value, bool) {
	id, attribute := attribute(argument)
	output, isOutput := strings.CutPrefix(attribute, "Outputs.")
	if !isOutput || v.Stack == nil {
		return v, false
	}
	for _, nested := range v.Stack.index.Stacks {
		if nested.Parent == v.Stack.ID && nested.ParentResource == id {
			return nested.Output(output)
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
func (v Value) hopStackOutput(argument any) (Value, bool) {
	parts, _ := argument.(map[string]any)
	name, _ := parts["StackName"].(string)
	output, _ := parts["OutputName"].(string)
	if v.Stack == nil {
		return v, false
	}
	if other := v.Stack.index.ByName[name]; other != nil {
		return other.Output(output)
	}
	for _, other := range v.Stack.index.Stacks {
		if found, known := other.Output(output); known && other.anonymous {
			return found, true
		}
	}
	return v, false
}

// Output is the value of an output, and whether there is one of that name.
func (s *IndexedStack) Output(name string) (Value, bool) {
	outputs, _ := s.Template["Outputs"].(map[string]any)
	output, found := outputs[name].(map[string]any)
	return Value{s, output["Value"]}, found
}

func (v Value) hopExport(argument any) (Value, bool) {
	name, isText := argument.(string)
	if !isText || v.Stack == nil {
		return v, false
	}
	for _, other := range v.Stack.index.Stacks {
		outputs, _ := other.Template["Outputs"].(map[string]any)
		for _, key := range sortedKeys(outputs) {
			output, _ := outputs[key].(map[string]any)
			export, _ := output["Export"].(map[string]any)
			if export["Name"] == any(name) {
				return Value{other, output["Value"]}, true
			}
		}
	}
	return v, false
}

// hopCondition takes the first branch that has a value.
func (v Value) hopCondition(argument any) (Value, bool) {
	branches, _ := argument.([]any)
	if len(branches) != 3 {
		return v, false
	}
	if name, of := (Value{v.Stack, branches[1]}).Intrinsic(); name == "Ref" && of == any("AWS::NoValue") {
		return Value{v.Stack, branches[2]}, true
	}
	return Value{v.Stack, branches[1]}, true
}

func (v Value) hopSelection(argument any) (Value, bool) {
	parts, _ := argument.([]any)
	if len(parts) != 2 {
		return v, false
	}
	from, isList := parts[1].([]any)
	index, isNumber := Value{nil, parts[0]}.Number()
	if !isList || !isNumber || index < 0 || int(index) >= len(from) {
		return v, false
	}
	return Value{v.Stack, from[int(index)]}, true
}
