// Package act takes a sick host out of service: ECS drains it, the Auto Scaling
// group replaces it. It does nothing that AWS does not show, so that an agent
// which is killed between two steps reads where it stands and goes on; each step
// may be made twice. A breaker keeps a storm of false alarms from taking a fleet
// down: only so many hosts of a cluster are drained by their agents at a time, and
// whatever cannot be asked counts as no.
//
// What is wrong with the host is health's to say. The calls are made by adapters.
package act
