package wire

import (
	"encoding/json"
	"net/http"
	"strings"

	"tandem/test/fault/table"
)

// Service of AWS.
type Service string

// The services that jobs need.
const (
	DynamoDB Service = "dynamodb"
	SQS      Service = "sqs"
	S3       Service = "s3"
)

// Call is a request to AWS.
type Call struct {
	// By is the process that makes it.
	By        string
	Service   Service
	Operation string
	// Does says what it is for: a kind of the package table; step or checkpoint,
	// for a transaction that writes one; send, receive, hide, delete for
	// messages; query, get, upload or download for the rest.
	Does string
	// Write is what a call to DynamoDB asks of a job.
	Write table.Request
	Body  []byte
}

func classify(by string, r *http.Request, body []byte) Call {
	c := Call{By: by, Service: S3, Operation: r.Method, Body: body, Does: "download"}
	target := r.Header.Get("X-Amz-Target")
	service, operation, found := strings.Cut(target, ".")
	switch {
	case found && strings.HasPrefix(service, "DynamoDB"):
		c.Service, c.Operation = DynamoDB, operation
		c.Write = table.Parse(operation, body)
		c.Does = database(c)
	case found && service == "AmazonSQS":
		c.Service, c.Operation = SQS, operation
		c.Does = map[string]string{"SendMessage": "send", "ReceiveMessage": "receive",
			"ChangeMessageVisibilityBatch": "hide", "DeleteMessageBatch": "delete"}[operation]
	case r.Method != http.MethodGet && r.Method != http.MethodHead:
		c.Does = "upload"
	}
	return c
}

func database(c Call) string {
	switch {
	case c.Write.Kind == table.Check && strings.HasPrefix(c.Write.Step, "step#"):
		return "step"
	case c.Write.Kind == table.Check:
		return "checkpoint"
	case c.Write.Kind != table.Other:
		return string(c.Write.Kind)
	case c.Operation == "Query":
		return "query"
	default:
		return "get"
	}
}

// sent is the message that a SendMessage sends.
type sent struct {
	QueueURL       string `json:"QueueUrl"`
	MessageBody    string
	MessageGroupID string `json:"MessageGroupId,omitempty"`
	DelaySeconds   int
}

// Received returns the ids of the jobs whose messages a ReceiveMessage answered with.
func Received(answer []byte) []string {
	var parsed struct{ Messages []struct{ Body string } }
	if json.Unmarshal(answer, &parsed) != nil {
		return nil
	}
	var ids []string
	for _, m := range parsed.Messages {
		if id := jobOf(m.Body); id != "" {
			ids = append(ids, id)
		}
	}
	return ids
}

func jobOf(body string) string {
	var message struct{ ID string }
	_ = json.Unmarshal([]byte(body), &message)
	return message.ID
}
