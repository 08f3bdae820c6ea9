// Package emptygroups empties Auto Scaling groups before CloudFormation deletes
// them. Without it a deletion hangs: ECS protects busy instances from being
// scaled in, and CloudFormation waits for a group that never runs empty.
//
// Tasks get time to end: instances are drained, and only what is still there
// after a limit is stopped. Jobs that were cut short go back to their queue.
// What is asked for comes from the custom resource of constructs/gpucapacity
// (see settings.EmptyRequest); AWS is spoken to by emptygroups/awscloud.
package emptygroups
