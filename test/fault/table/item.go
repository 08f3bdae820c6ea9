package table

import (
	"crypto/sha256"
	"encoding/json"
	"strconv"

	"tandem/runtime/settings"
)

// Item is a job as the table holds it.
type Item struct {
	State                                                  string
	Revision, Fence, Attempts, Interruptions               int64
	Owner                                                  string
	Until, NotBefore, Deadline, Created, Started, Finished int64
	FailureCode                                            string
	// Whole stands for the whole item: two items are equal if these are.
	Whole string
}

// Terminal tells whether the job is over.
func (i Item) Terminal() bool {
	switch i.State {
	case "succeeded", "failed", "cancelled", "expired":
		return true
	default:
		return false
	}
}

type attribute struct {
	S    *string `json:"S"`
	N    *string `json:"N"`
	BOOL *bool   `json:"BOOL"`
}

func (a attribute) text() string {
	if a.S == nil {
		return ""
	}
	return *a.S
}

func (a attribute) number() int64 {
	if a.N == nil {
		return 0
	}
	value, err := strconv.ParseInt(*a.N, 10, 64)
	if err != nil {
		return -1
	}
	return value
}

type attributes map[string]attribute

// parseItem reads an item; false if there is none.
func parseItem(raw json.RawMessage) (Item, bool) {
	var whole any
	var of attributes
	if json.Unmarshal(raw, &whole) != nil || json.Unmarshal(raw, &of) != nil || len(of) == 0 {
		return Item{}, false
	}
	canonical, err := json.Marshal(whole) // sorts the names
	if err != nil {
		return Item{}, false
	}
	sum := sha256.Sum256(canonical)
	return Item{
		State: of["stat"].text(), Revision: of["revn"].number(), Fence: of["fenc"].number(),
		Attempts: of["atts"].number(), Interruptions: of["intr"].number(), Owner: of["ownr"].text(),
		Until: of["till"].number(), NotBefore: of["nbef"].number(), Deadline: of["dead"].number(),
		Created: of[settings.TenantIndexSortKey].number(), Started: of["strt"].number(), Finished: of["fini"].number(),
		FailureCode: of["fcod"].text(), Whole: string(sum[:16]),
	}, true
}
