package gofunction

import "github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

func orDefault[T comparable](value, fallback T) T {
	var zero T
	if value == zero {
		return fallback
	}
	return value
}

func securityGroups(props *Props) *[]awsec2.ISecurityGroup {
	if props.SecurityGroup == nil {
		return nil
	}
	return &[]awsec2.ISecurityGroup{props.SecurityGroup}
}
