// Package cost prices CloudFormation templates, resource by resource: what
// each costs a month while nothing is asked of it, and what use adds. It reads
// a cloud assembly (cdk.out) and prices; it links no CDK and calls no AWS.
// What a workload should run on is package advise's question.
//
// To add a resource type, write a function in the file of its service, add a
// line to the catalogue, and a case worked out by hand to the tests. A type
// that is on no line is reported as unknown, never as free.
package cost
