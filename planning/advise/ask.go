package advise

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"tandem/config"
)

// question is one of the five. Its answer goes into the workload.
type question struct {
	text, fallback string
	take           func(*Workload, string) error
}

// Ask asks the five questions of the decision, and again where an answer makes
// no sense. An empty answer takes what stands in brackets.
func Ask(in io.Reader, out io.Writer) (*Workload, error) {
	w := &Workload{Name: "workload"}
	lines := bufio.NewScanner(in)
	for i, q := range questions() {
		for {
			fmt.Fprintf(out, "%d. %s [%s] ", i+1, q.text, q.fallback)
			if !lines.Scan() {
				fmt.Fprintln(out)
				if err := lines.Err(); err != nil {
					return nil, fmt.Errorf("reading the answers: %w", err)
				}
				return nil, errors.New("the answers ended before the five questions did; write a file and give it by -f")
			}
			answer := strings.TrimSpace(lines.Text())
			if answer == "" {
				answer = q.fallback
			}
			err := q.take(w, answer)
			if err == nil {
				break
			}
			fmt.Fprintf(out, "   %v\n", err)
		}
	}
	if _, problem := w.complete(); problem != "" {
		return nil, errors.New(problem)
	}
	return w, nil
}

func questions() []question {
	return []question{
		{"How long does a task take, at the median and, if you know, at p95?", "30s 60s", takeDuration},
		{"Does it need GPUs? How many, and how much memory must each have?", "no", takeGPU},
		{"Could an external API do it? PROVIDER/MODEL INPUT-TOKENS OUTPUT-TOKENS", "no", takeAPI},
		{"How many tasks come on an average day?", "1000", takeVolume},
		{"How long may the answer take, if someone waits for it?", "nobody waits", takeLatency},
	}
}

func takeDuration(w *Workload, answer string) (err error) {
	fields := strings.Fields(answer)
	if len(fields) > 2 {
		return errors.New("write one or two durations, such as 4m 6m")
	}
	var read Quantiles
	if read.P50, err = config.ParseDuration(fields[0]); err != nil {
		return err
	}
	if len(fields) == 2 {
		if read.P95, err = config.ParseDuration(fields[1]); err != nil {
			return err
		}
	}
	if problem := read.problem(); problem != "" {
		return errors.New(problem)
	}
	w.Duration = read
	return nil
}

func takeGPU(w *Workload, answer string) (err error) {
	fields := strings.Fields(answer)
	switch fields[0] {
	case "no", "none", "0":
		return nil
	case "yes":
		fields[0] = "1"
	}
	gpus, err := strconv.Atoi(fields[0])
	if err != nil || gpus < 0 || gpus > 8 {
		return errors.New("write no, or a number from 1 to 8 and a size, such as 1 16GiB")
	}
	compute := Compute{GPUs: gpus, GPUMemory: 16 * config.GiB, VCPUs: 2, Memory: 8 * config.GiB, Weights: 14 * config.GiB}
	if len(fields) > 1 {
		if compute.GPUMemory, err = config.ParseSize(fields[1]); err != nil {
			return err
		}
	}
	w.Compute = compute
	return nil
}

func takeAPI(w *Workload, answer string) error {
	if answer == "no" {
		w.ExternalAPI = nil
		return nil
	}
	fields := strings.Fields(answer)
	provider, model, found := strings.Cut(fields[0], "/")
	if !found || len(fields) != 3 {
		return errors.New("write no, or such as anthropic/claude-sonnet-4-5 2000 300")
	}
	api := &ExternalAPI{Provider: provider, Model: model}
	for i, into := range []*float64{&api.InputTokens, &api.OutputTokens} {
		tokens, err := strconv.ParseFloat(fields[i+1], 64)
		if err != nil || tokens < 0 {
			return fmt.Errorf("%q is not a number of tokens", fields[i+1])
		}
		*into = tokens
	}
	w.ExternalAPI = api
	return nil
}

func takeVolume(w *Workload, answer string) error {
	tasks, err := strconv.ParseFloat(strings.ReplaceAll(answer, ",", ""), 64)
	if err != nil || tasks <= 0 || tasks > 1e12 {
		return fmt.Errorf("%q is not a number of tasks above 0", answer)
	}
	w.Volume.PerDay = tasks
	return nil
}

func takeLatency(w *Workload, answer string) (err error) {
	switch answer {
	case "nobody waits", "no", "nobody":
		return nil
	}
	w.AnswerWithin, err = config.ParseDuration(answer)
	return err
}
