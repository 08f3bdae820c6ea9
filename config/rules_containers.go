package config

import (
	"fmt"
	"path/filepath"
	"strconv"
	"strings"
)

// container is what workers and services have in common.
type container struct {
	image                Image
	capacity             string
	gpu                  int
	environment, secrets map[string]string
	maximum              int
	onDemandBase         int
	resources            Resources
}

func (j *judge) eachContainer(do func(p path, c container)) {
	for _, name := range sortedKeys(j.Workers) {
		w := j.Workers[name]
		do(at("workers", name), container{
			image: w.Image, capacity: w.Capacity, gpu: deref(w.GPU), environment: w.Environment, secrets: w.Secrets,
			maximum: w.Scale.Maximum, onDemandBase: w.Scale.OnDemandBase, resources: j.WorkerResources(name),
		})
	}
	for _, name := range sortedKeys(j.Services) {
		s := j.Services[name]
		do(at("services", name), container{
			image: s.Image, capacity: s.Capacity, gpu: deref(s.GPU), environment: s.Environment, secrets: s.Secrets,
			maximum: s.Scale.Maximum, onDemandBase: deref(s.Scale.OnDemandBase), resources: j.ServiceResources(name),
		})
	}
}

func quote(text string) string { return strconv.Quote(text) }

// eachImage visits all images, the agent's too.
func (j *judge) eachImage(do func(p path, image Image)) {
	j.eachContainer(func(p path, c container) { do(p.key("image"), c.image) })
	do(at("agent", "image"), j.Agent.Image)
}

func containerRules() []rule {
	return []rule{
		{"image-one-source", "An image is built or pulled, and only a build has a target and arguments.", checkImageSource},
		{"image-in-project", "A build's folder is in the project, named relative to its root.", checkImageFolder},
		{"image-pinned", "An image that is pulled has a version: all tasks must run the same.", checkImageVersion},
		{"variable-free", "Variables that Tandem or ECS sets are theirs alone.", checkOwnedVariables},
		{"variable-once", "A variable is plain or secret, not both.", checkVariableTwice},
	}
}

func checkImageSource(j *judge) {
	j.eachImage(func(p path, image Image) {
		switch {
		case image.Build != "" && image.URI != "":
			j.report(p.key("uri"), "an image is built or pulled, not both", "remove build or uri", p.key("build"))
		case image.Build == "" && image.URI == "":
			j.report(p, fmt.Sprintf("%s says neither build nor uri", p), "write build: <a folder with a Dockerfile>, or uri: <an image>", p.key("build"), p.key("uri"))
		case image.URI != "" && image.Target != "":
			j.report(p.key("target"), "target belongs to a build, and this image is pulled", "remove it", p.key("uri"))
		case image.URI != "" && len(image.Args) > 0:
			j.report(p.key("args"), "args belong to a build, and this image is pulled", "remove them", p.key("uri"))
		}
	})
}

func checkImageFolder(j *judge) {
	j.eachImage(func(p path, image Image) {
		if image.Build != "" && !filepath.IsLocal(image.Build) {
			j.report(p.key("build"), fmt.Sprintf("%s is not a folder inside the project", quote(image.Build)),
				"name it relative to the project's root, such as examples/document-analyser")
		}
	})
}

func checkImageVersion(j *judge) {
	j.eachImage(func(p path, image Image) {
		if image.URI == "" {
			return
		}
		_, digest, pinned := strings.Cut(image.URI, "@")
		name := image.URI[strings.LastIndexByte(image.URI, '/')+1:]
		_, tag, tagged := strings.Cut(name, ":")
		switch {
		case strings.Contains(image.URI, "://") || strings.ContainsAny(image.URI, " \t\n"):
			j.report(p.key("uri"), fmt.Sprintf("%s is not the name of an image", quote(image.URI)), "write registry/name:tag, without https:// and spaces")
		case pinned && !strings.HasPrefix(digest, "sha256:"):
			j.report(p.key("uri"), fmt.Sprintf("the digest of %s is not a sha256", quote(image.URI)), "write name@sha256:...")
		case pinned:
		case !tagged || tag == "":
			j.report(p.key("uri"), fmt.Sprintf("%s has no version, which means latest", quote(image.URI)), "add a tag, or better a digest: "+image.URI+"@sha256:...")
		case tag == "latest":
			j.report(p.key("uri"), fmt.Sprintf("%s means another image tomorrow", quote(image.URI)), "name a version, or better a digest: one task must not run other code than the next")
		}
	})
}

// owned are the beginnings of variables that others set.
func owned(variable string) string {
	for _, prefix := range []string{"TANDEM_", "ECS_", "AWS_CONTAINER_", "AWS_EXECUTION_", "NVIDIA_VISIBLE_DEVICES"} {
		if strings.HasPrefix(strings.ToUpper(variable), prefix) {
			if strings.HasPrefix(prefix, "TANDEM") {
				return "Tandem"
			}
			return "ECS"
		}
	}
	return ""
}

func checkOwnedVariables(j *judge) {
	j.eachContainer(func(p path, c container) {
		for _, key := range []string{"environment", "secrets"} {
			variables := c.environment
			if key == "secrets" {
				variables = c.secrets
			}
			for _, variable := range sortedKeys(variables) {
				if owner := owned(variable); owner != "" {
					j.reportKey(p.key(key).key(variable), fmt.Sprintf("%s is set by %s itself", variable, owner), "give yours another name")
				}
			}
		}
	})
}

func checkVariableTwice(j *judge) {
	j.eachContainer(func(p path, c container) {
		for _, variable := range sortedKeys(c.environment) {
			if _, both := c.secrets[variable]; both {
				j.reportKey(p.key("environment").key(variable), fmt.Sprintf("%s is among environment and among secrets", variable), "remove it here: the secret stays", p.key("secrets").key(variable))
			}
		}
	})
}
