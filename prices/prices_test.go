package prices

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAShippedPriceHasASourceAndADate(t *testing.T) {
	table := load(t)
	price, err := table.Service("sqs", "standard requests")
	require.NoError(t, err)
	require.InDelta(t, 0.40, price.USD, 1e-9)
	require.InDelta(t, 0.0000004, price.Each(), 1e-15)
	require.Equal(t, "us-east-1", price.Source.Region)
	for _, price := range table.All() {
		require.NotEmpty(t, price.Unit, "%v", price)
		require.NotEmpty(t, price.Source.From, "%v", price)
		require.Equal(t, Home, price.Source.Region, "%v", price)
		require.True(t, price.Source.AsOf.After(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)), "%v", price)
	}
}

func TestAnUnknownItemIsAnErrorThatNamesTheKnownOnes(t *testing.T) {
	_, err := load(t).Service("sqs", "fifo requests")
	require.ErrorContains(t, err, `no price for sqs, "fifo requests"; known are: standard requests`)
	_, err = load(t).OnDemand(Home, "g5.tiny")
	require.ErrorContains(t, err, "no on-demand price for g5.tiny in us-east-1")
	_, err = load(t).SpotPrice(Home, "g5.tiny")
	require.ErrorContains(t, err, "no spot price for g5.tiny")
}

func TestASpotPriceIsWhatWasSeenOrElseLessTheSavings(t *testing.T) {
	table := load(t)
	seen, err := table.SpotPrice(Home, "g5.xlarge")
	require.NoError(t, err)
	require.InDelta(t, 0.4425, seen.USD, 1e-9)
	require.Equal(t, "spot-seen.csv", seen.Source.File)

	derived, err := table.SpotPrice(Home, "g6.xlarge")
	require.NoError(t, err)
	require.InDelta(t, 0.8048*0.51, derived.USD, 1e-9)
	require.Equal(t, "spot-advisor.csv", derived.Source.File)

	market, region, found := table.Spot(Home, "p4d.24xlarge")
	require.True(t, found)
	require.Equal(t, Home, region)
	require.Equal(t, Spot{Savings: .67, Interrupted: .15, Band: "10-15%", Low: 6.53, High: 13.99}, market)
}

func TestARegionWithoutPricesHasThoseOfTheHomeRegionAndSaysSo(t *testing.T) {
	table := load(t)
	price, err := table.ServiceIn("eu-central-1", "nat", "gateway")
	require.NoError(t, err)
	require.Equal(t, Home, price.Source.Region)
	now := price.Source.AsOf.AddDate(0, 0, 91)
	require.Equal(t, []string{
		"prices of services.csv are 91 days old (2026-11-01): 'tandem prices refresh' reads today's",
		"prices of services.csv are those of us-east-1, not of eu-central-1: --prices gives others",
	}, Warnings([]Source{price.Source, price.Source}, "eu-central-1", now))
	require.Empty(t, Warnings([]Source{price.Source}, Home, now.AddDate(0, 0, -1)))
}

func TestTheAgeOfTheTableIsThatOfItsOldestPart(t *testing.T) {
	require.Equal(t, "spot-advisor.csv", load(t).Oldest().File)
	require.Len(t, load(t).Sources(), 5)
}

func TestAWrongRowIsNamedByFileAndLine(t *testing.T) {
	const header = "service,item,unit,usd,free,note,as_of,source\n"
	for name, test := range map[string]struct{ file, content, want string }{
		"a price that is no number":    {"services.csv", header + "sqs,requests,million,cheap,,,,\n", `services.csv:2: price "cheap" is not a number`},
		"a negative price":             {"services.csv", header + "sqs,requests,million,-1,,,,\n", `services.csv:2: price "-1" is not a number`},
		"no number at all":             {"services.csv", header + "sqs,requests,million,NaN,,,,\n", `services.csv:2: price "NaN" is not a number`},
		"an item twice":                {"services.csv", header + "sqs,a,million,1,,,,\nsqs,a,million,2,,,,\n", `services.csv:3: sqs, "a" is priced twice`},
		"no unit":                      {"services.csv", header + "sqs,a,,1,,,,\n", `services.csv:2: sqs, "a" has no unit`},
		"a free amount that is none":   {"services.csv", header + "sqs,a,million,1,some,,,\n", `services.csv:2: free amount "some"`},
		"a column too few":             {"services.csv", header + "sqs,a,million,1\n", "services.csv:2: wrong number of fields"},
		"a quote that is not closed":   {"services.csv", header + "sqs,\"a,million,1,,,,\n", `services.csv:2: extraneous or missing "`},
		"a day that is none":           {"sources.csv", "file,region,as_of,source\nservices.csv,,yesterday,pages\n", `sources.csv:2: as_of "yesterday" is not a day`},
		"an instance twice":            {"ec2-on-demand.csv", "region,type,usd_per_hour\nx,g5.xlarge,1\nx,g5.xlarge,1\n", `ec2-on-demand.csv:3: ec2, "g5.xlarge on-demand" is priced twice`},
		"savings that are none":        {"spot-advisor.csv", "region,type,savings_pct,interruptions\nx,g5.xlarge,100,<5%\n", `spot-advisor.csv:2: savings "100"`},
		"a band that is none":          {"spot-advisor.csv", "region,type,savings_pct,interruptions\nx,g5.xlarge,50,often\n", `spot-advisor.csv:2: interruptions "often"`},
		"a lowest above the highest":   {"spot-seen.csv", "region,type,low,high\nx,g5.xlarge,2,1\n", "spot-seen.csv:2: the lowest price 2 is above the highest 1"},
		"advice twice about one thing": {"spot-advisor.csv", "region,type,savings_pct,interruptions\nx,g5.xlarge,50,<5%\nx,g5.xlarge,50,<5%\n", "spot-advisor.csv:3: g5.xlarge in x is listed twice"},
	} {
		t.Run(name, func(t *testing.T) {
			files := fstest.MapFS{}
			for _, name := range []string{"sources.csv", "services.csv", "ec2-on-demand.csv", "spot-advisor.csv", "spot-seen.csv"} {
				files[name] = &fstest.MapFile{}
			}
			files[test.file] = &fstest.MapFile{Data: []byte(test.content)}
			_, err := read(files)
			require.ErrorContains(t, err, test.want)
		})
	}
	_, err := read(fstest.MapFS{})
	require.ErrorContains(t, err, "reading prices: open sources.csv")
}

const header = "service,item,region,unit,usd,as_of,source,note\n"

func TestOwnPricesWinOverShippedOnes(t *testing.T) {
	table := load(t)
	before := len(table.All())
	require.NoError(t, table.Override("own.csv", strings.NewReader(header+
		"sqs,standard requests,us-east-1,million,0.30,2026-11-20,our contract,\n"+
		"ec2,g5.xlarge spot,us-east-1,hour,0.50,2026-11-20,spot history,\n"+
		"ec2,g9.xlarge on-demand,eu-central-1,hour,2,2026-11-20,price list,new\n")))
	price, err := table.Service("sqs", "standard requests")
	require.NoError(t, err)
	require.InDelta(t, .3, price.USD, 1e-9)
	require.InDelta(t, 1, price.Free, 1e-9, "what is free stays so")
	require.Equal(t, "own.csv", price.Source.File)
	spot, err := table.SpotPrice(Home, "g5.xlarge")
	require.NoError(t, err)
	require.InDelta(t, .5, spot.USD, 1e-9)
	added, err := table.OnDemand("eu-central-1", "g9.xlarge")
	require.NoError(t, err)
	require.Equal(t, "eu-central-1", added.Source.Region)
	require.Len(t, table.All(), before+2)
}

func TestAWrongFileOfOwnPricesIsNamedByLineAndChangesNothing(t *testing.T) {
	const good = "sqs,standard requests,us-east-1,million,99,2026-11-20,x,\n"
	for name, test := range map[string]struct{ content, want string }{
		"a typing error gets a hint":        {header + good + "sqs,standard request,us-east-1,million,1,2026-11-20,x,\n", `own.csv:3: no price for sqs, "standard request"; known are: standard requests; did you mean sqs, "standard requests"?`},
		"another unit is another price":     {header + "sqs,standard requests,us-east-1,thousand,1,2026-11-20,x,\n", `own.csv:2: sqs, "standard requests" is priced by "million", not by "thousand"`},
		"an instance is priced by the hour": {header + "ec2,g5.xlarge spot,us-east-1,second,1,2026-11-20,x,\n", `own.csv:2: ec2, "g5.xlarge spot" is priced by the hour`},
		"an instance has a purchase option": {header + "ec2,g5.xlarge,us-east-1,hour,1,2026-11-20,x,\n", `own.csv:2: ec2 item "g5.xlarge" does not end in "on-demand" or "spot"`},
		"no region":                         {header + "sqs,standard requests,,million,1,2026-11-20,x,\n", "own.csv:2: the price of sqs, \"standard requests\" names no region"},
		"no price":                          {header + "sqs,standard requests,us-east-1,million,,2026-11-20,x,\n", `own.csv:2: price "" is not a number`},
		"no day":                            {header + "sqs,standard requests,us-east-1,million,1,,x,\n", `own.csv:2: as_of "" is not a day`},
		"twice":                             {header + good + good, "own.csv:3: sqs, \"standard requests\" in us-east-1 is priced twice"},
		"another header":                    {"a,b,c,d,e,f,g,h\n" + good, "own.csv:1: the first line must be service,item,region"},
		"an empty file":                     {"", "own.csv:1: the first line must be service,item,region"},
		"too few columns":                   {header + good + "sqs,1\n", "own.csv:3: wrong number of fields"},
	} {
		t.Run(name, func(t *testing.T) {
			table := load(t)
			require.ErrorContains(t, table.Override("own.csv", strings.NewReader(test.content)), test.want)
			price, err := table.Service("sqs", "standard requests")
			require.NoError(t, err)
			require.InDelta(t, .4, price.USD, 1e-9)
		})
	}
}

func load(t *testing.T) *Table {
	t.Helper()
	table, err := Load()
	require.NoError(t, err)
	return table
}

func TestWhatIsListedCanBeReadAgain(t *testing.T) {
	table := load(t)
	listed := append(table.All(), table.Spots(Home)...)
	var out strings.Builder
	require.NoError(t, WriteCSV(&out, listed))
	require.NoError(t, table.Override("again.csv", strings.NewReader(out.String())))
	for _, before := range listed {
		after, err := table.Service(before.Service, before.Item)
		require.NoError(t, err)
		require.InDelta(t, before.USD, after.USD, 1e-12)
		require.Equal(t, "again.csv", after.Source.File)
	}
	require.Contains(t, table.InstanceTypes(), "g6.xlarge")
	tokens, err := LoadTokens()
	require.NoError(t, err)
	require.Greater(t, len(tokens.All()), 100)
}
