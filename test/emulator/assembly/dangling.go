package assembly

import (
	"regexp"
	"strings"
)

// missing is what has been left out so far, and how to recognise a mention of it.
type missing struct {
	// resources by stack id and logical id: the reason.
	resources map[string]map[string]string
	// outputs by stack name and logical id.
	outputs map[string]map[string]bool
	// exports by name.
	exports map[string]bool
}

// mention returns what a single intrinsic function names that is missing.
func (m *missing) mention(stack *Stack, function string, argument any) (string, bool) {
	switch function {
	case "Ref":
		return m.resource(stack, text(argument))
	case "Fn::GetAtt":
		if parts := list(argument); len(parts) > 0 {
			return m.resource(stack, text(parts[0]))
		}
		name, _, _ := strings.Cut(text(argument), ".")
		return m.resource(stack, name)
	case "Fn::GetStackOutput":
		output := object(argument)
		name := text(output["OutputName"])
		return name, m.outputs[text(output["StackName"])][name]
	case "Fn::ImportValue":
		name := text(argument)
		return name, m.exports[name]
	}
	return "", false
}

func (m *missing) resource(stack *Stack, logicalID string) (string, bool) {
	_, found := m.resources[stack.ID][logicalID]
	if !found {
		return "", false
	}
	return stack.Path(logicalID), true
}

var substitution = regexp.MustCompile(`\$\{([^!}][^}.]*)[^}]*\}`)

// substitute puts a placeholder for what is missing into the text of a Fn::Sub.
func (m *missing) substitute(stack *Stack, template string, own map[string]any) (string, string) {
	var named string
	result := substitution.ReplaceAllStringFunc(template, func(match string) string {
		name := substitution.FindStringSubmatch(match)[1]
		if _, shadowed := own[name]; shadowed {
			return match
		}
		path, found := m.resource(stack, name)
		if !found {
			return match
		}
		named = path
		return placeholder(path)
	})
	return result, named
}

// placeholder stands in a text for something that is not deployed.
func placeholder(path string) string {
	return "not-deployed-" + strings.ReplaceAll(path, "/", "-")
}
