package webhooks

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
)

// Secret derives a tenant's signing secret from the deployment's master secret,
// in the form that libraries of Standard Webhooks take: whsec_<base64>. Nothing
// is stored for a tenant, and no tenant's secret tells another's.
func Secret(master, tenant string) string {
	mac := hmac.New(sha256.New, []byte(master))
	mac.Write([]byte("tandem webhook signing key 1\n" + tenant))
	return "whsec_" + base64.StdEncoding.EncodeToString(mac.Sum(nil))
}
