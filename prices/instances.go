package prices

import (
	"fmt"
	"strconv"
	"strings"
)

// EC2 is the service under which instances are listed, as items such as
// "g5.xlarge on-demand" and "g5.xlarge spot", by the hour.
const (
	EC2         = "ec2"
	onDemand    = " on-demand"
	spot        = " spot"
	perHour     = Unit("hour")
	advisorFile = "spot-advisor.csv"
)

// Spot is what is known of a type's spot market in one region.
type Spot struct {
	// Savings against on-demand as the Spot Advisor says, below 1; negative where
	// spot was dearer, 0 where it says nothing.
	Savings float64
	// Interrupted is the share of instances that were reclaimed within a month,
	// 0 to 1: the upper end of the advisor's band, and 0.30 for "over 20 %".
	Interrupted float64
	// Band is the advisor's own word for it, such as 5-10%.
	Band string
	// Low and High are prices seen, in USD an hour; 0 where none was.
	Low, High float64
}

type spotKey struct{ region, instanceType string }

// OnDemand is the price of an instance of a type, by the hour, Linux.
func (t *Table) OnDemand(region, instanceType string) (Price, error) {
	price, err := t.ServiceIn(region, EC2, instanceType+onDemand)
	if err != nil {
		return Price{}, fmt.Errorf("no on-demand price for %s in %s; 'tandem prices refresh' or --prices adds it", instanceType, region)
	}
	return price, nil
}

// SpotPrice is the price of a spot instance of a type, by the hour: what an
// override says, else the middle of what was seen, else on-demand less the
// Spot Advisor's savings. Its Source says which.
func (t *Table) SpotPrice(region, instanceType string) (Price, error) {
	if price, found := t.services[key{EC2, instanceType + spot, region}]; found {
		return price, nil
	}
	market, region, found := t.Spot(region, instanceType)
	if !found {
		return Price{}, fmt.Errorf("no spot price for %s; 'tandem prices refresh' or --prices adds it", instanceType)
	}
	price := Price{Service: EC2, Item: instanceType + spot, Unit: perHour}
	if market.High > 0 {
		price.USD = (market.Low + market.High) / 2
		price.Source = t.sources["spot-seen.csv"]
		price.Note = fmt.Sprintf("middle of %g to %g", market.Low, market.High)
		return price, nil
	}
	full, err := t.OnDemand(region, instanceType)
	if err != nil {
		return Price{}, fmt.Errorf("no spot price for %s: %w", instanceType, err)
	}
	price.USD = full.USD * (1 - market.Savings)
	price.Source = t.sources[advisorFile]
	price.Source.Region = region
	price.Note = fmt.Sprintf("on-demand less %.0f %%", market.Savings*100)
	return price, nil
}

// Spot is the market of a type in a region or, where nothing is known of
// that, in the home region; it returns which.
func (t *Table) Spot(region, instanceType string) (Spot, string, bool) {
	for _, region := range []string{region, Home} {
		if market, found := t.spots[spotKey{region, instanceType}]; found {
			return market, region, true
		}
	}
	return Spot{}, "", false
}

func (t *Table) addOnDemand(row []string) error {
	usd, err := parseUSD(row[2])
	if err != nil {
		return err
	}
	source := t.sources["ec2-on-demand.csv"]
	source.Region = row[0]
	return t.add(Price{Service: EC2, Item: row[1] + onDemand, USD: usd, Unit: perHour, Source: source})
}

func (t *Table) addAdvice(row []string) error {
	savings, err := strconv.ParseFloat(row[2], 64)
	if err != nil || !(savings > -1000 && savings < 100) { // spot has been dearer than on-demand
		return fmt.Errorf("savings %q are not a percentage", row[2])
	}
	interrupted, err := upperEnd(row[3])
	if err != nil {
		return err
	}
	at := spotKey{row[0], row[1]}
	if _, found := t.spots[at]; found {
		return fmt.Errorf("%s in %s is listed twice", row[1], row[0])
	}
	t.spots[at] = Spot{Savings: savings / 100, Interrupted: interrupted, Band: row[3]}
	return nil
}

func (t *Table) addSeen(row []string) error {
	low, err := parseUSD(row[2])
	if err != nil {
		return err
	}
	high, err := parseUSD(row[3])
	if err != nil {
		return err
	}
	if low > high || high == 0 {
		return fmt.Errorf("the lowest price %s is above the highest %s, or both are zero", row[2], row[3])
	}
	at := spotKey{row[0], row[1]}
	market := t.spots[at]
	market.Low, market.High = low, high
	t.spots[at] = market
	return nil
}

// upperEnd of a band of the Spot Advisor: <5%, 5-10%, 10-15%, 15-20%, >20%.
func upperEnd(band string) (float64, error) {
	if band == ">20%" {
		return 0.30, nil
	}
	text := strings.TrimSuffix(strings.TrimPrefix(band, "<"), "%")
	if _, upper, found := strings.Cut(text, "-"); found {
		text = upper
	}
	percent, err := strconv.ParseFloat(text, 64)
	if err != nil || !strings.HasSuffix(band, "%") || percent <= 0 || percent > 100 {
		return 0, fmt.Errorf("interruptions %q are not a band such as 5-10%%", band)
	}
	return percent / 100, nil
}
