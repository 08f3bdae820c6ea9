package bedrock

import (
	"encoding/json"
	"math"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/document"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"
	smithydocument "github.com/aws/smithy-go/document"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
)

// translate makes Bedrock's request of OpenAI's. The second result tells whether
// the client wants the usage of a stream.
func translate(request models.Request) (*bedrockruntime.ConverseInput, bool, error) {
	asked, err := chat.Parse(request.Body)
	if err != nil {
		return nil, false, err
	}
	input := &bedrockruntime.ConverseInput{ModelId: &request.Model, InferenceConfig: inference(asked)}
	for _, text := range asked.System {
		input.System = append(input.System, &types.SystemContentBlockMemberText{Value: text})
	}
	calledTools := false
	for _, turn := range asked.Turns {
		message := types.Message{Role: types.ConversationRoleUser}
		if turn.Assistant {
			message.Role = types.ConversationRoleAssistant
		}
		for _, block := range turn.Blocks {
			calledTools = calledTools || block.ToolCall != nil || block.ToolResult != nil
			made, err := content(block)
			if err != nil {
				return nil, false, err
			}
			message.Content = append(message.Content, made)
		}
		input.Messages = append(input.Messages, message)
	}
	if err := output(input, asked); err != nil {
		return nil, false, err
	}
	input.ToolConfig, err = tools(asked, calledTools)
	return input, asked.IncludeUsage, err
}

func inference(asked *chat.Request) *types.InferenceConfiguration {
	config := &types.InferenceConfiguration{StopSequences: asked.Stop}
	if asked.MaxTokens > 0 {
		config.MaxTokens = aws.Int32(int32(min(asked.MaxTokens, math.MaxInt32)))
	}
	if asked.Temperature != nil {
		config.Temperature = aws.Float32(float32(*asked.Temperature))
	}
	if asked.TopP != nil {
		config.TopP = aws.Float32(float32(*asked.TopP))
	}
	return config
}

func output(input *bedrockruntime.ConverseInput, asked *chat.Request) error {
	switch asked.Effort {
	case "":
	case "low", "medium", "high":
		input.OutputConfig = &types.OutputConfig{Effort: &asked.Effort}
	default:
		return models.Unsupported("reasoning_effort", "The route of this model has the efforts low, medium and high, not %q.", asked.Effort)
	}
	if asked.Format == nil {
		return nil
	}
	if input.OutputConfig == nil {
		input.OutputConfig = &types.OutputConfig{}
	}
	definition := types.JsonSchemaDefinition{Schema: aws.String(string(asked.Format.Schema)), Name: optional(asked.Format.Name), Description: optional(asked.Format.Description)}
	input.OutputConfig.TextFormat = &types.OutputFormat{
		Type: types.OutputFormatTypeJsonSchema, Structure: &types.OutputFormatStructureMemberJsonSchema{Value: definition}}
	return nil
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}

// tools translates tools and the choice among them. Bedrock insists on the tools
// where some were called before, and has no way to forbid calling more.
func tools(asked *chat.Request, calledTools bool) (*types.ToolConfiguration, error) {
	if len(asked.Tools) == 0 {
		return nil, nil
	}
	if asked.NoParallelCalls {
		return nil, models.Unsupported("parallel_tool_calls", "The route of this model can't be told to call one tool at a time.")
	}
	if asked.ToolChoice.Mode == chat.ChoiceNone {
		if calledTools {
			return nil, models.Unsupported("tool_choice", "The route of this model can't be told to call no tool after some were called.")
		}
		return nil, nil
	}
	config := &types.ToolConfiguration{}
	for _, tool := range asked.Tools {
		schema, err := asDocument(tool.Parameters)
		if err != nil {
			return nil, models.Invalid("tools", "The parameters of %s are not valid JSON.", tool.Name)
		}
		config.Tools = append(config.Tools, &types.ToolMemberToolSpec{Value: types.ToolSpecification{
			Name: aws.String(tool.Name), Description: optional(tool.Description), Strict: tool.Strict,
			InputSchema: &types.ToolInputSchemaMemberJson{Value: schema},
		}})
	}
	switch asked.ToolChoice.Mode {
	case chat.ChoiceRequired:
		config.ToolChoice = &types.ToolChoiceMemberAny{}
	case chat.ChoiceNamed:
		config.ToolChoice = &types.ToolChoiceMemberTool{Value: types.SpecificToolChoice{Name: &asked.ToolChoice.Name}}
	case chat.ChoiceAuto:
		config.ToolChoice = &types.ToolChoiceMemberAuto{}
	}
	return config, nil
}

// asDocument makes the SDK's kind of document of JSON, numbers as they are.
func asDocument(raw json.RawMessage) (document.Interface, error) {
	decoder := json.NewDecoder(strings.NewReader(string(raw)))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	return document.NewLazyDocument(withNumbers(value)), nil
}

func withNumbers(value any) any {
	switch value := value.(type) {
	case json.Number:
		return smithydocument.Number(value)
	case []any:
		for i := range value {
			value[i] = withNumbers(value[i])
		}
	case map[string]any:
		for name := range value {
			value[name] = withNumbers(value[name])
		}
	}
	return value
}
