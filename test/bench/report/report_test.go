package report_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/test/bench/report"
)

func TestPercentiles(t *testing.T) {
	values := []time.Duration{4, 1, 3, 2, 5}
	require.EqualValues(t, 3, report.Median(values))
	require.EqualValues(t, 5, report.Percentile(values, 0.99))
	require.EqualValues(t, 3, report.Percentile(values, 0.5))
}
