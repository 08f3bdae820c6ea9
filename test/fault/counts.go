package fault

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"sync"
)

// counts are how often what was done.
type counts struct {
	mutex sync.Mutex
	of    map[string]int
}

func (c *counts) add(name string, count int) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	if c.of == nil {
		c.of = map[string]int{}
	}
	c.of[name] += count
}

func (c *counts) get(name string) int {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	return c.of[name]
}

// print writes a table.
func (c *counts) print(out io.Writer) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	for _, name := range slices.Sorted(maps.Keys(c.of)) {
		fmt.Fprintf(out, "  %-58s %8d\n", name, c.of[name])
	}
}
