package history

import (
	"fmt"
	"time"

	"github.com/anishathalye/porcupine"

	"tandem/test/fault/table"
)

// Write is one call that reached the table, and what came of it.
type Write struct {
	// By is the process that made it.
	By string
	table.Request
	table.Answer
	Called, Returned time.Time
}

// linearizable tells whether the writes to one job look as if they had been
// made one after another, each by the rules.
func linearizable(writes []Write) porcupine.CheckResult {
	if len(writes) == 0 {
		return porcupine.Ok
	}
	start := writes[0].Called
	for _, w := range writes {
		if w.Called.Before(start) {
			start = w.Called
		}
	}
	clients := map[string]int{}
	operations := make([]porcupine.Operation, 0, len(writes))
	for _, w := range writes {
		if !w.Applied && !w.Refused {
			continue
		}
		if _, known := clients[w.By]; !known {
			clients[w.By] = len(clients)
		}
		operations = append(operations, porcupine.Operation{ClientId: clients[w.By], Input: w.Request, Output: w.Answer,
			Call: int64(w.Called.Sub(start)), Return: int64(w.Returned.Sub(start))})
	}
	return porcupine.CheckOperationsTimeout(rules, operations, time.Minute)
}

// rules are what a job may go through, in the terms of the table.
var rules = porcupine.Model{
	Init: func() any { return table.Item{} },
	Step: func(state, input, output any) (bool, any) {
		before, request, answer := state.(table.Item), input.(table.Request), output.(table.Answer)
		if allows(before, request) != answer.Applied {
			return false, before
		}
		if answer.Refused {
			// Whoever is refused is told by what.
			return !answer.Told || answer.Item.Whole == before.Whole, before
		}
		if request.Kind == table.Check {
			return true, before
		}
		return follows(before, answer.Item, request), answer.Item
	},
	Equal: func(a, b any) bool { return a.(table.Item).Whole == b.(table.Item).Whole },
	DescribeOperation: func(input, output any) string {
		request, answer := input.(table.Request), output.(table.Answer)
		return fmt.Sprintf("%s fence %d: applied %t, %s fence %d", request.Kind, request.Fence, answer.Applied, answer.Item.State, answer.Item.Fence)
	},
}

// allows tells whether the request may be made of the job.
func allows(job table.Item, r table.Request) bool {
	exists := job.Whole != ""
	switch r.Kind {
	case table.Create:
		return !exists
	case table.Replace:
		return exists && job.Revision == r.Before
	case table.Claim:
		return exists && job.State == "queued" && (job.NotBefore == 0 || job.NotBefore <= r.Now) &&
			(job.Deadline == 0 || job.Deadline > r.Now) && job.Interruptions <= r.Most
	case table.Renew, table.Commit, table.Check:
		return exists && job.State == "running" && job.Fence == r.Fence && job.Created == r.Created
	default:
		return false
	}
}

// follows tells whether after is what the request may make of before.
func follows(before, after table.Item, r table.Request) bool {
	if r.Kind == table.Create {
		return after.Fence == 0 && after.State == "queued"
	}
	if before.Terminal() || after.Revision != before.Revision+1 || after.Created != before.Created {
		return false
	}
	switch r.Kind {
	case table.Claim:
		return after.State == "running" && after.Fence == before.Fence+1 && after.Owner != "" && after.Until > r.Now
	case table.Renew:
		return after.State == "running" && after.Fence == before.Fence
	case table.Commit:
		return after.State == "succeeded" && after.Fence == before.Fence && after.Owner == ""
	case table.Replace:
		return replaced(before, after)
	default:
		return false
	}
}

// replaced are the transitions that are written whole: a lease taken over, an
// attempt that ends without a result, a sweep, a cancellation.
func replaced(before, after table.Item) bool {
	switch {
	case after.State == "succeeded":
		return false // only by a commit
	case after.Fence == before.Fence+1:
		return after.State == "running"
	case after.Fence != before.Fence:
		return false
	default:
		return after.Terminal() || after.State == before.State || before.State == "running"
	}
}
