// Package nodestatus is the file by which the GPU health agent tells the
// workers on its host what they cannot see themselves: a task in awsvpc mode
// reaches neither the instance metadata (spot notice, rebalance
// recommendation) nor the driver.
//
// The agent is the only writer and replaces the file whole; workers mount its
// folder read-only and poll. How health is judged is the agent's business, and
// what a worker does about it is the worker's: here is only what is said.
package nodestatus
