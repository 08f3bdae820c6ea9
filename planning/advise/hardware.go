package advise

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"tandem/config"
	"tandem/prices"
)

// hardware is the instances that a task fits on.
type hardware struct {
	// types with the same number of GPUs, cheapest on demand first.
	types []string
	// perInstance is how many tasks one holds at once.
	perInstance float64
	// onDemand and spot are USD an hour of the first type, and the mean of all.
	onDemand, spot float64
	// interruptions a second of one spot instance.
	interruptions float64
	// band is the Spot Advisor's word for the first type.
	band    string
	sources []prices.Source
}

// mostTypes of a group: more share the risk of a dry market, but differ more in speed.
const mostTypes = 3

// findHardware chooses instance types for a task with GPUs.
func findHardware(w *Workload, table *prices.Table) (*hardware, error) {
	type candidate struct {
		config.InstanceType
		price prices.Price
		tasks float64
	}
	var all []candidate
	for _, name := range config.InstanceTypeNames() {
		kind, _ := config.LookupInstanceType(name)
		if kind.GPUs < w.Compute.GPUs || kind.GPUs == 0 || kind.ARM() || kind.GPUMemory < w.Compute.GPUMemory || strings.HasSuffix(name, ".metal") {
			continue
		}
		tasks := float64(kind.GPUs / w.Compute.GPUs)
		if float64(kind.VCPUs) < w.Compute.VCPUs*tasks || kind.RegisteredMemory() < config.Size(tasks)*w.Compute.Memory {
			continue
		}
		price, err := table.OnDemand(w.Region, name)
		if err != nil {
			continue
		}
		if _, err := table.SpotPrice(w.Region, name); err != nil {
			continue
		}
		all = append(all, candidate{kind, price, tasks})
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("no instance type with a price has %d GPUs of %s and %g vCPUs with %s", w.Compute.GPUs, w.Compute.GPUMemory, w.Compute.VCPUs, w.Compute.Memory)
	}
	slices.SortStableFunc(all, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.price.USD/a.tasks, b.price.USD/b.tasks), strings.Compare(a.Name, b.Name))
	})
	best := all[0]
	h := &hardware{perInstance: best.tasks * float64(w.Compute.Slots), onDemand: best.price.USD, sources: []prices.Source{best.price.Source}}
	for _, other := range all {
		if other.GPUs != best.GPUs || other.price.USD > 2*best.price.USD || len(h.types) == mostTypes {
			continue
		}
		spot, _ := table.SpotPrice(w.Region, other.Name)
		h.types = append(h.types, other.Name)
		h.spot += spot.USD
		h.sources = append(h.sources, spot.Source)
	}
	h.spot /= float64(len(h.types))
	h.market(w, table)
	return h, nil
}

// market is how often an instance is reclaimed: the share within a month, as a
// rate that is the same at all times.
func (h *hardware) market(w *Workload, table *prices.Table) {
	if w.Spot.InterruptionsPerDay != nil {
		// Less than one in a thousand years is none: the closed forms divide by it.
		if rate := *w.Spot.InterruptionsPerDay / day; rate > 1/(1000*365*day) {
			h.interruptions = rate
		}
		h.band = "as the workload says"
		return
	}
	if market, _, found := table.Spot(w.Region, h.types[0]); found && market.Interrupted > 0 {
		h.interruptions = -math.Log(1-market.Interrupted) / month
		h.band = market.Band + " a month"
	}
}
