// Package modelservice serves an own model: an ECS service on GPU instances
// behind an internal load balancer, scaled by the requests that each task gets.
//
// # HTTP inside the VPC
//
// The listener speaks HTTP. The load balancer has only private addresses, and
// only callers that [ModelService.AllowFrom] names reach it; VPC traffic between
// current GPU instances is encrypted by the network cards. A certificate would
// have to be for a domain that every user of this project owns and delegates.
// The caller proves who it is at the API, not here.
//
// # Long answers
//
// Language models stream for minutes. The idle timeout, and the time that a
// task may finish its streams when it is taken out, are StreamTimeout.
//
// # Warm-up
//
// A server says that it is healthy before it has compiled what its first answer
// needs. With WarmUp a container beside it answers the load balancer's health
// checks: unhealthy until the server has served one request, from then on what
// the server says itself. It is not essential: if it dies it is started again,
// and if it cannot be, the load balancer takes the task out as it does a sick
// one, which lets it finish its streams.
//
// # Scaling
//
// Target tracking cannot leave zero: without tasks there are no requests per
// task. With a Minimum of 0 a caller that finds nobody to ask wakes the first
// task itself ([ModelService.GrantWake]). A refused request (503, by the load
// balancer) does so too, a minute later, for callers that may not. None for as
// long as a task needs to start and an answer may last ends the last. Scaling out
// waits for ColdStart between steps, else each minute of a start would ask for
// more instances.
//
// # Deployments
//
// New tasks are healthy before old ones go, so a deployment needs room for as
// many tasks again in the group. One that fails is taken back.
package modelservice
