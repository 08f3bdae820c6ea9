package assembly

import "slices"

// pruner takes mentions of missing things out of one value.
//
// A value that is nothing but the missing thing is gone; so is a list element
// that has such a value in one of its keys, such as a statement or a strategy
// without its target. A text that mentions the missing thing, and an
// environment variable, which a program insists on, get a placeholder.
type pruner struct {
	missing *missing
	stack   *Stack
	// named is the last missing thing that was met, empty when there was none.
	named string
}

// value returns the value without what is missing, and whether it is gone.
func (p *pruner) value(value any) (any, bool) {
	switch content := value.(type) {
	case map[string]any:
		if function, argument, ok := intrinsic(content); ok {
			return p.intrinsic(function, argument)
		}
		return p.object(content), false
	case []any:
		return p.list(content), false
	default:
		return value, false
	}
}

func (p *pruner) intrinsic(function string, argument any) (any, bool) {
	same := map[string]any{function: argument}
	if path, found := p.missing.mention(p.stack, function, argument); found {
		p.named = path
		return same, true
	}
	switch function {
	case "Ref", "Fn::GetAtt", "Fn::GetStackOutput", "Fn::ImportValue", "Condition":
		return same, false
	case "Fn::Join":
		return map[string]any{function: p.texts(argument)}, false
	case "Fn::Sub":
		return map[string]any{function: p.sub(argument)}, false
	case "Fn::If":
		return map[string]any{function: p.branches(argument)}, false
	default:
		pruned := &pruner{missing: p.missing, stack: p.stack}
		if _, gone := pruned.value(argument); gone || pruned.named != "" {
			p.named = pruned.named
			return same, true
		}
		return same, false
	}
}

// texts puts placeholders into the arguments of a Fn::Join, at any depth.
func (p *pruner) texts(value any) any {
	switch content := value.(type) {
	case map[string]any:
		pruned, gone := p.value(content)
		if gone {
			return placeholder(p.named)
		}
		return pruned
	case []any:
		result := make([]any, 0, len(content))
		for _, element := range content {
			result = append(result, p.texts(element))
		}
		return result
	default:
		return value
	}
}

func (p *pruner) sub(argument any) any {
	template, own := argument, map[string]any(nil)
	parts := list(argument)
	if len(parts) == 2 {
		template, own = parts[0], object(parts[1])
	}
	result, named := p.missing.substitute(p.stack, text(template), own)
	if named != "" {
		p.named = named
	}
	if own == nil {
		return result
	}
	values := map[string]any{}
	for name, value := range own {
		values[name] = p.texts(value)
	}
	return []any{result, values}
}

func (p *pruner) branches(argument any) any {
	branches := slices.Clone(list(argument))
	for i := 1; i < len(branches); i++ {
		pruned, gone := p.value(branches[i])
		if gone {
			pruned = map[string]any{"Ref": "AWS::NoValue"}
		}
		branches[i] = pruned
	}
	return branches
}

func (p *pruner) object(content map[string]any) map[string]any {
	result := map[string]any{}
	for key, value := range content {
		if pruned, gone := p.value(value); !gone {
			result[key] = pruned
		}
	}
	return result
}

// environment is an object whose keys have to stay.
func (p *pruner) environment(content map[string]any) map[string]any {
	result := map[string]any{}
	for key, value := range content {
		result[key] = p.texts(value)
	}
	return result
}

func (p *pruner) list(content []any) []any {
	result := []any{}
	for _, element := range content {
		if pruned, gone := p.element(element); !gone {
			result = append(result, pruned)
		}
	}
	return result
}

func (p *pruner) element(element any) (any, bool) {
	content := object(element)
	if _, _, ok := intrinsic(content); ok || content == nil {
		return p.value(element)
	}
	if isVariable(content) {
		return p.environment(content), false
	}
	result := map[string]any{}
	for key, value := range content {
		pruned, gone := p.value(value)
		if gone || emptied(value, pruned) {
			return nil, true
		}
		result[key] = pruned
	}
	return result, false
}

// isVariable recognises one environment variable of a container.
func isVariable(content map[string]any) bool {
	_, named := content["Name"].(string)
	_, valued := content["Value"]
	return named && valued && len(content) == 2
}

func emptied(before, after any) bool {
	return len(list(before)) > 0 && len(list(after)) == 0
}

// intrinsic returns the function and its argument when a value is a call of one.
func intrinsic(content map[string]any) (string, any, bool) {
	if len(content) != 1 {
		return "", nil, false
	}
	for function, argument := range content {
		if function == "Ref" || function == "Condition" || len(function) > 4 && function[:4] == "Fn::" {
			return function, argument, true
		}
	}
	return "", nil, false
}
