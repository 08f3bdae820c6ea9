// Package memory keeps jobs, queues and blobs in the process: for local mode
// and for tests. It promises what the AWS adapters promise, but for outliving
// the process, and takes a million jobs: no operation is slower than O(log n).
package memory
