package prices

import (
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAShippedPriceHasASourceAndADate(t *testing.T) {
	table, err := Load()
	require.NoError(t, err)
	price, err := table.Service("sqs", "standard requests")
	require.NoError(t, err)
	require.InDelta(t, 0.40, price.USD, 1e-9)
	require.InDelta(t, 0.0000004, price.Each(), 1e-15)
	require.Equal(t, "us-east-1", price.Source.Region)
	require.True(t, price.Source.AsOf.After(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)))
	require.NotEmpty(t, price.Source.From)
}

func TestAnUnknownItemIsAnErrorThatNamesTheKnownOnes(t *testing.T) {
	table, err := Load()
	require.NoError(t, err)
	_, err = table.Service("sqs", "fifo requests")
	require.ErrorContains(t, err, `no price for sqs, "fifo requests"; known are: standard requests`)
}

func TestTheAgeOfTheTableIsThatOfItsOldestPart(t *testing.T) {
	table, err := Load()
	require.NoError(t, err)
	require.Equal(t, "spot-advisor.csv", table.Oldest().File)
}

func TestAWrongRowIsNamedByFileAndLine(t *testing.T) {
	const sources = "file,region,as_of,source\nservices.csv,us-east-1,2026-11-01,pages\n"
	for name, test := range map[string]struct{ sources, services, want string }{
		"a price that is no number": {sources, "service,item,unit,usd,note\nsqs,requests,million,cheap,\n", `services.csv:2: price "cheap" is not a number`},
		"a negative price":          {sources, "service,item,unit,usd,note\nsqs,requests,million,-1,\n", `services.csv:2: price "-1" is not a number`},
		"an item twice":             {sources, "service,item,unit,usd,note\nsqs,a,million,1,\nsqs,a,million,2,\n", `services.csv:3: sqs, "a" is priced twice`},
		"a column too few":          {sources, "service,item,unit,usd,note\nsqs,a,million,1\n", "services.csv: record on line 2: wrong number of fields"},
		"a day that is none":        {"file,region,as_of,source\nservices.csv,,yesterday,pages\n", "", `sources.csv:2: as_of "yesterday" is not a day`},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := read(fstest.MapFS{
				"sources.csv":  {Data: []byte(test.sources)},
				"services.csv": {Data: []byte(test.services)},
			})
			require.ErrorContains(t, err, test.want)
		})
	}
}
