// Package planning answers what a deployment will cost and whether serverless
// is right for a workload at all, before anything is deployed. It reads
// cdk.out and prices; it never links the CDK.
//
// Nothing lives here yet but the rule that it stays free of jsii, which
// test/ checks from the first day.
package planning
