package checks

import (
	"fmt"

	"tandem/config"
)

// What Lambda takes, beside what config knows. Sizes are in MiB and bytes.
const (
	functionMemoryLeast  = 128
	functionStorageLeast = 512
	functionLayers       = 5
	functionDescription  = 256
)

func lambdaLimits() rule {
	return rule{Rule{
		Name:     "lambda-limits",
		Severity: Error,
		What: "A function has a timeout of 1 to 900 s, 128 to 10,240 MiB of memory, 512 to 10,240 MiB of /tmp, at most 5 layers, " +
			"a description of at most 256 characters, and environment variables of at most 4 KB as JSON. " +
			"What variables will hold is estimated: 12 characters for an account, up to 64 for a function's name, 52 more for an ARN.",
		Why: "Lambda refuses the function in the middle of a deploy. The 4 KB are the ones that grow unseen: " +
			"each worker adds its queues to the variables of the API and of the controller.",
		Source: "https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html, " +
			"https://github.com/github-aws-runners/terraform-aws-github-runner/issues/3594 (what is measured)",
		Checked: read,
	}, func(c *checker) {
		for _, f := range c.All(typeFunction) {
			c.within(f, "a timeout", "s", f.Prop("Timeout"), 1, config.LambdaTimeout.Seconds(), "timeout")
			c.within(f, "memory", "MiB", f.Prop("MemorySize"), functionMemoryLeast, float64(config.LambdaMemory.MiB()), "memory")
			c.within(f, "/tmp", "MiB", f.Prop("EphemeralStorage", "Size"), functionStorageLeast, float64(config.LambdaStorage.MiB()), "")
			c.within(f, "layers", "", value{Raw: len(f.Prop("Layers").List())}, 0, functionLayers, "")
			c.within(f, "a description", "characters", value{Raw: len(f.Prop("Description").Text())}, 0, functionDescription, "")
			if bytes := f.Prop("Environment", "Variables").JSONLength(); bytes > int(config.LambdaEnvironment) {
				c.report(f, problem{
					found:    fmt.Sprintf("environment variables of about %d bytes, most of them in %s", bytes, largestVariable(f)),
					expected: fmt.Sprintf("%d at most", config.LambdaEnvironment), fix: "have fewer workers or models in one environment",
				})
			}
		}
	}}
}

// within reports a number that is known and out of bounds.
func (c *checker) within(r *resource, what, unit string, v value, least, most float64, key string) {
	number, known := v.Number()
	if !known || number >= least && number <= most {
		return
	}
	if unit != "" {
		unit = " " + unit
	}
	c.report(r, problem{
		found: fmt.Sprintf("%s of %g%s", what, number, unit), expected: fmt.Sprintf("%g to %g%s", least, most, unit), fix: "change it", key: key,
	})
}

func largestVariable(f *resource) string {
	largest, length := "", -1
	for _, name := range f.Prop("Environment", "Variables").Keys() {
		if each := f.Prop("Environment", "Variables", name).JSONLength(); each > length {
			largest, length = name, each
		}
	}
	return largest
}
