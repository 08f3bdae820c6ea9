// Package awsprices asks AWS what instances cost: its price list, which is
// public but wants a signature, and the spot history of the account.
package awsprices

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	"github.com/aws/aws-sdk-go-v2/service/pricing/types"

	"tandem/cmd/tandem/internal/doctor/awsaccount/query"
	"tandem/cmd/tandem/internal/pricerefresh"
)

// listRegion is one of the few with an endpoint of the price list
// (https://docs.aws.amazon.com/awsaccountbilling/latest/aboutv2/price-list-query-api.html, 2026-11-24).
const listRegion = "us-east-1"

// Market is AWS's.
type Market struct {
	config  aws.Config
	pricing *pricing.Client
	now     func() time.Time
}

var _ pricerefresh.Market = (*Market)(nil)

// New asks with an account's credentials.
func New(config aws.Config, now func() time.Time) *Market {
	return &Market{config: config, now: now, pricing: pricing.NewFromConfig(config, func(o *pricing.Options) { o.Region = listRegion })}
}

// OnDemand implements pricerefresh.Market: Linux, shared tenancy, no software.
func (m *Market) OnDemand(ctx context.Context, region string) (map[string]float64, error) {
	input := &pricing.GetProductsInput{ServiceCode: aws.String("AmazonEC2")}
	for _, filter := range [][2]string{
		{"regionCode", region}, {"operatingSystem", "Linux"}, {"tenancy", "Shared"}, {"preInstalledSw", "NA"}, {"capacitystatus", "Used"},
	} {
		input.Filters = append(input.Filters, types.Filter{Type: types.FilterTypeTermMatch, Field: aws.String(filter[0]), Value: aws.String(filter[1])})
	}
	found := map[string]float64{}
	pages := pricing.NewGetProductsPaginator(m.pricing, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, raw := range page.PriceList {
			kind, usd, err := product(raw)
			if err != nil {
				return nil, err
			}
			if usd > 0 {
				found[kind] = usd
			}
		}
	}
	return found, nil
}

// product reads one entry of the price list, such as
// {"product":{"attributes":{"instanceType":"g5.xlarge"}},"terms":{"OnDemand":{"x":{"priceDimensions":{"y":{"unit":"Hrs","pricePerUnit":{"USD":"1.0060000000"}}}}}}}.
func product(raw string) (kind string, usd float64, err error) {
	var entry struct {
		Product struct {
			Attributes struct {
				InstanceType string `json:"instanceType"`
			} `json:"attributes"`
		} `json:"product"`
		Terms struct {
			OnDemand map[string]struct {
				PriceDimensions map[string]struct {
					Unit         string            `json:"unit"`
					PricePerUnit map[string]string `json:"pricePerUnit"`
				} `json:"priceDimensions"`
			} `json:"OnDemand"`
		} `json:"terms"`
	}
	if err := json.Unmarshal([]byte(raw), &entry); err != nil {
		return "", 0, fmt.Errorf("reading an entry of the price list: %w", err)
	}
	for _, term := range entry.Terms.OnDemand {
		for _, dimension := range term.PriceDimensions {
			if dimension.Unit != "Hrs" {
				continue
			}
			if usd, err = strconv.ParseFloat(dimension.PricePerUnit["USD"], 64); err != nil {
				return "", 0, fmt.Errorf("reading the price of %s: %w", entry.Product.Attributes.InstanceType, err)
			}
		}
	}
	return entry.Product.Attributes.InstanceType, usd, nil
}

// Spot implements pricerefresh.Market: the latest price of each zone.
func (m *Market) Spot(ctx context.Context, region string, kinds []string) (map[string]float64, error) {
	config := m.config.Copy()
	config.Region = region
	parameters := url.Values{"ProductDescription.1": {"Linux/UNIX"}}
	for i, kind := range kinds {
		parameters.Set("InstanceType."+strconv.Itoa(i+1), kind)
	}
	// With a start of now, AWS tells the prices of this moment, one a zone
	// (https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_DescribeSpotPriceHistory.html, 2026-11-24).
	parameters.Set("StartTime", m.now().UTC().Format(time.RFC3339))
	sums, zones := map[string]float64{}, map[string]float64{}
	for {
		var page struct {
			Prices []struct {
				Type string  `xml:"instanceType"`
				USD  float64 `xml:"spotPrice"`
			} `xml:"spotPriceHistorySet>item"`
			Next string `xml:"nextToken"`
		}
		if err := query.Call(ctx, config, query.Service{Name: "ec2", Version: "2016-11-15"}, "DescribeSpotPriceHistory", parameters, &page); err != nil {
			return nil, err
		}
		for _, price := range page.Prices {
			sums[price.Type] += price.USD
			zones[price.Type]++
		}
		if page.Next == "" {
			break
		}
		parameters.Set("NextToken", page.Next)
	}
	for kind := range sums {
		sums[kind] /= zones[kind]
	}
	return sums, nil
}
