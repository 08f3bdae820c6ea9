package anthropic

import (
	"encoding/base64"
	"encoding/json"
	"regexp"

	sdk "github.com/anthropics/anthropic-sdk-go"
	"github.com/anthropics/anthropic-sdk-go/packages/param"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
)

// Anthropic has no default for the longest answer, OpenAI's clients seldom set
// one. These fit every model of Anthropic's, of which the oldest write no more
// (https://docs.anthropic.com/en/docs/about-claude/models/overview, 2026-11-24).
const (
	defaultMaxTokens = 8192
	oldestMaxTokens  = 4096
)

var oldest = regexp.MustCompile(`^claude-(v1|2|instant|3-(opus|sonnet|haiku))`)

// translate makes Anthropic's request of OpenAI's. The second result tells
// whether the client wants the usage of a stream.
func translate(request models.Request) (sdk.MessageNewParams, bool, error) {
	asked, err := chat.Parse(request.Body)
	if err != nil {
		return sdk.MessageNewParams{}, false, err
	}
	params := sdk.MessageNewParams{Model: request.Model, MaxTokens: int64(asked.MaxTokens), StopSequences: asked.Stop}
	if params.MaxTokens == 0 {
		params.MaxTokens = defaultMaxTokens
		if oldest.MatchString(request.Model) {
			params.MaxTokens = oldestMaxTokens
		}
	}
	if asked.Temperature != nil {
		params.Temperature = param.NewOpt(*asked.Temperature)
	}
	if asked.TopP != nil {
		params.TopP = param.NewOpt(*asked.TopP)
	}
	if asked.User != "" {
		params.Metadata.UserID = param.NewOpt(asked.User)
	}
	for _, text := range asked.System {
		params.System = append(params.System, sdk.TextBlockParam{Text: text})
	}
	if err := output(&params, asked); err != nil {
		return params, false, err
	}
	tools(&params, asked)
	for _, turn := range asked.Turns {
		blocks, err := content(turn)
		if err != nil {
			return params, false, err
		}
		role := sdk.MessageParamRoleUser
		if turn.Assistant {
			role = sdk.MessageParamRoleAssistant
		}
		params.Messages = append(params.Messages, sdk.MessageParam{Role: role, Content: blocks})
	}
	return params, asked.IncludeUsage, nil
}

func output(params *sdk.MessageNewParams, asked *chat.Request) error {
	switch effort := asked.Effort; effort {
	case "":
	case "low", "medium", "high", "xhigh":
		params.OutputConfig.Effort = sdk.OutputConfigEffort(effort)
	default:
		return models.Unsupported("reasoning_effort", "The route of this model has the efforts low, medium, high and xhigh, not %q.", effort)
	}
	if asked.Format != nil {
		// As it came: the order of its properties is that of the answer.
		params.OutputConfig.Format = param.Override[sdk.JSONOutputFormatParam](map[string]any{"type": "json_schema", "schema": asked.Format.Schema})
	}
	return nil
}

func tools(params *sdk.MessageNewParams, asked *chat.Request) {
	for _, tool := range asked.Tools {
		made := sdk.ToolParam{Name: tool.Name, InputSchema: param.Override[sdk.ToolInputSchemaParam](tool.Parameters)}
		if tool.Description != "" {
			made.Description = param.NewOpt(tool.Description)
		}
		if tool.Strict != nil {
			made.Strict = param.NewOpt(*tool.Strict)
		}
		params.Tools = append(params.Tools, sdk.ToolUnionParam{OfTool: &made})
	}
	if len(asked.Tools) == 0 {
		return
	}
	var one param.Opt[bool]
	if asked.NoParallelCalls {
		one = param.NewOpt(true)
	}
	switch asked.ToolChoice.Mode {
	case chat.ChoiceNone:
		none := sdk.NewToolChoiceNoneParam()
		params.ToolChoice.OfNone = &none
	case chat.ChoiceRequired:
		params.ToolChoice.OfAny = &sdk.ToolChoiceAnyParam{DisableParallelToolUse: one}
	case chat.ChoiceNamed:
		params.ToolChoice.OfTool = &sdk.ToolChoiceToolParam{Name: asked.ToolChoice.Name, DisableParallelToolUse: one}
	default:
		params.ToolChoice.OfAuto = &sdk.ToolChoiceAutoParam{DisableParallelToolUse: one}
	}
}

func content(turn chat.Turn) ([]sdk.ContentBlockParamUnion, error) {
	blocks := make([]sdk.ContentBlockParamUnion, 0, len(turn.Blocks))
	for _, block := range turn.Blocks {
		switch {
		case block.Image != nil && block.Image.URL != "":
			blocks = append(blocks, sdk.NewImageBlock(sdk.URLImageSourceParam{URL: block.Image.URL}))
		case block.Image != nil:
			blocks = append(blocks, sdk.NewImageBlockBase64(block.Image.MediaType, base64.StdEncoding.EncodeToString(block.Image.Data)))
		case block.File != nil:
			document, err := document(block.File)
			if err != nil {
				return nil, err
			}
			blocks = append(blocks, document)
		case block.ToolCall != nil:
			blocks = append(blocks, sdk.NewToolUseBlock(block.ToolCall.ID, json.RawMessage(block.ToolCall.Arguments), block.ToolCall.Name))
		case block.ToolResult != nil:
			blocks = append(blocks, result(block.ToolResult))
		default:
			blocks = append(blocks, sdk.NewTextBlock(block.Text))
		}
	}
	return blocks, nil
}

// result leaves out an empty text, which Anthropic refuses.
func result(from *chat.ToolResult) sdk.ContentBlockParamUnion {
	if from.Text == "" {
		return sdk.ContentBlockParamUnion{OfToolResult: &sdk.ToolResultBlockParam{ToolUseID: from.CallID}}
	}
	return sdk.NewToolResultBlock(from.CallID, from.Text, false)
}

func document(file *chat.File) (sdk.ContentBlockParamUnion, error) {
	var block sdk.ContentBlockParamUnion
	switch file.MediaType {
	case "application/pdf":
		block = sdk.NewDocumentBlock(sdk.Base64PDFSourceParam{Data: base64.StdEncoding.EncodeToString(file.Data)})
	case "text/plain":
		block = sdk.NewDocumentBlock(sdk.PlainTextSourceParam{Data: string(file.Data)})
	default:
		return block, models.Unsupported("messages", "The route of this model takes files of the types application/pdf and text/plain, not %q.", file.MediaType)
	}
	if file.Name != "" {
		block.OfDocument.Title = param.NewOpt(file.Name)
	}
	return block, nil
}
