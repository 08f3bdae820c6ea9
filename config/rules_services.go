package config

import (
	"encoding/json"
	"fmt"
	"strings"
)

// warmUpPort is where health checks of a service with a warm-up are answered;
// settings.WarmPort.
const warmUpPort = 9412

// maxWarmUp bounds a warm-up's body: a task definition holds 64 KB in all
// (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html, 2026-11-24).
const maxWarmUp = 16 * KiB

func serviceRules() []rule {
	return []rule{
		{"warm-up-body", "A warm-up says what it sends, by a body or by one of OpenAI's paths and a prompt, 16 KiB at most.", checkWarmUpBody},
		{"warm-up-in-time", "A warm-up ends before the cold start must.", checkWarmUpTime},
		{"warm-up-port", "A model server with a warm-up leaves the port of its health checks alone.", checkWarmUpPort},
	}
}

func (j *judge) eachWarmUp(do func(p path, s Service)) {
	for _, name := range sortedKeys(j.Services) {
		if j.Services[name].WarmUp != nil {
			do(at("services", name), j.Services[name])
		}
	}
}

func checkWarmUpBody(j *judge) {
	j.eachWarmUp(func(p path, s Service) {
		p = p.key("warmUp")
		request := s.WarmUp.Request(s.Model)
		raw, _ := json.Marshal(request) // what YAML holds
		switch {
		case request == nil:
			j.report(p.key("path"), fmt.Sprintf("it is unknown what %s takes", s.WarmUp.Path),
				"add body: {...}, or warm up by one of "+strings.Join(sortedKeys(warmUps), ", "), p.key("body"))
		case s.WarmUp.Body != nil && j.given(p.key("prompt")):
			j.reportKey(p.key("prompt"), "the warm-up has a body, so the prompt has no effect", "remove one of them", p.key("body"))
		case Size(len(raw)) > maxWarmUp:
			long := p.key("body")
			if s.WarmUp.Body == nil {
				long = p.key("prompt")
			}
			j.report(long, fmt.Sprintf("the warm-up sends %d bytes, more than %s", len(raw), maxWarmUp), "send less: it only has to make the server compile")
		}
	})
}

func checkWarmUpTime(j *judge) {
	j.eachWarmUp(func(p path, s Service) {
		if s.WarmUp.Timeout >= s.ColdStart {
			j.report(p.key("warmUp").key("timeout"), fmt.Sprintf("the warm-up may take %s, and the whole start %s", s.WarmUp.Timeout, s.ColdStart),
				"raise coldStart, or write less", p.key("coldStart"))
		}
	})
}

func checkWarmUpPort(j *judge) {
	j.eachWarmUp(func(p path, s Service) {
		if s.Port == warmUpPort {
			j.report(p.key("port"), fmt.Sprintf("port %d answers the health checks of a service with a warm-up", s.Port), "let the model server listen on another, such as 8000", p.key("warmUp"))
		}
	})
}
