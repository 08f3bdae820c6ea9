// Package chatjob is what a chat request is as a job: what its container gets,
// and how the container's output becomes the chat completion that the client
// would have had.
//
// The container gets the client's request, in one piece (stream is false), with
// POST /invocations. An answer that is a chat completion stays as it is, which
// is what vLLM and other OpenAI-compatible servers give. Any other answer
// becomes the content of one: text as it is, a JSON string as its text, any other
// JSON as JSON. So an image that knows nothing of OpenAI's API can take over too.
//
// Submitting is left to httpapi/modelsapi, running to the worker.
package chatjob
