module tandem/test/bench/jobs/peers/cortex

go 1.26

require github.com/cortexlabs/cortex v0.0.0

// A checkout of it, which is not part of this project: see main.go.
replace github.com/cortexlabs/cortex => ./source
