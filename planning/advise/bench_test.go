package advise

import "testing"

// BenchmarkAdvise answers for the workload with the most alternatives.
func BenchmarkAdvise(b *testing.B) {
	o := options(b)
	w := read(b, `name: legal-contracts
trigger: queue
duration: { p50: 18m, p95: 25m, max: 40m }
compute: { gpus: 1, gpuMemory: 22GiB, vcpus: 3, memory: 12GiB, weights: 16GiB, load: 30s }
externalApi: { provider: anthropic, model: claude-opus-4-5, inputTokens: 180000, outputTokens: 6000, duration: { p50: 2m, p95: 4m } }
volume: { perDay: 40 }
checkpoint: 10s
`)
	for b.Loop() {
		if _, err := Advise(w, o); err != nil {
			b.Fatal(err)
		}
	}
}
