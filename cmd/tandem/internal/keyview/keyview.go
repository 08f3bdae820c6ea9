// Package keyview shows API keys to operators. What it shows never holds the
// secret of a key, but for the one moment when it is made.
package keyview

import (
	"io"
	"strconv"
	"strings"
	"time"

	"tandem/cmd/tandem/internal/display"
	"tandem/runtime/keys"
	"tandem/runtime/webhooks"
)

// Key is a key as programs get it.
type Key struct {
	ID     string `json:"id"`
	Tenant string `json:"tenant"`
	Name   string `json:"name,omitempty"`
	// State is active, expired or revoked.
	State          string    `json:"state"`
	Scopes         []string  `json:"scopes"`
	Rate           int       `json:"rate,omitempty"`
	Burst          int       `json:"burst,omitempty"`
	DailyBudgetUSD float64   `json:"dailyBudgetUsd,omitempty"`
	CreatedAt      time.Time `json:"createdAt"`
	ExpiresAt      time.Time `json:"expiresAt,omitzero"`
	RevokedAt      time.Time `json:"revokedAt,omitzero"`
	// Key is the whole key, only when it has just been made.
	Key string `json:"key,omitempty"`
	// WebhookSecret of the tenant, only when it was asked for.
	WebhookSecret string `json:"webhookSecret,omitempty"`
}

// New shows a key.
func New(key keys.Key, now time.Time) Key {
	shown := Key{ID: key.ID, Tenant: key.Tenant, Name: key.Name, State: "active", Rate: key.Rate, Burst: key.Burst,
		DailyBudgetUSD: key.DailyBudgetUSD, CreatedAt: key.CreatedAt, ExpiresAt: key.ExpiresAt, RevokedAt: key.RevokedAt}
	for _, scope := range key.Scopes {
		shown.Scopes = append(shown.Scopes, string(scope))
	}
	switch {
	case !key.RevokedAt.IsZero():
		shown.State = "revoked"
	case !key.ExpiresAt.IsZero() && !now.Before(key.ExpiresAt):
		shown.State = "expired"
	}
	return shown
}

// WithToken adds the key itself.
func (k Key) WithToken(token keys.Token) Key {
	k.Key = token.Reveal()
	return k
}

// List shows keys, with their tenants' webhook secrets where master is not empty.
func List(all []keys.Key, master string, now time.Time) []Key {
	shown := make([]Key, len(all))
	for i, key := range all {
		shown[i] = New(key, now)
		if master != "" {
			shown[i].WebhookSecret = webhooks.Secret(master, key.Tenant)
		}
	}
	return shown
}

// Table shows keys to people.
func Table(w io.Writer, all []Key, now time.Time) error {
	header, secrets := []string{"ID", "TENANT", "NAME", "STATE", "SCOPES", "RATE", "CREATED", "EXPIRES"}, false
	rows := make([][]string, len(all))
	for i, key := range all {
		rows[i] = []string{key.ID, key.Tenant, key.Name, key.State, strings.Join(key.Scopes, ","), rate(key),
			display.Ago(key.CreatedAt, now), display.Time(key.ExpiresAt)}
		if key.WebhookSecret != "" {
			secrets, rows[i] = true, append(rows[i], key.WebhookSecret)
		}
	}
	if secrets {
		header = append(header, "WEBHOOK SECRET")
	}
	return display.Table(w, header, rows)
}

func rate(key Key) string {
	if key.Rate == 0 {
		return ""
	}
	return strconv.Itoa(key.Rate) + "/s"
}
