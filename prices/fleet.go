package prices

// InstanceUSD is what an instance of a type costs an hour in a region, on spot
// and on-demand; 0 where the price is not known.
func (t *Table) InstanceUSD(region, instanceType string) (spot, onDemand float64) {
	if price, err := t.SpotPrice(region, instanceType); err == nil {
		spot = price.USD
	}
	if price, err := t.OnDemand(region, instanceType); err == nil {
		onDemand = price.USD
	}
	return spot, onDemand
}
