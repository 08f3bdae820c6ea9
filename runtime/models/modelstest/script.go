package modelstest

import (
	"time"

	"tandem/runtime/models"
)

// Script is what a fake provider does with a request, in no API's words.
type Script struct {
	// Text comes in these pieces.
	Text      []string
	ToolCalls []ToolCall
	// Refusal is why the model does not answer.
	Refusal string
	// Length tells that the answer was cut off by the limit of tokens.
	Length bool
	// Usage; Input includes CachedInput.
	Usage models.Usage
	// Vectors answer a request for embeddings.
	Vectors [][]float32

	// Fault, if any, and what belongs to it.
	Fault      Fault
	Status     int
	Message    string
	RetryAfter string
	// Pause between pieces.
	Pause time.Duration
}

// ToolCall is a call whose arguments come in pieces.
type ToolCall struct {
	ID, Name  string
	Arguments []string
}

// Fault is what goes wrong.
type Fault int

// The faults.
const (
	// NoFault answers well.
	NoFault Fault = iota
	// ErrorStatus answers with Status and an error in the provider's shape.
	ErrorStatus
	// ErrorPage answers with Status and a page of HTML, as load balancers do.
	ErrorPage
	// CutEarly closes the connection after the head of the answer.
	CutEarly
	// CutMid closes it after half of the pieces.
	CutMid
	// ErrorMid sends an error in the provider's shape after half of the pieces.
	ErrorMid
	// EndMid ends the answer cleanly after half of the pieces.
	EndMid
	// Malformed sends what is not the provider's language.
	Malformed
	// Empty sends nothing, successfully.
	Empty
	// Hang sends nothing until the client goes away.
	Hang
)

// half is how many pieces come before a fault in the middle.
func (s Script) half() int {
	switch s.Fault {
	case CutMid, ErrorMid, EndMid:
		return len(s.Text) / 2
	default:
		return len(s.Text)
	}
}

func (s Script) whole() string {
	var all string
	for _, piece := range s.Text {
		all += piece
	}
	return all
}

func (c ToolCall) whole() string {
	var all string
	for _, piece := range c.Arguments {
		all += piece
	}
	return all
}
