// Package gpuworker runs one kind of job: a task definition with the model
// container and the worker beside it, and two ECS services on it, one on spot
// and one on on-demand capacity. How many tasks each has is decided by the
// capacity controller; queues, tables and buckets are granted by their owners.
//
// # Starting and stopping
//
// Weights are fetched before the model container starts, and the worker starts
// after it. ECS stops containers in the reverse order: an ECS agent stops a
// container only when all that depend on it have ended
// (https://github.com/aws/amazon-ecs-agent, agent/engine/dependencygraph,
// 2026-11-24). So the worker is told first, while the model still answers: it
// has the model save its checkpoint and gives the job back, and then the model
// is stopped. As one follows the other their timeouts add up, and a spot notice
// leaves two minutes, of which ECS needs some: together they are at most 110 s.
//
// # Deployments
//
// The templates carry a desired count of 0; the controller restores it after a
// deploy. The minimum of 0 % and maximum of 100 % make a deployment exchange
// tasks rather than start new GPU instances beside old ones. Busy tasks protect
// themselves and are exchanged when they are done. There is no deployment
// circuit breaker: it watches only while a deployment is under way, which with
// a desired count of 0 ends at once, and one that is held open by a protected
// task would take three spot reclaims for a bad release, and stop the worker
// until the next deploy.
//
// # Exec mode
//
// With Mode exec a short container copies the worker's program onto a volume,
// and it becomes the entry point of the user's image: one container, which runs
// the command once a job. The command then has the task's role; in server mode
// it has it too, as containers of a task share it.
package gpuworker
