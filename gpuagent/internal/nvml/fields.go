//go:build cgo && linux

package nvml

import (
	"encoding/binary"
	"math"

	"github.com/NVIDIA/go-nvml/pkg/nvml"

	"tandem/gpuagent/internal/observe"
)

// What is asked for in one call, in the order of fieldIDs. A driver answers each
// by itself, with NOT_SUPPORTED for what it or the device does not know.
const (
	eccVolatileCorrected = iota
	eccVolatile
	eccAggregateCorrected
	eccAggregate
	retiredSingle
	retiredDouble
	retiredPending
	memoryTemperature
	energy
	pcieReplays
	remappedCorrectable
	remappedUncorrectable
	remappedPending
	remappedFailed
	recoveryAction
	countOfFields
)

var fieldIDs = [countOfFields]uint32{
	eccVolatileCorrected: nvml.FI_DEV_ECC_SBE_VOL_TOTAL, eccVolatile: nvml.FI_DEV_ECC_DBE_VOL_TOTAL,
	eccAggregateCorrected: nvml.FI_DEV_ECC_SBE_AGG_TOTAL, eccAggregate: nvml.FI_DEV_ECC_DBE_AGG_TOTAL,
	retiredSingle: nvml.FI_DEV_RETIRED_SBE, retiredDouble: nvml.FI_DEV_RETIRED_DBE, retiredPending: nvml.FI_DEV_RETIRED_PENDING,
	memoryTemperature: nvml.FI_DEV_MEMORY_TEMP, energy: nvml.FI_DEV_TOTAL_ENERGY_CONSUMPTION,
	pcieReplays:         nvml.FI_DEV_PCIE_REPLAY_COUNTER,
	remappedCorrectable: nvml.FI_DEV_REMAPPED_COR, remappedUncorrectable: nvml.FI_DEV_REMAPPED_UNC,
	remappedPending: nvml.FI_DEV_REMAPPED_PENDING, remappedFailed: nvml.FI_DEV_REMAPPED_FAILURE,
	recoveryAction: nvml.FI_DEV_GET_GPU_RECOVERY_ACTION,
}

// takeFields asks for all of them in one call.
func takeFields(r *round, each *device) {
	var values [countOfFields]nvml.FieldValue
	for i, id := range fieldIDs {
		values[i].FieldId = id
	}
	if !r.ok(each.handle.GetFieldValues(values[:])) {
		return
	}
	for i := range values {
		// The call succeeds on a lost device, and each of its values fails.
		if nvml.Return(values[i].NvmlReturn) == nvml.ERROR_GPU_IS_LOST {
			r.Lost = true
			return
		}
	}
	r.ECCVolatileCorrected, r.ECCVolatile = counter(&values[eccVolatileCorrected]), counter(&values[eccVolatile])
	r.ECCAggregateCorrected, r.ECCAggregate = counter(&values[eccAggregateCorrected]), counter(&values[eccAggregate])
	r.PCIeReplays = counter(&values[pcieReplays])
	if celsius, ok := number(&values[memoryTemperature]); ok {
		// Devices without the sensor say zero.
		r.MemoryTemperature = within(celsius, 1, hottest)
	}
	if millijoules, ok := number(&values[energy]); ok {
		r.Energy = within(millijoules/1000, 0, math.MaxInt64/1000)
	}
	r.RetiredPages = retired(values[:])
	r.RemappedRows = remapped(values[:])
	if action, ok := number(&values[recoveryAction]); ok {
		verdict := observe.RecoverUnknown
		if action >= 0 && action < float64(observe.RecoverUnknown) {
			verdict = observe.RecoveryAction(action)
		}
		r.RecoveryAction = &verdict
	}
}

func retired(values []nvml.FieldValue) *observe.RetiredPages {
	single, double, pending := counter(&values[retiredSingle]), counter(&values[retiredDouble]), counter(&values[retiredPending])
	if single == nil || double == nil {
		return nil
	}
	return &observe.RetiredPages{SingleBit: integer(*single), DoubleBit: integer(*double), Pending: pending != nil && *pending == 1}
}

func remapped(values []nvml.FieldValue) *observe.RemappedRows {
	correctable, uncorrectable := counter(&values[remappedCorrectable]), counter(&values[remappedUncorrectable])
	pending, failed := counter(&values[remappedPending]), counter(&values[remappedFailed])
	if correctable == nil || uncorrectable == nil {
		return nil
	}
	return &observe.RemappedRows{
		Correctable: integer(*correctable), Uncorrectable: integer(*uncorrectable),
		Pending: pending != nil && *pending == 1, Failed: failed != nil && *failed == 1,
	}
}

// number decodes a value by the type that the driver says it has. The driver's
// way of saying 'none', all bits set, is none.
func number(value *nvml.FieldValue) (float64, bool) {
	if nvml.Return(value.NvmlReturn) != nvml.SUCCESS {
		return 0, false
	}
	raw := binary.NativeEndian.Uint64(value.Value[:])
	switch nvml.ValueType(value.ValueType) {
	case nvml.VALUE_TYPE_DOUBLE:
		decoded := math.Float64frombits(raw)
		return decoded, !math.IsNaN(decoded) && !math.IsInf(decoded, 0)
	case nvml.VALUE_TYPE_UNSIGNED_INT:
		return float64(low32(value)), low32(value) != math.MaxUint32
	case nvml.VALUE_TYPE_SIGNED_INT:
		return float64(int32(low32(value))), low32(value) != math.MaxUint32
	case nvml.VALUE_TYPE_SIGNED_LONG_LONG:
		return float64(int64(raw)), raw != math.MaxUint64
	case nvml.VALUE_TYPE_UNSIGNED_LONG, nvml.VALUE_TYPE_UNSIGNED_LONG_LONG:
		return float64(raw), raw != math.MaxUint64 && raw != math.MaxUint32
	case nvml.VALUE_TYPE_UNSIGNED_SHORT:
		decoded := binary.NativeEndian.Uint16(value.Value[:])
		return float64(decoded), decoded != math.MaxUint16
	default:
		return 0, false
	}
}

func low32(value *nvml.FieldValue) uint32 { return binary.NativeEndian.Uint32(value.Value[:]) }
