package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"tandem/cmd/tandem/internal/exit"
	"tandem/cmd/tandem/internal/pricerefresh"
)

func TestPricesAreListedWithTheirAge(t *testing.T) {
	code, out, talk := tandem(t, "prices", "list", "g5.xlarge")
	require.Equal(t, exit.OK, code, talk)
	require.Regexp(t, `(?m)^ec2 +g5\.xlarge on-demand +us-east-1 +1\.006 +hour +2026-07-20 +\d+d +price table`, out)
	require.Regexp(t, `(?m)^ec2 +g5\.xlarge spot +us-east-1 +0\.4425 +hour `, out)
	require.Contains(t, talk, "days old")
	code, out, talk = tandem(t, "prices", "list", "claude-sonnet-4-5", "output", "--json")
	require.Equal(t, exit.OK, code, talk)
	require.Contains(t, out, `"unit": "million tokens"`)
}

func TestWhatIsListedAsCSVIsAFileOfOwnPrices(t *testing.T) {
	_, out, _ := tandem(t, "prices", "list", "--csv", "sqs")
	require.Equal(t, "service,item,region,unit,usd,as_of,source,note\n"+
		"sqs,standard requests,us-east-1,million,0.4,2026-11-01,AWS's public pricing pages as known in November 2026; check before relying on it,each 64 KB chunk of a payload is one request; first million a month free\n", out)
	file := filepath.Join(t.TempDir(), "own.csv")
	write(t, file, out)
	code, _, talk := tandem(t, "prices", "list", "--prices", file, "sqs")
	require.Equal(t, exit.OK, code, talk)
	write(t, file, out+"sqs,standard request,us-east-1,million,1,2026-11-01,x,\n")
	code, _, talk = tandem(t, "prices", "list", "--prices", file)
	require.Equal(t, exit.Failed, code)
	require.Contains(t, talk, file+`:3: no price for sqs, "standard request"`)
}

type fakeMarket struct{}

func (fakeMarket) OnDemand(context.Context, string) (map[string]float64, error) {
	return map[string]float64{"g6.xlarge": 0.7}, nil
}

func (fakeMarket) Spot(context.Context, string, []string) (map[string]float64, error) {
	return map[string]float64{"g6.xlarge": 0.2}, nil
}

func TestTodaysPricesBecomeAFileThatCommandsTake(t *testing.T) {
	file := filepath.Join(t.TempDir(), "prices.csv")
	var out, talk strings.Builder
	with := &services{
		now: func() time.Time { return time.Date(2026, 11, 24, 9, 0, 0, 0, time.UTC) },
		market: func(context.Context, string, func() time.Time) (pricerefresh.Market, error) {
			return fakeMarket{}, nil
		},
	}
	code := runWith(t.Context(), []string{"prices", "refresh", "--out", file}, streams{out: &out, err: &talk}, with)
	require.Equal(t, exit.OK, code, talk.String())
	raw, err := os.ReadFile(file)
	require.NoError(t, err)
	require.Equal(t, "service,item,region,unit,usd,as_of,source,note\n"+
		"ec2,g6.xlarge on-demand,us-east-1,hour,0.7,2026-11-24,AWS price list,\n"+
		"ec2,g6.xlarge spot,us-east-1,hour,0.2,2026-11-24,\"EC2 spot price history, mean of the zones\",\n", string(raw))
	code, listed, said := tandem(t, "prices", "list", "--prices", file, "g6.xlarge")
	require.Equal(t, exit.OK, code, said)
	require.Regexp(t, `g6\.xlarge spot +us-east-1 +0\.2 `, listed)
}

func TestWithoutCredentialsTodaysPricesAreNotToBeHad(t *testing.T) {
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "", "AWS_PROFILE": "", "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_CONFIG_FILE": filepath.Join(t.TempDir(), "none"), "AWS_SHARED_CREDENTIALS_FILE": filepath.Join(t.TempDir(), "none"),
	} {
		t.Setenv(name, value)
	}
	code, out, talk := tandem(t, "prices", "refresh", "--out", "-")
	require.Equal(t, exit.Refused, code, talk)
	require.Empty(t, out)
	require.Contains(t, talk, "which AWS tells only to an account: there are no usable AWS credentials")
}
