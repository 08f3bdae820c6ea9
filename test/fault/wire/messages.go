package wire

import (
	"crypto/md5" //nolint:gosec // SQS answers with it
	"encoding/hex"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"
)

// Mishaps are how many in a hundred messages meet with one.
type Mishaps struct {
	// Lost messages are confirmed and never sent.
	Lost int
	// Doubled messages are sent twice.
	Doubled int
	// Late messages come up to 20 s later.
	Late int
	// Undead messages are not deleted, though their deletion is confirmed.
	Undead int
}

// Counts of mishaps that happened, by their names.
type Counts map[string]int

// messages decides about each message: by the seed, the job and how often
// the job was announced.
type messages struct {
	seed      uint64
	disturbed func(job string, at time.Time)

	mutex   sync.Mutex
	mishaps Mishaps
	counts  map[string]int
	done    Counts
}

// Befall lets mishaps happen to messages from now on.
func (h *Hub) Befall(mishaps Mishaps) {
	h.messages.mutex.Lock()
	defer h.messages.mutex.Unlock()
	h.messages.mishaps = mishaps
}

// Mishaps returns how often what happened so far, to messages and to calls.
func (h *Hub) Mishaps() Counts {
	h.messages.mutex.Lock()
	defer h.messages.mutex.Unlock()
	all := Counts{}
	for name, count := range h.messages.done {
		all[name] = count
	}
	return all
}

// fate is what becomes of a message.
type fate struct {
	name  string
	delay int
}

func (m *messages) fate(c Call, job string) fate {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.counts[c.Does+job]++
	random := rand.New(rand.NewPCG(m.seed, number(fmt.Sprint(c.Does, job, m.counts[c.Does+job]))))
	drawn, f := random.IntN(100), fate{}
	switch {
	case c.Does == "delete" && drawn < m.mishaps.Undead:
		f.name = "undead"
	case c.Does != "send":
	case drawn < m.mishaps.Lost:
		f.name = "lost"
	case drawn < m.mishaps.Lost+m.mishaps.Doubled:
		f.name = "doubled"
	case drawn < m.mishaps.Lost+m.mishaps.Doubled+m.mishaps.Late:
		f = fate{name: "late", delay: 1 + random.IntN(20)}
	}
	if f.name == "" {
		return f
	}
	m.tally(f.name)
	return f
}

func (m *messages) tally(name string) {
	if m.done == nil {
		m.done = Counts{}
	}
	m.done[name]++
}

// count counts what happened to a call.
func (m *messages) count(name string) {
	m.mutex.Lock()
	defer m.mutex.Unlock()
	m.tally(name)
}

// deliver does to a SendMessage what becomes of its message; false leaves the
// call as it is.
func (m *messages) deliver(c Call, forward func([]byte) (answer, error)) (answer, bool, error) {
	var message sent
	if json.Unmarshal(c.Body, &message) != nil {
		return answer{}, false, nil
	}
	job := jobOf(message.MessageBody)
	switch f := m.fate(c, job); f.name {
	case "lost":
		m.disturbed(job, time.Now())
		sum := md5.Sum([]byte(message.MessageBody)) //nolint:gosec // as SQS does
		return jsonAnswer(200, `{"MessageId":"00000000-0000-4000-8000-000000000000","MD5OfMessageBody":"`+hex.EncodeToString(sum[:])+`"}`), true, nil
	case "doubled":
		if _, err := forward(c.Body); err != nil {
			return answer{}, true, err
		}
		a, err := forward(c.Body)
		return a, true, err
	case "late":
		m.disturbed(job, time.Now())
		message.DelaySeconds += f.delay
		body, err := json.Marshal(message)
		if err != nil {
			return answer{}, true, fmt.Errorf("delaying a message: %w", err)
		}
		a, err := forward(body)
		return a, true, err
	default:
		return answer{}, false, nil
	}
}

// undead confirms a deletion that is not made; false lets it be made.
func (m *messages) undead(c Call) (answer, bool) {
	var batch struct {
		Entries []struct{ ID, ReceiptHandle string }
	}
	if json.Unmarshal(c.Body, &batch) != nil || len(batch.Entries) == 0 {
		return answer{}, false
	}
	if m.fate(c, batch.Entries[0].ReceiptHandle).name == "" {
		return answer{}, false
	}
	type entry struct {
		ID string `json:"Id"`
	}
	confirmed := struct {
		Successful []entry
		Failed     []entry
	}{Failed: []entry{}}
	for _, e := range batch.Entries {
		confirmed.Successful = append(confirmed.Successful, entry{e.ID})
	}
	body, err := json.Marshal(confirmed)
	return jsonAnswer(200, string(body)), err == nil
}
