package imds

import (
	"context"

	"tandem/gpuagent/internal/agent"
	"tandem/runtime/nodestatus"
)

// Read implements agent.NoticeReader.
func (c *Client) Read(ctx context.Context) (agent.Notices, error) {
	notices, err := c.Notices(ctx)
	read := agent.Notices{Rebalance: notices.Rebalance}
	if notices.Spot != nil {
		read.Spot = &nodestatus.SpotNotice{Action: notices.Spot.Action, Time: notices.Spot.Time}
	}
	return read, err
}
