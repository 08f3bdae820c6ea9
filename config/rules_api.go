package config

import (
	"fmt"
	"strings"
)

func apiRules() []rule {
	return []rule{
		{"jwt-with-its-type", "api.auth.jwt goes with type jwt, and only with it.", checkJWT},
		{"tenant-within-throttle", "One tenant's limit is no higher than that of all together.", checkTenantRate},
		{"burst-holds-rate", "A burst is no smaller than the rate, or the rate is never reached.", checkBurst},
		{"certificate-in-region", "The domain's certificate is in aws.region: the API is regional.", checkCertificate},
	}
}

func checkJWT(j *judge) {
	auth := at("api", "auth")
	switch {
	case j.API.Auth.Type == AuthJWT && j.API.Auth.JWT == nil:
		j.report(auth.key("type"), "type jwt needs to know whose tokens to accept", "add api.auth.jwt with issuer and audience", auth.key("jwt"))
	case j.API.Auth.Type != AuthJWT && j.API.Auth.JWT != nil:
		j.report(auth.key("jwt"), fmt.Sprintf("jwt has no effect with type %s", j.API.Auth.Type), "write type: jwt, or remove jwt", auth.key("type"))
	}
}

func checkTenantRate(j *judge) {
	all, one := j.API.Throttle, j.API.TenantRate
	if one.Rate > all.Rate {
		j.report(at("api", "tenantRate", "rate"), fmt.Sprintf("one tenant may send %d requests a second, but all together only %d", one.Rate, all.Rate),
			"raise api.throttle.rate, or lower this", at("api", "throttle", "rate"))
	}
}

func checkBurst(j *judge) {
	check := func(key string, t Throttle) {
		if t.Burst < t.Rate {
			j.report(at("api", key, "burst"), fmt.Sprintf("a burst of %d is below the rate of %d requests a second", t.Burst, t.Rate),
				fmt.Sprintf("write %d or more", t.Rate), at("api", key, "rate"))
		}
	}
	check("throttle", j.API.Throttle)
	check("tenantRate", j.API.TenantRate)
}

func checkCertificate(j *judge) {
	d := j.API.Domain
	if d == nil || j.AWS.Region == "" {
		return
	}
	parts := strings.Split(d.CertificateARN, ":")
	if len(parts) > 3 && parts[3] != j.AWS.Region {
		j.report(at("api", "domain", "certificateArn"), fmt.Sprintf("the certificate is in %s, the API in %s", quote(parts[3]), j.AWS.Region),
			"a regional API needs a certificate of its own region", at("aws", "region"))
	}
}

func providerRules() []rule {
	return []rule{
		{"provider-secret", "Providers name the secret that holds their key; bedrock uses IAM.", checkProviderSecrets},
		{"provider-base-url", "Only type openai takes another base URL.", checkBaseURLs},
		{"provider-region", "Only bedrock has a region.", checkProviderRegions},
		{"secret-not-in-the-open", "Keys and passwords are kept in Secrets Manager, not in these files.", checkOpenSecrets},
	}
}

func checkProviderSecrets(j *judge) {
	for _, name := range sortedKeys(j.Providers) {
		p, provider := at("providers", name), j.Providers[name]
		switch {
		case provider.Type == ProviderBedrock && provider.Secret != "":
			j.report(p.key("secret"), "bedrock uses IAM and takes no secret", "remove it", p.key("type"))
		case provider.Type != ProviderBedrock && provider.Type != "" && provider.Secret == "":
			j.report(p.key("secret"), fmt.Sprintf("provider %s names no secret for its key", name),
				fmt.Sprintf("add secret: %s/%s, the name of a Secrets Manager secret", j.Name, name), p.key("type"))
		}
	}
}

func checkBaseURLs(j *judge) {
	for _, name := range sortedKeys(j.Providers) {
		p, provider := at("providers", name), j.Providers[name]
		if provider.BaseURL != "" && provider.Type != ProviderOpenAI && provider.Type != "" {
			j.report(p.key("baseUrl"), fmt.Sprintf("type %s has one address only", provider.Type),
				"use type openai for what is compatible with its API, or remove baseUrl", p.key("type"))
		}
	}
}

func checkProviderRegions(j *judge) {
	for _, name := range sortedKeys(j.Providers) {
		p, provider := at("providers", name), j.Providers[name]
		if provider.Type != ProviderBedrock && provider.Type != "" && provider.Region != "" {
			j.report(p.key("region"), fmt.Sprintf("type %s has no region", provider.Type), "remove it", p.key("type"))
		}
	}
}

// checkOpenSecrets catches a key where a secret's name, or a harmless
// variable, belongs.
func checkOpenSecrets(j *judge) {
	open := func(p path, value string) {
		if looksLikeKey(value) {
			j.reportHidden(p, fmt.Sprintf("%s holds what looks like a key", p),
				"put it into a Secrets Manager secret, write that secret's name here, and replace the key: it has been in a file")
		}
	}
	for _, name := range sortedKeys(j.Providers) {
		open(at("providers", name, "secret"), j.Providers[name].Secret)
	}
	j.eachContainer(func(p path, c container) {
		for _, variable := range sortedKeys(c.secrets) {
			open(p.key("secrets").key(variable), c.secrets[variable])
		}
		for _, variable := range sortedKeys(c.environment) {
			here := p.key("environment").key(variable)
			if looksLikeKey(c.environment[variable]) {
				open(here, c.environment[variable])
			} else if namesSecret(variable) {
				j.reportHidden(here, fmt.Sprintf("%s would stand in the open in the task definition", variable),
					fmt.Sprintf("put it into a Secrets Manager secret and write %s: <its name> under secrets", variable))
			}
		}
	})
}

// looksLikeKey knows the prefixes of common keys: OpenAI and Anthropic,
// Stripe-like, AWS, GitHub, Hugging Face, Slack, and JWTs.
func looksLikeKey(value string) bool {
	for _, prefix := range []string{"sk-", "sk_", "AKIA", "ASIA", "ghp_", "github_pat_", "hf_", "xoxb-", "eyJ"} {
		if len(value) >= len(prefix)+12 && strings.HasPrefix(value, prefix) {
			return true
		}
	}
	return false
}

func namesSecret(variable string) bool {
	upper := strings.ToUpper(variable)
	for _, suffix := range []string{"API_KEY", "APIKEY", "ACCESS_KEY", "SECRET", "SECRET_KEY", "PASSWORD", "ACCESS_TOKEN", "AUTH_TOKEN", "HF_TOKEN"} {
		if strings.HasSuffix(upper, suffix) {
			return true
		}
	}
	return false
}
