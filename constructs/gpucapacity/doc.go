// Package gpucapacity is one kind of GPU instance that workers and services
// share: an Auto Scaling group for each purchase option, spot and on-demand,
// and an ECS capacity provider on each.
//
// Two groups rather than one, because a mixed instances policy never fails over
// from spot to on-demand: when spot is dry, it waits for spot. Which of the two
// is used, and when, is decided by the capacity controller; ECS only follows
// the tasks that are placed.
//
// # Scale-in
//
// Managed termination protection is on: ECS protects each instance and lets go
// of it when its last task has ended, so a scale-in never picks a busy one.
// Tasks of a service with the DAEMON strategy do not count
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-termination-protection.html,
// 2026-11-24), so the health agent does not keep idle instances alive. An agent
// deployed as a REPLICA service with one task an instance would: that is the
// trap. A spot reclaim and a failed health check end a protected instance all
// the same, through managed draining where there is time for it.
//
// # Updates
//
// A new launch template or machine image is taken by new instances; running
// ones keep theirs until they are idle, and of the idle ones those of the oldest
// template are scaled in first. There is no update policy: all instances are
// protected, so a rolling update or an instance refresh that waits for
// protection to end fails after an hour
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/understand-instance-refresh-default-values.html, 2026-11-24),
// and one that replaces protected instances drains them, which stops running
// tasks, protected ones too
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/container-instance-draining.html, 2026-11-24).
// Jobs survive that as they survive a spot notice, by their checkpoint, but
// interrupting work is for people to decide. What always has tasks on it, though
// at times none with a job, is replaced by the capacity controller, an instance at
// a time; what is never without a job is rolled by hand with an instance refresh
// that replaces protected instances. The desired capacity is not in the template,
// so a deploy does not reset it.
//
// # Deletion
//
// CloudFormation would wait for ever for a group whose instances are protected
// or wait at a draining hook. A custom resource, which depends on everything
// here and so is deleted first, empties the groups. It also
// suspends the process AZRebalance, for which CloudFormation has no property:
// it would launch instances, and end others, only to even out zones.
package gpucapacity
