package assembly

import "strings"

// image stands for every machine image that AWS publishes; nothing boots from it.
const image = "ami-0123456789abcdef0"

// publicParameters gives a value to template parameters that are taken from
// what AWS publishes in Parameter Store, which the emulator neither has nor
// lets anyone write.
func (a *Assembly) publicParameters() []Change {
	var changes []Change
	for _, stack := range a.Stacks {
		for name, content := range object(stack.Template["Parameters"]) {
			parameter := object(content)
			path := text(parameter["Default"])
			if !strings.HasPrefix(path, "/aws/service/") {
				continue
			}
			parameter["Type"], parameter["Default"] = "String", image
			changes = append(changes, Change{Altered, stack.ID, "Parameter", name, "the emulator does not have " + path})
		}
	}
	return changes
}
