package main

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/exit"
)

func TestTheArticlesNumbersAreTheCommittedFile(t *testing.T) {
	code, out, talk := tandem(t, "article", "--file=../../planning/testdata/article.yaml")
	require.Equal(t, exit.OK, code, talk)
	want, err := os.ReadFile("../../docs/costs.md")
	require.NoError(t, err)
	require.Equal(t, string(want), out, "run 'go generate ./cmd/tandem' and read the diff")
}
