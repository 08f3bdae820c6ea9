package config

// resolve fills in what depends on other values; what does not is a default
// in the schema, and already there. After it, nobody needs to default again.
func (c *Config) resolve() {
	for name, p := range c.Providers {
		if p.Type == ProviderBedrock && p.Region == "" {
			p.Region = c.AWS.Region
		}
		c.Providers[name] = p
	}
	for name, s := range c.Services {
		c.Services[name] = c.resolveService(name, s)
	}
	for name, w := range c.Workers {
		c.Workers[name] = c.resolveWorker(name, w)
	}
	for _, m := range c.Models {
		for i, r := range m.Routes {
			if r.Model == "" && r.Service != "" {
				m.Routes[i].Model = c.Services[r.Service].Model
			}
		}
	}
	for name, d := range c.Documents {
		if d.ResultPrefix == "" {
			d.ResultPrefix = "analysed/" + name + "/"
		}
		c.Documents[name] = d
	}
	if c.Capacity.MaximumGPUs == 0 {
		for name, g := range c.Capacity.Groups {
			c.Capacity.MaximumGPUs += (deref(g.Spot.Maximum) + deref(g.OnDemand.Maximum)) * c.GroupGPUs(name)
		}
	}
	if c.Agent.Image.Build == "" && c.Agent.Image.URI == "" {
		c.Agent.Image.Build = "gpuagent"
	}
	if c.Budget.Email == "" {
		c.Budget.Email = c.Observability.Email
	}
	if c.Tags == nil {
		c.Tags = map[string]string{}
	}
}

func (c *Config) resolveWorker(name string, w Worker) Worker {
	if w.GPU == nil {
		gpus := c.GroupGPUs(w.Capacity)
		w.GPU = &gpus
	}
	c.Workers[name] = w
	r := c.WorkerResources(name)
	if w.onFargate() {
		// There cpu and memory are the task's, all containers together.
		w.CPU, w.Memory = float64(r.TaskCPUUnits())/unitsPerVCPU, r.TaskMemory()
		return w
	}
	if w.CPU == 0 {
		w.CPU = float64(r.CPUUnits) / unitsPerVCPU
	}
	if w.Memory == 0 {
		w.Memory = r.Memory
	}
	return w
}

func (c *Config) resolveService(name string, s Service) Service {
	if s.Model == "" {
		s.Model = name
	}
	if s.GPU == nil {
		gpus := c.GroupGPUs(s.Capacity)
		s.GPU = &gpus
	}
	c.Services[name] = s
	r := c.ServiceResources(name)
	if s.CPU == 0 {
		s.CPU = float64(r.CPUUnits) / unitsPerVCPU
	}
	if s.Memory == 0 {
		s.Memory = r.Memory
	}
	return s
}

func (w Worker) onFargate() bool { return deref(w.GPU) == 0 }
