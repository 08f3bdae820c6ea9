package gofunction

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

// Props of a [Function].
type Props struct {
	// Program is a folder under runtime/functions.
	//
	// Required.
	Program string
	// Description shown in the console.
	//
	// Required.
	Description string
	// Settings is the struct of runtime/settings that the program reads.
	//
	// Required.
	Settings any
	// Bundle provides the code.
	//
	// Required.
	Bundle Bundle
	// Files are packed beside the program, by name, for what is too long for
	// environment variables (4 KB in all).
	//
	// Default: - none.
	Files map[string][]byte
	// Architecture to build for.
	//
	// Default: ARM_64, about 20 % cheaper a GB-second than X86_64
	// (https://aws.amazon.com/lambda/pricing, 2026-11-24).
	Architecture awslambda.Architecture
	// MemoryMiB from 128 to 10240; a function has one vCPU at 1769.
	//
	// Default: 256.
	MemoryMiB float64
	// Timeout up to 15 minutes.
	//
	// Default: 30 seconds.
	Timeout awscdk.Duration
	// VPC to join.
	//
	// Default: - none; joining one costs a cold start more and a way out.
	VPC awsec2.IVpc
	// SecurityGroup in the VPC.
	//
	// Default: - a new one that allows all traffic out, where VPC is set.
	SecurityGroup awsec2.ISecurityGroup
	// ReservedConcurrency caps how many run at once.
	//
	// Default: - the account's pool.
	ReservedConcurrency *float64
	// LogRetention of the log group.
	//
	// Default: ONE_MONTH.
	LogRetention awslogs.RetentionDays
	// LogKey encrypts the log group.
	//
	// Default: - CloudWatch's own key.
	LogKey awskms.IKey
	// Tracing sends traces to X-Ray.
	//
	// Default: false.
	Tracing bool
}
