package table

import (
	"encoding/json"
	"strings"
)

// Answer is what came of a request.
type Answer struct {
	// Applied: the condition held, and the write is done.
	Applied bool
	// Refused: the condition did not hold. Neither: the call came to nothing.
	Refused bool
	// Item that the write left behind, or that refused it where that was told.
	Item Item
	// Told says whether there is an Item; a refusal without one of a write that
	// asks for it means that there was none.
	Told bool
}

// Answer reads the answer to the request.
func (r Request) Answer(status int, body []byte) Answer {
	var answer struct {
		Type                string `json:"__type"`
		Attributes, Item    json.RawMessage
		CancellationReasons []struct {
			Code string
			Item json.RawMessage
		}
	}
	if json.Unmarshal(body, &answer) != nil && status != 200 {
		return Answer{}
	}
	switch {
	case status == 200 && (r.Kind == Create || r.Kind == Replace):
		return Answer{Applied: true, Item: r.Put, Told: true}
	case status == 200 && r.Kind == Check:
		return Answer{Applied: true}
	case status == 200:
		item, told := parseItem(answer.Attributes)
		return Answer{Applied: true, Item: item, Told: told}
	case strings.HasSuffix(answer.Type, "ConditionalCheckFailedException"):
		item, told := parseItem(answer.Item)
		return Answer{Refused: true, Item: item, Told: told}
	case strings.HasSuffix(answer.Type, "TransactionCanceledException") && len(answer.CancellationReasons) > 0:
		// The job's part comes first in every transaction of ours.
		reason := answer.CancellationReasons[0]
		item, told := parseItem(reason.Item)
		return Answer{Refused: reason.Code == "ConditionalCheckFailed", Item: item, Told: told}
	default:
		return Answer{}
	}
}
