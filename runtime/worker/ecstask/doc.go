// Package ecstask asks the ECS container agent about the task that the worker
// runs in: it takes and gives back scale-in protection, and reads whether the
// task is being stopped and how the other containers ended. It needs no AWS
// credentials and no SDK: the agent answers on a link-local address.
//
// When to protect, and what a stopping task means for a job, is the worker's.
package ecstask
