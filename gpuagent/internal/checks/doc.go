// Package checks turns what the sources see into findings. Each check is one
// type in one file, with the row that the guide and 'gpuagent explain' show of
// it. How long a finding stands and what it does to a state is health's; what is
// done about it act's.
package checks
