package config_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"tandem/config"
)

func TestATagHasUpTo256Characters(t *testing.T) {
	load := func(value string) error {
		_, err := config.Load(config.Options{Environment: "dev", FS: fstest.MapFS{
			"base.yaml": {Data: []byte("name: shop\naws: { region: us-east-1, zones: [us-east-1a, us-east-1b] }\ntags: { team: \"" + value + "\" }\n")},
			"dev.yaml":  {Data: []byte("")},
		}})
		return err
	}
	require.NoError(t, load(strings.Repeat("ä", 256)))
	require.ErrorContains(t, load(strings.Repeat("ä", 257)), "cannot be the value of a tag")
	require.ErrorContains(t, load("a*b"), "cannot be the value of a tag")
}
