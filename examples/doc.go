// Package examples holds model containers and agents, one folder each. They
// are programs to be read and copied; the tests here run them as a worker would.
package examples
