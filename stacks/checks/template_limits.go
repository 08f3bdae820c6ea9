package checks

import (
	"fmt"
	"regexp"
)

// What CloudFormation takes, by stack. Sizes are in bytes.
const (
	stackResources    = 500
	templateSize      = 1_000_000
	templateOutputs   = 200
	templateParams    = 200
	templateMappings  = 200
	descriptionLength = 1024
	outputName        = 255
	stackNameLength   = 128
)

func templateLimits() rule {
	return rule{Rule{
		Name:     "template-limits",
		Severity: Error,
		What: "A template has at most 500 resources, 200 outputs, 200 parameters and 200 mappings, 1 MB, and descriptions of 1,024 bytes; " +
			"logical IDs are letters and digits, a stack's name has at most 128 letters, digits and hyphens.",
		Why:     "CloudFormation refuses the template. Many workers in one environment are what gets there.",
		Source:  "https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html",
		Checked: read,
	}, func(c *checker) {
		for _, s := range c.Stacks {
			c.judgeTemplate(s)
		}
	}}
}

func (c *checker) judgeTemplate(s *stack) {
	most := func(what string, count, limit int, fix string) {
		if count > limit {
			c.reportStack(s, problem{found: fmt.Sprintf("%d %s", count, what), expected: fmt.Sprintf("%d at most", limit), fix: fix})
		}
	}
	most("resources", len(s.Ordered), stackResources, "have fewer workers in one environment, or split the stack")
	most("bytes of template", s.Size, templateSize, "split the stack")
	most("outputs", len(s.Section("Outputs").Keys()), templateOutputs, "refer to fewer resources from other stacks")
	most("parameters", len(s.Section("Parameters").Keys()), templateParams, "have fewer")
	most("mappings", len(s.Section("Mappings").Keys()), templateMappings, "have fewer")
	most("bytes of description", len(s.Section("Description").Text()), descriptionLength, "shorten it")
	for _, name := range s.Section("Outputs").Keys() {
		most("bytes of description on output "+name, len(s.Section("Outputs").At(name, "Description").Text()), descriptionLength, "shorten it")
		most("characters in the name of an output", len(name), outputName, "shorten it")
	}
	for _, r := range s.Ordered {
		if !logicalID.MatchString(r.ID) {
			c.report(r, problem{found: fmt.Sprintf("the logical ID %q", r.ID), expected: "1 to 255 letters and digits", fix: "rename it"})
		}
	}
	if s.Parent == "" && !stackName.MatchString(s.Name) {
		c.reportStack(s, problem{
			found: fmt.Sprintf("the stack name %q", s.Name), expected: fmt.Sprintf("a letter and up to %d letters, digits and hyphens", stackNameLength-1),
			fix: "shorten name or the environment's name", config: "name",
		})
	}
}

var (
	logicalID = regexp.MustCompile(`^[A-Za-z0-9]{1,255}$`)
	stackName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]{0,127}$`)
)
