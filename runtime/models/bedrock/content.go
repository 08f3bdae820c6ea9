package bedrock

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
)

func content(block chat.Block) (types.ContentBlock, error) {
	switch {
	case block.Image != nil:
		return image(block.Image)
	case block.File != nil:
		return file(block.File)
	case block.ToolCall != nil:
		input, err := asDocument(json.RawMessage(block.ToolCall.Arguments))
		if err != nil {
			return nil, models.Invalid("messages", "The arguments of the call of %s are not valid JSON.", block.ToolCall.Name)
		}
		return &types.ContentBlockMemberToolUse{Value: types.ToolUseBlock{
			ToolUseId: &block.ToolCall.ID, Name: &block.ToolCall.Name, Input: input}}, nil
	case block.ToolResult != nil:
		return &types.ContentBlockMemberToolResult{Value: types.ToolResultBlock{
			ToolUseId: &block.ToolResult.CallID,
			Content:   []types.ToolResultContentBlock{&types.ToolResultContentBlockMemberText{Value: block.ToolResult.Text}}}}, nil
	default:
		return &types.ContentBlockMemberText{Value: block.Text}, nil
	}
}

func image(from *chat.Image) (types.ContentBlock, error) {
	if from.URL != "" {
		return nil, models.Unsupported("messages", "The route of this model takes images as data: addresses only, not %.40q.", from.URL)
	}
	format := types.ImageFormat(strings.TrimPrefix(from.MediaType, "image/"))
	if !slices.Contains(format.Values(), format) {
		return nil, models.Unsupported("messages", "The route of this model takes images of the types png, jpeg, gif and webp, not %q.", from.MediaType)
	}
	return &types.ContentBlockMemberImage{Value: types.ImageBlock{Format: format, Source: &types.ImageSourceMemberBytes{Value: from.Data}}}, nil
}

// formats of documents by their media type
// (https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_DocumentBlock.html, 2026-11-24).
var formats = map[string]types.DocumentFormat{
	"application/pdf": types.DocumentFormatPdf, "text/csv": types.DocumentFormatCsv, "text/html": types.DocumentFormatHtml,
	"text/plain": types.DocumentFormatTxt, "text/markdown": types.DocumentFormatMd,
	"application/msword":       types.DocumentFormatDoc,
	"application/vnd.ms-excel": types.DocumentFormatXls,
	"application/vnd.openxmlformats-officedocument.wordprocessingml.document": types.DocumentFormatDocx,
	"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet":       types.DocumentFormatXlsx,
}

// unnameable are the characters that Bedrock allows in no name of a document.
var unnameable = regexp.MustCompile(`[^A-Za-z0-9 ()\[\]-]+`)

func file(from *chat.File) (types.ContentBlock, error) {
	format, found := formats[from.MediaType]
	if !found {
		return nil, models.Unsupported("messages", "The route of this model takes no files of the type %q.", from.MediaType)
	}
	name := strings.TrimSpace(unnameable.ReplaceAllString(from.Name, " "))
	if name == "" {
		name = "document"
	}
	return &types.ContentBlockMemberDocument{Value: types.DocumentBlock{
		Format: format, Name: aws.String(name), Source: &types.DocumentSourceMemberBytes{Value: from.Data}}}, nil
}
