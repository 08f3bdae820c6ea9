package checks

import (
	"fmt"

	"tandem/config"
)

func equalGPUCount() rule {
	return rule{Rule{
		Name:     "equal-gpu-count",
		Severity: Error,
		What:     "All instance types of one ECS group have the same number of GPUs.",
		Why: "ECS places by GPU, the controller counts instances: with a mixture neither knows how many tasks one more instance takes, " +
			"and a type without a GPU is paid for and never used.",
		Source:  "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-gpu.html",
		Checked: read,
	}, func(c *checker) {
		for _, g := range c.fleet().groups {
			c.compareTypes(g)
			c.compareRequirements(g)
		}
	}}
}

func (c *checker) compareTypes(g *group) {
	gpus, first := 0, ""
	for _, name := range g.types {
		if t, known := config.LookupInstanceType(name); known {
			gpus, first = t.GPUs, name
			break
		}
	}
	if first == "" {
		return
	}
	for _, name := range g.types {
		t, known := config.LookupInstanceType(name)
		found := fmt.Sprintf("%s with %d GPUs", name, t.GPUs)
		switch {
		case !known:
			found = name + ", which is no GPU type that config/instances.csv knows"
		case t.GPUs == gpus:
			continue
		}
		c.report(g.resource, problem{
			found: found, expected: fmt.Sprintf("%d as %s has", gpus, first),
			fix: "make a group of its own for it", key: "instanceTypes",
		})
	}
}

// compareRequirements judges attribute-based selection of instance types.
func (c *checker) compareRequirements(g *group) {
	for _, override := range g.Prop("MixedInstancesPolicy", "LaunchTemplate", "Overrides").List() {
		count := override.At("InstanceRequirements", "AcceleratorCount")
		if !count.Exists() {
			continue
		}
		least, _ := count.At("Min").NumberOr(0)
		most, bounded := count.At("Max").Number()
		if !bounded || most != least {
			c.report(g.resource, problem{
				found:    fmt.Sprintf("AcceleratorCount from %s to %s", orNone(count.At("Min")), orNone(count.At("Max"))),
				expected: "the same number for Min and Max", fix: "set both", key: "instanceTypes",
			})
		}
	}
}

func orNone(v value) string {
	if text := v.Text(); text != "" {
		return text
	}
	return "nothing"
}
