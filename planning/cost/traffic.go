package cost

import (
	"fmt"

	"tandem/config"
	"tandem/planning/yamlfile"
)

// Hours of an average month, as AWS's calculators count.
const Hours = 730.0

// Traffic is what an environment is asked for in a month. The zero value is an
// environment that nobody uses: it costs what stands there.
type Traffic struct {
	// Requests are calls of the API besides those that submit and fetch jobs.
	Requests float64 `yaml:"requests"`
	// RequestDuration is how long a function waits for the model behind each. Default: 3s.
	RequestDuration config.Duration `yaml:"requestDuration"`
	// Tokens are what external APIs are sent and answer.
	Tokens []Tokens `yaml:"tokens"`
	// Jobs by worker.
	Jobs map[string]Jobs `yaml:"jobs"`
	// Services by name.
	Services map[string]Served `yaml:"services"`
	// Documents by name.
	Documents map[string]Uploads `yaml:"documents"`
	// StoredGB in the data bucket on average, TableGB in the state table.
	StoredGB float64 `yaml:"storedGB"`
	TableGB  float64 `yaml:"tableGB"`
	// LogsGB written to all log groups together.
	LogsGB float64 `yaml:"logsGB"`
	// EgressGB through NAT gateways or endpoints, InternetGB from there or the API to the internet.
	EgressGB   float64 `yaml:"egressGB"`
	InternetGB float64 `yaml:"internetGB"`
}

// Tokens is the use of one model of one provider.
type Tokens struct {
	// Provider and Model as in the price list, such as anthropic and claude-sonnet-4-5.
	Provider string `yaml:"provider"`
	Model    string `yaml:"model"`
	// Requests a month, with so many tokens each.
	Requests float64 `yaml:"requests"`
	Input    float64 `yaml:"input"`
	Output   float64 `yaml:"output"`
	// Cached is the share of the input that the provider has cached, 0 to 1.
	Cached float64 `yaml:"cached"`
}

// Jobs is the use of one worker.
type Jobs struct {
	// Count of jobs a month, and how long each runs.
	Count    float64         `yaml:"count"`
	Duration config.Duration `yaml:"duration"`
	// Spot is the share of the work that runs on spot instances, 0 to 1. Default: 0.9.
	Spot *float64 `yaml:"spot"`
	// Overhead is how much longer instances run than jobs: cold starts, idling,
	// lost work. Default: 0.15.
	Overhead *float64 `yaml:"overhead"`
	// PayloadMB of input and result in S3; 0 keeps them in the table.
	PayloadMB float64 `yaml:"payloadMB"`
}

// Served is the use of one service.
type Served struct {
	// Tasks that run on average; below the minimum the minimum counts.
	Tasks float64 `yaml:"tasks"`
	// Requests a month, and the size of an answer in MB.
	Requests   float64 `yaml:"requests"`
	ResponseMB float64 `yaml:"responseMB"`
}

// Uploads is the use of one kind of document.
type Uploads struct {
	// Count of uploads a month, and how long the function runs for each. Default: 20s.
	Count    float64         `yaml:"count"`
	Duration config.Duration `yaml:"duration"`
	// SizeMB of one.
	SizeMB float64 `yaml:"sizeMB"`
}

// ReadTraffic reads a traffic file.
func ReadTraffic(name string, raw []byte) (*Traffic, error) {
	var traffic Traffic
	if err := yamlfile.Decode(name, raw, &traffic); err != nil {
		return nil, fmt.Errorf("reading the traffic: %w", err)
	}
	for path, value := range traffic.numbers() {
		if value < 0 {
			return nil, fmt.Errorf("reading the traffic: %s:%d: %s is %g, below zero", name, yamlfile.Line(raw, path), path[2:], value)
		}
	}
	for path, value := range traffic.shares() {
		if value < 0 || value > 1 {
			return nil, fmt.Errorf("reading the traffic: %s:%d: %s is %g, not a share from 0 to 1", name, yamlfile.Line(raw, path), path[2:], value)
		}
	}
	return &traffic, nil
}

func (t *Traffic) numbers() map[string]float64 {
	all := map[string]float64{
		"$.requests": t.Requests, "$.storedGB": t.StoredGB, "$.tableGB": t.TableGB,
		"$.logsGB": t.LogsGB, "$.egressGB": t.EgressGB, "$.internetGB": t.InternetGB,
	}
	for i, tokens := range t.Tokens {
		at := fmt.Sprintf("$.tokens[%d].", i)
		all[at+"requests"], all[at+"input"], all[at+"output"] = tokens.Requests, tokens.Input, tokens.Output
	}
	for name, jobs := range t.Jobs {
		at := "$.jobs." + quoted(name)
		all[at+".count"], all[at+".payloadMB"] = jobs.Count, jobs.PayloadMB
		if jobs.Overhead != nil {
			all[at+".overhead"] = *jobs.Overhead
		}
	}
	for name, served := range t.Services {
		at := "$.services." + quoted(name)
		all[at+".tasks"], all[at+".requests"], all[at+".responseMB"] = served.Tasks, served.Requests, served.ResponseMB
	}
	for name, uploads := range t.Documents {
		at := "$.documents." + quoted(name)
		all[at+".count"], all[at+".sizeMB"] = uploads.Count, uploads.SizeMB
	}
	return all
}

func (t *Traffic) shares() map[string]float64 {
	all := map[string]float64{}
	for i, tokens := range t.Tokens {
		all[fmt.Sprintf("$.tokens[%d].cached", i)] = tokens.Cached
	}
	for name, jobs := range t.Jobs {
		if jobs.Spot != nil {
			all["$.jobs."+quoted(name)+".spot"] = *jobs.Spot
		}
	}
	return all
}

func quoted(name string) string { return "'" + name + "'" }

func (j Jobs) spot() float64 {
	if j.Spot == nil {
		return 0.9
	}
	return *j.Spot
}

func (j Jobs) overhead() float64 {
	if j.Overhead == nil {
		return 0.15
	}
	return *j.Overhead
}

// orElse is a duration in seconds, or a default.
func orElse(d config.Duration, seconds float64) float64 {
	if d == 0 {
		return seconds
	}
	return d.Seconds()
}
