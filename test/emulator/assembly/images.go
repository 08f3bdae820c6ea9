package assembly

// unpublish takes container images out of what is published. Task definitions
// keep the images' names: tasks are run as processes, or not at all.
func (a *Assembly) unpublish() []Change {
	var changes []Change
	for _, stack := range a.Stacks {
		for hash, image := range object(stack.assets["dockerImages"]) {
			name := text(object(image)["displayName"])
			if name == "" {
				name = hash
			}
			changes = append(changes, Change{Unpublished, stack.ID, "Image", name, "there may be no Docker engine"})
		}
		delete(stack.assets, "dockerImages")
	}
	return changes
}
