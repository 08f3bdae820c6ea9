// Package warmup keeps a model server from its users until it has answered one
// request that nobody waits for. A server such as vLLM says on its health path
// that it is ready before it has compiled and cached what the first real answer
// needs; whoever asks first would pay for that.
//
// It runs beside the server and answers health checks in its place: unhealthy
// until the warm-up request was served, from then on whatever the server itself
// says. It neither restarts the server nor gives up: how long a start may take
// is for who asks for its health, a load balancer and ECS behind it.
package warmup
