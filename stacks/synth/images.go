package synth

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"tandem/config"
)

// checkBuilds finds images that are to be built from a folder without a
// Dockerfile, all at once: the CDK would panic at the first, without a line.
func checkBuilds(root string, loaded *config.Loaded) error {
	images := map[string]config.Image{"agent.image": loaded.Config.Agent.Image}
	for name, worker := range loaded.Config.Workers {
		images[config.Path("workers", name, "image")] = worker.Image
	}
	for name, service := range loaded.Config.Services {
		images[config.Path("services", name, "image")] = service.Image
	}
	var problems []error
	for _, path := range sortedKeys(images) {
		folder := images[path].Build
		if folder == "" {
			continue
		}
		if _, err := os.Stat(filepath.Join(root, folder, "Dockerfile")); err != nil {
			problems = append(problems, fmt.Errorf("%s: %s.build: there is no Dockerfile in %s; name a folder that has one, relative to the project's root",
				loaded.Origin(path+".build"), path, folder))
		}
	}
	return errors.Join(problems...)
}
