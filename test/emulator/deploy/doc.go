// Package deploy puts an adapted cloud assembly onto the emulator with the
// pinned CDK command line, stack by stack in the order of their dependencies,
// and takes it off again. A deploy there proves how the parts work together;
// it proves no template, and nothing about AWS.
package deploy
