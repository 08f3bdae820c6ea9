package checks

import "fmt"

const (
	// gp3Baseline IOPS come with every gp3 volume; each of them carries
	// gp3Ratio MiB/s of throughput at most.
	gp3Baseline = 3000
	gp3Ratio    = 0.25
)

func volumeThroughput() rule {
	return rule{Rule{
		Name:     "volume-throughput",
		Severity: Error,
		What:     "A gp3 volume has at most 0.25 MiB/s of throughput for each of its IOPS.",
		Why: "Above it EC2 refuses to launch: the template deploys, and no instance ever comes. " +
			"The 3,000 IOPS that come with a volume carry 750 MiB/s; 1,000 MiB/s need 4,000.",
		Source:  "https://docs.aws.amazon.com/ebs/latest/userguide/general-purpose.html",
		Checked: read,
	}, func(c *checker) {
		for _, r := range c.All(typeLaunchTemplate, typeLaunchConfig) {
			for _, mapping := range launchData(r).At("BlockDeviceMappings").List() {
				c.compareThroughput(r, mapping.At("Ebs"))
			}
		}
		for _, r := range c.All("AWS::EC2::Volume") {
			c.compareThroughput(r, r.Prop())
		}
	}}
}

func (c *checker) compareThroughput(r *resource, volume value) {
	throughput, written := volume.At("Throughput").Number()
	iops, known := volume.At("Iops").NumberOr(gp3Baseline)
	if !volume.At("VolumeType").Is("gp3") || !written || !known || throughput <= iops*gp3Ratio {
		return
	}
	c.report(r, problem{
		found:    fmt.Sprintf("%g MiB/s with %g IOPS", throughput, iops),
		expected: fmt.Sprintf("%g IOPS or more", throughput/gp3Ratio),
		fix:      "raise Iops or lower Throughput", key: "throughput",
	})
}
