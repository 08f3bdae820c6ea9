// Package experiment runs a scenario, read from a YAML file, through the
// simulator: several seeds, several policies, one Result. How it is drawn is
// left to report; what happens within a run to simulate.
package experiment
