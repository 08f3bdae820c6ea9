package chat

import "encoding/json"

// Request is what a client asks for, as far as other APIs have it.
type Request struct {
	// System is the text of system and developer messages, which come first.
	System []string
	// Turns alternate between the user and the assistant.
	Turns []Turn

	Tools      []Tool
	ToolChoice ToolChoice
	// NoParallelCalls asks for one tool call at a time.
	NoParallelCalls bool
	// Format is nil for free text.
	Format *Format

	// MaxTokens is 0 where the client leaves it to the model.
	MaxTokens         int
	Temperature, TopP *float64
	Stop              []string
	// Effort of reasoning, as OpenAI names it, or empty.
	Effort string
	// User is the client's identifier of its end user, or empty.
	User string
	// IncludeUsage asks for a last chunk with the usage.
	IncludeUsage bool
}

// Turn is what one side said until the other did. The results of tools belong
// to the user, as in all APIs but OpenAI's.
type Turn struct {
	Assistant bool
	Blocks    []Block
}

// Block is a part of a turn; one of its fields is set.
type Block struct {
	Text       string
	Image      *Image
	File       *File
	ToolCall   *ToolCall
	ToolResult *ToolResult
}

// Image is an image by its address or as data.
type Image struct {
	// URL is empty where the data is there.
	URL string
	// MediaType, such as image/png, of the Data.
	MediaType string
	Data      []byte
}

// File is a document as data.
type File struct {
	Name      string
	MediaType string
	Data      []byte
}

// ToolResult is what a tool returned.
type ToolResult struct {
	// CallID is the ID of the ToolCall.
	CallID string
	Text   string
}

// Tool is a function that the model may ask to be called.
type Tool struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Parameters  json.RawMessage `json:"parameters"`
	Strict      *bool           `json:"strict"`
}

// ToolChoice is whether the model must call tools.
type ToolChoice struct {
	// Mode is auto, none, required or, where Name is set, named; empty is auto.
	Mode string
	Name string
}

// The modes of a ToolChoice.
const (
	ChoiceAuto     = "auto"
	ChoiceNone     = "none"
	ChoiceRequired = "required"
	ChoiceNamed    = "named"
)

// Format is a JSON schema that the answer must meet.
type Format struct {
	Name        string          `json:"name"`
	Description string          `json:"description"`
	Schema      json.RawMessage `json:"schema"`
	Strict      *bool           `json:"strict"`
}
