package assembly

import (
	"fmt"
	"strings"
)

// The two APIs by which API Gateway invokes a function
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/response-transfer-mode-lambda.html, 2026-11-24).
const (
	streamingAPI, streamingVerb = "2021-11-15", "response-streaming-invocations"
	bufferedAPI, bufferedVerb   = "2015-03-31", "invocations"
)

// buffer makes streaming integrations buffered ones. It returns the changes and,
// by stack id, the logical ids of the functions that answer in a stream.
func (a *Assembly) buffer() ([]Change, map[string][]string, error) {
	var changes []Change
	streaming := map[string][]string{}
	for _, stack := range a.Stacks {
		for _, logicalID := range sortedKeys(stack.Resources()) {
			method := object(stack.Resources()[logicalID])
			integration := object(object(method["Properties"])["Integration"])
			if method["Type"] != "AWS::ApiGateway::Method" || integration["ResponseTransferMode"] != "STREAM" {
				continue
			}
			function, err := stack.functionOf(integration["Uri"])
			if err != nil {
				return nil, nil, fmt.Errorf("buffering the integration %s of %s: %w", stack.Path(logicalID), stack.ID, err)
			}
			streaming[stack.ID] = append(streaming[stack.ID], function)
			delete(integration, "ResponseTransferMode")
			integration["Uri"] = replaceTexts(integration["Uri"], strings.NewReplacer(streamingAPI, bufferedAPI, streamingVerb, bufferedVerb))
			// A buffered integration ends after 29 s at the latest, and takes no more.
			delete(integration, "TimeoutInMillis")
			changes = append(changes, Change{Buffered, stack.ID, text(method["Type"]), stack.Path(logicalID), "the emulator does not stream"})
		}
	}
	return changes, streaming, nil
}

// functionOf finds the function that an integration's URI names, directly or by an alias.
func (s *Stack) functionOf(uri any) (string, error) {
	for _, name := range mentioned(uri) {
		resource := object(s.Resources()[name])
		switch text(resource["Type"]) {
		case "AWS::Lambda::Function":
			return name, nil
		case "AWS::Lambda::Alias", "AWS::Lambda::Version":
			return s.functionOf(object(resource["Properties"])["FunctionName"])
		}
	}
	return "", fmt.Errorf("it names no function of its own stack")
}

// mentioned lists the logical ids that Ref and Fn::GetAtt name inside a value.
func mentioned(value any) []string {
	var names []string
	switch content := value.(type) {
	case map[string]any:
		if ref := text(content["Ref"]); ref != "" {
			return []string{ref}
		}
		if attribute := list(content["Fn::GetAtt"]); len(attribute) > 0 {
			return []string{text(attribute[0])}
		}
		for _, key := range sortedKeys(content) {
			names = append(names, mentioned(content[key])...)
		}
	case []any:
		for _, element := range content {
			names = append(names, mentioned(element)...)
		}
	}
	return names
}

func replaceTexts(value any, replacer *strings.Replacer) any {
	switch content := value.(type) {
	case string:
		return replacer.Replace(content)
	case map[string]any:
		for key, element := range content {
			content[key] = replaceTexts(element, replacer)
		}
	case []any:
		for i, element := range content {
			content[i] = replaceTexts(element, replacer)
		}
	}
	return value
}
