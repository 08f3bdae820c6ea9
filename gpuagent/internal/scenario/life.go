package scenario

import (
	"context"
	"encoding/json"
	"slices"

	"tandem/gpuagent/internal/agent"
	"tandem/gpuagent/internal/observe"
	"tandem/runtime/nodestatus"
)

// life is what one agent sees of the world.
type life struct{ world *World }

// Devices implements [agent.Devices]. A driver that hangs pays no heed to a context.
func (l *life) Devices(context.Context) ([]observe.Device, error) {
	l.world.mutex.Lock()
	hang := l.world.hang
	l.world.mutex.Unlock()
	if hang != nil {
		<-hang
	}
	l.world.mutex.Lock()
	defer l.world.mutex.Unlock()
	return slices.Clone(l.world.devices), l.world.devicesErr
}

// Notices implements [agent.Notices].
func (l *life) Notices(ctx context.Context) (observe.Notices, error) {
	l.world.mutex.Lock()
	may := l.world.noticesMay
	l.world.mutex.Unlock()
	if may != nil {
		select {
		case <-may:
		case <-ctx.Done():
			return observe.Notices{}, ctx.Err()
		}
	}
	l.world.mutex.Lock()
	defer l.world.mutex.Unlock()
	if l.world.noticesErr != nil {
		return observe.Notices{}, l.world.noticesErr
	}
	return l.world.notices, nil
}

// Tasks implements [agent.Tasks].
func (l *life) Tasks(context.Context) ([]observe.Task, error) {
	l.world.mutex.Lock()
	defer l.world.mutex.Unlock()
	return slices.Clone(l.world.tasks), nil
}

func (l *life) publish(status nodestatus.Status) error {
	l.world.mutex.Lock()
	defer l.world.mutex.Unlock()
	if l.world.diskErr != nil {
		return l.world.diskErr
	}
	l.world.status = status
	l.world.writes++
	return nil
}

func (l *life) remember(memory agent.Memory) error {
	raw, err := json.Marshal(memory)
	if err != nil {
		return err
	}
	l.world.mutex.Lock()
	defer l.world.mutex.Unlock()
	if l.world.diskErr != nil {
		return l.world.diskErr
	}
	l.world.memory = raw
	return nil
}
