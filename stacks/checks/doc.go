// Package checks reads synthesised CloudFormation templates and finds the
// mistakes that cost a failed deploy, a lost job or a bill: AWS limits, and the
// traps of GPU capacity on ECS. It sees templates only, so it also judges what
// a construct of somebody else has written.
//
// Each rule is one small file that says why it exists, with source and date.
// [Run] applies all of them, [Rules] lists them. What good practice asks of any
// AWS account is left to cdk-nag and checkov; whether a template is well formed
// is left to cfn-lint.
//
// The package does not link the CDK. It understands Ref, Fn::GetAtt, Fn::Sub,
// Fn::Join, Fn::Select, Fn::If (the first branch that has a value), nested
// stacks and references across stacks, and follows them from a service to its
// task definition, capacity provider, Auto Scaling group and launch template.
// What cannot be known before the deployment is not reported.
package checks
