package metrics

import "tandem/gpuagent/internal/observe"

// faults are the readings that tell of a device's health.
func faults() []reading {
	return []reading{
		counter("DCGM_FI_DEV_ECC_SBE_VOL_TOTAL", "Total number of single-bit volatile ECC errors.", func(d observe.Device) *float64 { return whole(d.ECCVolatileCorrected, 1) }),
		counter("DCGM_FI_DEV_ECC_DBE_VOL_TOTAL", "Total number of double-bit volatile ECC errors.", func(d observe.Device) *float64 { return whole(d.ECCVolatile, 1) }),
		counter("DCGM_FI_DEV_ECC_SBE_AGG_TOTAL", "Total number of single-bit persistent ECC errors.", func(d observe.Device) *float64 { return whole(d.ECCAggregateCorrected, 1) }),
		counter("DCGM_FI_DEV_ECC_DBE_AGG_TOTAL", "Total number of double-bit persistent ECC errors.", func(d observe.Device) *float64 { return whole(d.ECCAggregate, 1) }),
		counter("DCGM_FI_DEV_RETIRED_SBE", "Total number of retired pages due to single-bit errors.", retired(func(p *observe.RetiredPages) float64 { return float64(p.SingleBit) })),
		counter("DCGM_FI_DEV_RETIRED_DBE", "Total number of retired pages due to double-bit errors.", retired(func(p *observe.RetiredPages) float64 { return float64(p.DoubleBit) })),
		counter("DCGM_FI_DEV_RETIRED_PENDING", "Total number of pages pending retirement.", retired(func(p *observe.RetiredPages) float64 { return whether(p.Pending) })),
		counter("DCGM_FI_DEV_UNCORRECTABLE_REMAPPED_ROWS", "Number of remapped rows for uncorrectable errors.", remapped(func(r *observe.RemappedRows) float64 { return float64(r.Uncorrectable) })),
		counter("DCGM_FI_DEV_CORRECTABLE_REMAPPED_ROWS", "Number of remapped rows for correctable errors.", remapped(func(r *observe.RemappedRows) float64 { return float64(r.Correctable) })),
		gauge("DCGM_FI_DEV_ROW_REMAP_FAILURE", "Whether remapping of rows has failed.", remapped(func(r *observe.RemappedRows) float64 { return whether(r.Failed) })),
		gauge("DCGM_FI_DEV_ROW_REMAP_PENDING", "Whether rows wait for a reset to be remapped.", remapped(func(r *observe.RemappedRows) float64 { return whether(r.Pending) })),
		gauge("DCGM_FI_DEV_PCIE_LINK_GEN", "PCIe generation that the link runs at.", link(func(l *observe.PCIeLink) int { return l.Generation })),
		gauge("DCGM_FI_DEV_PCIE_MAX_LINK_GEN", "PCIe generation that device and slot can.", link(func(l *observe.PCIeLink) int { return l.MaxGeneration })),
		gauge("DCGM_FI_DEV_PCIE_LINK_WIDTH", "PCIe lanes that the link runs with.", link(func(l *observe.PCIeLink) int { return l.Width })),
		gauge("DCGM_FI_DEV_PCIE_MAX_LINK_WIDTH", "PCIe lanes that device and slot have.", link(func(l *observe.PCIeLink) int { return l.MaxWidth })),
		counter("DCGM_FI_DEV_NVLINK_REPLAY_ERROR_COUNT_TOTAL", "Total number of NVLink retries.", nvlinks("replay")),
		counter("DCGM_FI_DEV_NVLINK_RECOVERY_ERROR_COUNT_TOTAL", "Total number of NVLink recovery errors.", nvlinks("recovery")),
		counter("DCGM_FI_DEV_NVLINK_CRC_FLIT_ERROR_COUNT_TOTAL", "Total number of NVLink flow-control CRC errors.", nvlinks("crc", "crc_flit")),
		counter("DCGM_FI_DEV_NVLINK_CRC_DATA_ERROR_COUNT_TOTAL", "Total number of NVLink data CRC errors.", nvlinks("crc_data")),
		gauge("gpuagent_nvlinks_active", "NVLinks that are up.", func(d observe.Device) *float64 {
			if len(d.NVLinks) == 0 {
				return nil
			}
			active := 0.0
			for _, link := range d.NVLinks {
				active += whether(link.Active)
			}
			return &active
		}),
		gauge("gpuagent_recovery_action", "The driver's own verdict: 0 none, 1 reset the GPU, 2 reboot, 3 drain peer-to-peer, 4 drain and reset, 5 another.", func(d observe.Device) *float64 {
			if d.RecoveryAction == nil {
				return nil
			}
			action := float64(*d.RecoveryAction)
			return &action
		}),
		gauge("gpuagent_gpu_lost", "1 when the driver no longer reaches the GPU.", func(d observe.Device) *float64 {
			lost := whether(d.Lost)
			return &lost
		}),
	}
}

func retired(of func(*observe.RetiredPages) float64) func(observe.Device) *float64 {
	return func(d observe.Device) *float64 {
		if d.RetiredPages == nil {
			return nil
		}
		value := of(d.RetiredPages)
		return &value
	}
}

func remapped(of func(*observe.RemappedRows) float64) func(observe.Device) *float64 {
	return func(d observe.Device) *float64 {
		if d.RemappedRows == nil {
			return nil
		}
		value := of(d.RemappedRows)
		return &value
	}
}

func link(of func(*observe.PCIeLink) int) func(observe.Device) *float64 {
	return func(d observe.Device) *float64 {
		if d.PCIe == nil {
			return nil
		}
		value := float64(of(d.PCIe))
		return &value
	}
}

// nvlinks sums the errors of some kinds over all links that count them.
func nvlinks(kinds ...string) func(observe.Device) *float64 {
	return func(d observe.Device) *float64 {
		var sum *float64
		for _, link := range d.NVLinks {
			for _, kind := range kinds {
				if count, counted := link.Errors[kind]; counted {
					if sum == nil {
						sum = new(float64)
					}
					*sum += float64(count)
				}
			}
		}
		return sum
	}
}
