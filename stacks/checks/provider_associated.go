package checks

import (
	"fmt"
	"slices"

	"tandem/config"
)

func providerAssociated() rule {
	return rule{Rule{
		Name:     "provider-associated",
		Severity: Error,
		What: "A service's capacity providers are associated with its cluster, at most 20 of them; " +
			"a service in the same stack as the association depends on it.",
		Why: "ECS refuses a service whose provider the cluster does not know. In one stack CloudFormation creates both at once, " +
			"so that the deploy fails or works by chance, and the deletion fails while the provider is in use.",
		Source:  "https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-capacity-providers.html",
		Checked: read,
	}, func(c *checker) {
		for _, s := range c.fleet().services {
			for _, provider := range s.strategy {
				c.requireAssociation(s, provider)
			}
		}
		for _, r := range c.All(typeAssociations) {
			if count := len(r.Prop("CapacityProviders").List()); count > config.ECSCapacityProviders {
				c.report(r, problem{
					found: fmt.Sprintf("%d capacity providers", count), expected: fmt.Sprintf("%d at most", config.ECSCapacityProviders),
					fix: "merge groups whose instances have the same number of GPUs", config: "capacity.groups",
				})
			}
		}
	}}
}

func (c *checker) requireAssociation(s *service, provider value) {
	if s.cluster == nil {
		return
	}
	associated := false
	for _, r := range c.All(typeAssociations, typeCluster) {
		of := r
		if r.Type == typeAssociations {
			of = r.Prop("Cluster").Ref(typeCluster)
		}
		if of != s.cluster || !slices.ContainsFunc(r.Prop("CapacityProviders").List(), func(v value) bool { return c.sameProvider(v, provider) }) {
			continue
		}
		associated = true
		if r.Type == typeAssociations && r.Stack == s.Stack && !dependsOn(s.resource, r) {
			c.report(s.resource, problem{
				found: "no dependency on " + r.Path, expected: "one, as it uses " + provider.Text(),
				fix: "add it, or put services into a stack of their own",
			})
		}
	}
	if !associated {
		c.report(s.resource, problem{
			found: "capacity provider " + provider.Text(), expected: "one that is associated with " + s.cluster.Path,
			fix: "add it to the cluster",
		})
	}
}

func (c *checker) sameProvider(a, b value) bool {
	if name, known := a.Literal(); known && b.Is(name) {
		return true
	}
	for _, p := range c.All(typeCapacityProvider) {
		if names(a, p) && names(b, p) {
			return true
		}
	}
	return false
}

// dependsOn is whether one resource is created after another of its stack.
func dependsOn(r, on *resource) bool {
	seen := map[*resource]bool{}
	var reaches func(from *resource) bool
	reaches = func(from *resource) bool {
		if from == on {
			return true
		}
		if seen[from] {
			return false
		}
		seen[from] = true
		for _, next := range from.At("Properties").Refs() {
			if next.Stack == from.Stack && reaches(next) {
				return true
			}
		}
		for _, id := range from.At("DependsOn").ListOrOne() {
			name, _ := id.Literal()
			if next := from.Stack.Resources[name]; next != nil && reaches(next) {
				return true
			}
		}
		return false
	}
	return reaches(r)
}
