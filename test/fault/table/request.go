package table

import (
	"encoding/json"
	"strings"

	"tandem/runtime/settings"
)

// Kind of a call, by what it does to a job.
type Kind string

// The kinds. Check is the condition of a transaction that writes a step or a
// checkpoint; Other changes no job; Unknown changes one in a way not known here.
const (
	Create  Kind = "create"
	Replace Kind = "replace"
	Claim   Kind = "claim"
	Renew   Kind = "renew"
	Commit  Kind = "commit"
	Check   Kind = "check"
	Other   Kind = "other"
	Unknown Kind = "unknown"
)

// Request is what a call asks of one job.
type Request struct {
	Kind Kind
	// Job is its id.
	Job string
	// Fence and Created that the job must have: Renew, Commit, Check.
	Fence, Created int64
	// Before is the revision that the job must have: Replace.
	Before int64
	// Now, and Most interruptions: Claim. Now also is when a Create is made.
	Now, Most int64
	// Put is the item that is written: Create, Replace.
	Put Item
	// Step is the sort key of what a transaction with a Check writes.
	Step string
}

type write struct {
	Key                       attributes
	Item                      json.RawMessage
	ConditionExpression       string
	ExpressionAttributeValues attributes
}

type transaction struct {
	TransactItems []struct {
		Put            *write
		ConditionCheck *write
		Update, Delete *write
	}
}

// Parse reads a request's body.
func Parse(operation string, body []byte) Request {
	switch operation {
	case "TransactWriteItems":
		return parseTransaction(body)
	case "PutItem", "UpdateItem", "DeleteItem":
	default:
		return Request{Kind: Other}
	}
	var w write
	if json.Unmarshal(body, &w) != nil {
		return Request{Kind: Unknown}
	}
	switch operation {
	case "PutItem":
		return parsePut(w)
	case "UpdateItem":
		return parseUpdate(w)
	default:
		return otherThanJobs(w.Key)
	}
}

func otherThanJobs(key attributes) Request {
	if id, isJob := jobOf(key); isJob {
		return Request{Kind: Unknown, Job: id}
	}
	return Request{Kind: Other}
}

func jobOf(key attributes) (string, bool) {
	return strings.CutPrefix(key[settings.TablePartitionKey].text(), "job#")
}

func parsePut(w write) Request {
	var key attributes
	_ = json.Unmarshal(w.Item, &key)
	id, isJob := jobOf(key)
	if !isJob || key[settings.TableSortKey].text() != "job" {
		return Request{Kind: Other}
	}
	r := Request{Kind: Unknown, Job: id}
	r.Put, _ = parseItem(w.Item)
	values := w.ExpressionAttributeValues
	switch w.ConditionExpression {
	case "attribute_not_exists(" + settings.TablePartitionKey + ") OR " + settings.TableTTL + " <= :created":
		r.Kind, r.Now = Create, values[":created"].number()
	case "revn = :before":
		r.Kind, r.Before = Replace, values[":before"].number()
	}
	return r
}

// parseUpdate tells the three updates apart by their conditions.
func parseUpdate(w write) Request {
	id, isJob := jobOf(w.Key)
	if !isJob {
		return Request{Kind: Other}
	}
	values := w.ExpressionAttributeValues
	r := Request{Kind: Unknown, Job: id, Fence: values[":fence"].number(), Created: values[":created"].number(),
		Now: values[":now"].number(), Most: values[":most"].number()}
	held := strings.HasPrefix(w.ConditionExpression, "stat = :running AND fenc = :fence AND "+settings.TenantIndexSortKey+" = :created")
	switch {
	case strings.HasPrefix(w.ConditionExpression, "stat = :queued AND "):
		r.Kind = Claim
	case held && values[":succeeded"].text() != "":
		r.Kind = Commit
	case held:
		r.Kind = Renew
	}
	return r
}

func parseTransaction(body []byte) Request {
	var t transaction
	if json.Unmarshal(body, &t) != nil {
		return Request{Kind: Unknown}
	}
	r := Request{Kind: Other}
	for _, part := range t.TransactItems {
		switch {
		case part.ConditionCheck != nil:
			checked := parseUpdate(*part.ConditionCheck)
			r.Kind, r.Job, r.Fence, r.Created = Check, checked.Job, checked.Fence, checked.Created
			if checked.Kind != Renew { // the same condition
				r.Kind = Unknown
			}
		case part.Put != nil:
			put := parsePut(*part.Put)
			if put.Kind != Other {
				return put
			}
			var key attributes
			_ = json.Unmarshal(part.Put.Item, &key)
			r.Step = key[settings.TableSortKey].text()
		default:
			return Request{Kind: Unknown}
		}
	}
	return r
}
