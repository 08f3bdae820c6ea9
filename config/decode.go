package config

import (
	"fmt"

	"github.com/go-viper/mapstructure/v2"
)

// decode fills the typed configuration from a tree that has been checked.
func decode(n *node) (*Config, error) {
	var c Config
	decoder, err := mapstructure.NewDecoder(&mapstructure.DecoderConfig{
		TagName:     "yaml",
		ErrorUnused: true,
		Result:      &c,
		DecodeHook:  mapstructure.TextUnmarshallerHookFunc(),
	})
	if err != nil {
		return nil, fmt.Errorf("prepare to decode the configuration: %w", err)
	}
	if err := decoder.Decode(n.plain()); err != nil {
		return nil, fmt.Errorf("decode the configuration: %w", err)
	}
	return &c, nil
}
