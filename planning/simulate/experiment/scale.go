package experiment

import (
	"encoding/json"
	"fmt"

	"tandem/config"
	"tandem/planning/yamlfile"
)

// usualScale is what a configuration fills in where a worker says nothing of its
// scale. The schema of configurations tells.
func usualScale() (config.WorkerScale, error) {
	var schema struct {
		Definitions map[string]struct {
			Properties map[string]struct {
				Default any `json:"default"`
			} `json:"properties"`
		} `json:"$defs"`
	}
	if err := json.Unmarshal(config.SchemaJSON(), &schema); err != nil {
		return config.WorkerScale{}, fmt.Errorf("reading the configuration's schema: %w", err)
	}
	values := map[string]any{}
	for key, property := range schema.Definitions["WorkerScale"].Properties {
		if property.Default != nil {
			values[key] = property.Default
		}
	}
	raw, err := json.Marshal(values)
	if err != nil {
		return config.WorkerScale{}, fmt.Errorf("reading the configuration's defaults: %w", err)
	}
	var scale config.WorkerScale
	if err := yamlfile.Decode("the configuration's defaults", raw, &scale); err != nil {
		return config.WorkerScale{}, err
	}
	return scale, nil
}
