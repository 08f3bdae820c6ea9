package checks

import "fmt"

func securityGroupOpen() rule {
	return rule{Rule{
		Name:     "security-group-open",
		Severity: Error,
		What:     "No security group lets in the whole internet (0.0.0.0/0, ::/0).",
		Why:      "Clients come through API Gateway; load balancers, GPU instances and NAT instances have no business with strangers.",
		Source:   "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
		Checked:  read,
		Accepts:  []string{"AwsSolutions-EC23"},
	}, func(c *checker) {
		for _, r := range c.All("AWS::EC2::SecurityGroup") {
			for _, ingress := range r.Prop("SecurityGroupIngress").ListOrOne() {
				c.judgeIngress(r, ingress)
			}
		}
		for _, r := range c.All("AWS::EC2::SecurityGroupIngress") {
			c.judgeIngress(r, r.Prop())
		}
	}}
}

func (c *checker) judgeIngress(r *resource, ingress value) {
	for _, from := range []value{ingress.At("CidrIp"), ingress.At("CidrIpv6")} {
		if from.Is("0.0.0.0/0") || from.Is("::/0") {
			c.report(r, problem{
				found: fmt.Sprintf("ingress from %s", from.Text()), expected: "a security group or the VPC's own range", fix: "name who may come",
			})
		}
	}
}
