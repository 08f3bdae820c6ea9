package checks

import (
	"tandem/runtime/settings"
)

// configPath is the configuration's path for a problem of a resource. The
// programs' own settings name workers and documents as the configuration does;
// the caller may know more.
func (c *checker) configPath(r *resource, p problem) string {
	if p.config != "" {
		return p.config
	}
	entry := c.entry(r)
	if entry == "" || p.key == "" {
		return entry
	}
	return entry + "." + p.key
}

func (c *checker) entry(r *resource) string {
	task := r
	if r.Type == typeService {
		task = r.Prop("TaskDefinition").Ref(typeTaskDefinition)
	}
	if task != nil && task.Type == typeTaskDefinition {
		for _, container := range task.Prop("ContainerDefinitions").List() {
			if name := variable(container, workerNameVariable()); name != "" {
				return "workers." + name
			}
		}
	}
	if r.Type == typeFunction {
		if name, known := r.Prop("Environment", "Variables", documentsNameVariable()).Literal(); known {
			return "documents." + name
		}
	}
	if c.options.Entry != nil {
		return c.options.Entry(r.Path)
	}
	return ""
}

func (c *checker) origin(f Finding) string {
	if c.options.KeyOrigin != nil && f.Config != "" {
		if origin := c.options.KeyOrigin(f.Config); origin != "" {
			return origin
		}
	}
	if c.options.Origin != nil {
		return c.options.Origin(f.Path)
	}
	return ""
}

// variable is a container's environment variable, where it is a literal.
func variable(container value, name string) string {
	for _, pair := range container.At("Environment").List() {
		if pair.At("Name").Is(name) {
			text, _ := pair.At("Value").Literal()
			return text
		}
	}
	return ""
}

// The names of variables are written in package settings alone; encoding a
// struct with one field set tells that field's name.

func workerNameVariable() string { return only(settings.Encode(settings.Worker{Name: "?"})) }

func documentsNameVariable() string { return only(settings.Encode(settings.Documents{Name: "?"})) }

func resultPrefixVariable() string {
	return only(settings.Encode(settings.Documents{ResultPrefix: "?"}))
}

func modelsVariable() string {
	return only(settings.Encode(settings.Documents{Models: settings.Routes{"?": {}}}))
}

func only(variables map[string]string) string {
	for name := range variables {
		return name
	}
	return ""
}
