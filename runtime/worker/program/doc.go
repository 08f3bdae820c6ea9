// Package program builds the worker's binary out of its parts: it reads the
// settings, chooses the adapters, and serves. The binary has five commands:
//
//	worker [run]         runs jobs until SIGTERM
//	worker fetch         brings model weights into the host's cache, and ends
//	worker warm          answers for the health of the model server beside it until SIGTERM
//	worker install PATH  copies the binary, to become the entry point of another image
//	worker health        ends with 0 if the worker in this container is well
package program
