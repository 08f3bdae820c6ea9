package config_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

func TestTheEnvironmentsOfThisRepositoryLoad(t *testing.T) {
	names, err := config.Environments(".")
	require.NoError(t, err)
	require.Equal(t, []string{"dev", "prod", "staging"}, names)
	for _, name := range names {
		t.Run(name, func(t *testing.T) {
			loaded, err := config.Load(config.Options{Dir: ".", Environment: name})
			require.NoError(t, err)
			require.Equal(t, name, loaded.Environment)
		})
	}
}
