package awsprices

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/stretchr/testify/require"
)

// answers as AWS's documentation shows them, in two pages each.
func server(t *testing.T) *httptest.Server {
	entry := func(kind, usd string) string {
		return fmt.Sprintf(`{"product":{"attributes":{"instanceType":%q}},"terms":{"OnDemand":{"x":{"priceDimensions":{"y":{"unit":"Hrs","pricePerUnit":{"USD":%q}}}}}}}`, kind, usd)
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if target := r.Header.Get("X-Amz-Target"); target != "" {
			if target != "AWSPriceListService.GetProducts" || !strings.Contains(string(body), `"eu-west-1"`) {
				t.Errorf("asked %s for %s", target, body)
			}
			page := map[string]any{"PriceList": []string{entry("g5.xlarge", "1.1230000000")}, "NextToken": "more"}
			if strings.Contains(string(body), `"more"`) {
				page = map[string]any{"PriceList": []string{entry("g6.xlarge", "0.9"), entry("free.one", "0.0000000000")}}
			}
			_ = json.NewEncoder(w).Encode(page)
			return
		}
		form, _ := url.ParseQuery(string(body))
		if form.Get("Action") != "DescribeSpotPriceHistory" || form.Get("StartTime") != "2026-11-24T10:00:00Z" || form.Get("InstanceType.2") != "g6.xlarge" {
			t.Errorf("asked for %v", form)
		}
		if form.Get("NextToken") == "" {
			_, _ = io.WriteString(w, `<R><spotPriceHistorySet><item><instanceType>g5.xlarge</instanceType><spotPrice>0.400000</spotPrice></item></spotPriceHistorySet><nextToken>2</nextToken></R>`)
			return
		}
		_, _ = io.WriteString(w, `<R><spotPriceHistorySet><item><instanceType>g5.xlarge</instanceType><spotPrice>0.500000</spotPrice></item><item><instanceType>g6.xlarge</instanceType><spotPrice>0.3</spotPrice></item></spotPriceHistorySet><nextToken/></R>`)
	}))
	t.Cleanup(s.Close)
	return s
}

func TestPricesAreReadPageByPage(t *testing.T) {
	m := New(aws.Config{
		Region: "eu-west-1", BaseEndpoint: aws.String(server(t).URL), Credentials: credentials.NewStaticCredentialsProvider("id", "secret", ""),
	}, func() time.Time { return time.Date(2026, 11, 24, 10, 0, 0, 0, time.UTC) })
	onDemand, err := m.OnDemand(t.Context(), "eu-west-1")
	require.NoError(t, err)
	require.Equal(t, map[string]float64{"g5.xlarge": 1.123, "g6.xlarge": 0.9}, onDemand)
	spot, err := m.Spot(t.Context(), "eu-west-1", []string{"g5.xlarge", "g6.xlarge"})
	require.NoError(t, err)
	require.InDelta(t, 0.45, spot["g5.xlarge"], 1e-9)
	require.InDelta(t, 0.3, spot["g6.xlarge"], 1e-9)
}

func TestAnEntryThatIsNoneIsAnError(t *testing.T) {
	_, _, err := product("{")
	require.ErrorContains(t, err, "reading an entry of the price list")
	_, _, err = product(`{"product":{"attributes":{"instanceType":"x"}},"terms":{"OnDemand":{"x":{"priceDimensions":{"y":{"unit":"Hrs","pricePerUnit":{"CNY":"1"}}}}}}}`)
	require.ErrorContains(t, err, "reading the price of x")
}
