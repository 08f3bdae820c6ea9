package doctor

import (
	"context"
	"maps"
	"slices"
	"strings"

	"tandem/config"
)

// Secrets looks for secrets.
type Secrets interface {
	// SecretExists tells whether a secret exists and holds a value.
	SecretExists(ctx context.Context, name string) (bool, error)
}

// secretCheck looks for the secrets that users must make themselves.
type secretCheck struct {
	account Secrets
	config  *config.Config
}

// Name implements Check.
func (secretCheck) Name() string { return "secrets" }

// What implements Check.
func (secretCheck) What() string { return "the secrets that the configuration names exist" }

// Run implements Check.
func (c secretCheck) Run(ctx context.Context) ([]Finding, error) {
	named := namedSecrets(c.config)
	var findings []Finding
	for _, name := range slices.Sorted(maps.Keys(named)) {
		exists, err := c.account.SecretExists(ctx, name)
		if err != nil {
			return findings, err
		}
		if !exists {
			findings = append(findings, finding(Fail, "aws secretsmanager create-secret --name "+name+" --secret-string ...",
				"the secret %s does not exist or is empty, and is needed by %s", name, strings.Join(named[name], " and ")))
		}
	}
	if len(named) == 0 {
		return one(Skipped, "", "the configuration names no secret")
	}
	return orAllWell(findings, "all %d exist", len(named))
}

// namedSecrets maps the name of each secret to where the configuration has it.
func namedSecrets(c *config.Config) map[string][]string {
	named := map[string][]string{}
	add := func(name, where string) {
		if name != "" {
			named[name] = append(named[name], where)
		}
	}
	for name, provider := range c.Providers {
		add(provider.Secret, "providers."+name)
	}
	for name, worker := range c.Workers {
		for _, secret := range worker.Secrets {
			add(secret, "workers."+name)
		}
	}
	for name, service := range c.Services {
		for _, secret := range service.Secrets {
			add(secret, "services."+name)
		}
	}
	for _, places := range named {
		slices.Sort(places)
	}
	return named
}
