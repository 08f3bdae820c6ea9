package agent

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"time"

	"tandem/gpuagent/internal/act"
	"tandem/gpuagent/internal/health"
)

// Memory is what an agent leaves to the one that runs after it on the same boot:
// a GPU does not heal because its monitor was restarted.
type Memory struct {
	// Boot that it is about; another one makes it void.
	Boot string `json:"boot"`
	// Findings that do not clear by themselves.
	Findings []health.Standing `json:"findings"`
	// LastEvent that was judged; those before it are not judged again.
	LastEvent time.Time `json:"lastEvent,omitzero"`
	// Acting is how far the host's drain is.
	Acting act.Memory `json:"acting"`
}

// remember keeps what has changed. Events that lead to nothing are not worth a
// write: judging them again leads to nothing again.
func (l *loop) remember() {
	if l.options.Remember == nil {
		return
	}
	next := l.memory
	next.Findings = l.judge.Sticky()
	if l.options.Actor != nil {
		next.Acting = act.MemoryOf(l.options.Actor.Report())
	}
	if reflect.DeepEqual(worth(next), worth(l.memory)) {
		return
	}
	err := l.options.Remember(next)
	l.complain("remembering", err)
	if err == nil {
		l.memory = next
	}
}

// worth is what makes a memory worth writing.
func worth(memory Memory) any {
	reasons := []string{}
	for _, standing := range memory.Findings {
		reasons = append(reasons, fmt.Sprint(standing.Reason, standing.UUID, standing.GPU))
	}
	return []any{memory.Boot, reasons, memory.Acting}
}

// largestMemory that is read, in bytes.
const largestMemory = 1 << 20

// ReadMemory reads the file that [WriteMemory] wrote. One of another boot, none
// and one that makes no sense are all an empty memory; the last comes with an error.
func ReadMemory(path, boot string) (Memory, error) {
	empty := Memory{Boot: boot}
	info, err := os.Stat(path)
	if errors.Is(err, os.ErrNotExist) {
		return empty, nil
	}
	if err == nil && info.Size() > largestMemory {
		err = fmt.Errorf("it has %d bytes", info.Size())
	}
	var raw []byte
	if err == nil {
		raw, err = os.ReadFile(path)
	}
	var memory Memory
	if err == nil {
		err = json.Unmarshal(raw, &memory)
	}
	if err != nil {
		return empty, fmt.Errorf("reading what the agent before remembered: %w; the agent starts without it", err)
	}
	if memory.Boot != boot || boot == "" {
		return empty, nil
	}
	return memory, nil
}

// WriteMemory replaces the file in one step.
func WriteMemory(path string, memory Memory) error {
	raw, err := json.MarshalIndent(memory, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding the agent's memory: %w", err)
	}
	temporary, err := os.CreateTemp(filepath.Dir(path), ".agent-memory-*")
	if err != nil {
		return fmt.Errorf("writing the agent's memory beside %s: %w", path, err)
	}
	defer func() { _ = os.Remove(temporary.Name()) }()
	_, err = temporary.Write(raw)
	if closed := temporary.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Rename(temporary.Name(), path)
	}
	if err != nil {
		return fmt.Errorf("writing the agent's memory to %s: %w", path, err)
	}
	return nil
}
