package bedrock

import (
	"context"
	"encoding/json"
	"io"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime"
	"github.com/aws/aws-sdk-go-v2/service/bedrockruntime/types"

	"tandem/runtime/models"
	"tandem/runtime/models/chat"
	"tandem/runtime/models/upstream"
)

// ChatStream implements models.Provider.
func (p *Provider) ChatStream(ctx context.Context, request models.Request) (models.Stream, error) {
	in, wantsUsage, err := translate(request)
	if err != nil {
		return nil, err
	}
	out, err := p.client.ConverseStream(ctx, &bedrockruntime.ConverseStreamInput{
		ModelId: in.ModelId, Messages: in.Messages, System: in.System,
		InferenceConfig: in.InferenceConfig, OutputConfig: in.OutputConfig, ToolConfig: in.ToolConfig,
	})
	if err != nil {
		return nil, understood("converse-stream", err)
	}
	return &stream{
		ctx: ctx, events: out.GetStream(), wantsUsage: wantsUsage, tool: -1,
		chunks: chat.Chunks{ID: newID(), Model: request.Name, Created: p.now()},
	}, nil
}

type stream struct {
	ctx        context.Context
	events     *bedrockruntime.ConverseStreamEventStream
	chunks     chat.Chunks
	wantsUsage bool
	// waiting are chunks that an event made beyond its first.
	waiting []json.RawMessage
	usage   models.Usage
	// tool counts the calls of tools, the last of which has sent arguments or not.
	tool         int
	inTool       bool
	hasArguments bool
	// stopped tells that the reason for the end was seen, metered that the usage
	// was, which comes last, and ended that all was read.
	stopped, metered, ended bool
}

// Next implements models.Stream.
func (s *stream) Next() (json.RawMessage, error) {
	for len(s.waiting) == 0 {
		if s.ended {
			return nil, io.EOF
		}
		select {
		case event, open := <-s.events.Events():
			if !open {
				if err := s.end(); err != nil {
					return nil, err
				}
				continue
			}
			s.take(event)
		case <-s.ctx.Done():
			return nil, context.Cause(s.ctx)
		}
	}
	next := s.waiting[0]
	s.waiting = s.waiting[1:]
	return next, nil
}

func (s *stream) end() error {
	// A connection that breaks once all was said has cut nothing off.
	if err := s.events.Err(); err != nil && !(s.stopped && s.metered) {
		return understood("converse-stream", err)
	}
	if !s.stopped {
		return upstream.Cut()
	}
	s.ended = true
	if s.wantsUsage {
		s.say(s.chunks.Usage(s.usage))
	}
	return nil
}

func (s *stream) say(chunk json.RawMessage) { s.waiting = append(s.waiting, chunk) }

// take turns an event into chunks: none, one or two.
func (s *stream) take(event types.ConverseStreamOutput) {
	switch event := event.(type) {
	case *types.ConverseStreamOutputMemberMessageStart:
		s.say(s.chunks.Start())
	case *types.ConverseStreamOutputMemberContentBlockStart:
		if start, ok := event.Value.Start.(*types.ContentBlockStartMemberToolUse); ok {
			s.tool++
			s.inTool, s.hasArguments = true, false
			s.say(s.chunks.ToolCall(s.tool, aws.ToString(start.Value.ToolUseId), aws.ToString(start.Value.Name)))
		}
	case *types.ConverseStreamOutputMemberContentBlockDelta:
		s.delta(event.Value.Delta)
	case *types.ConverseStreamOutputMemberContentBlockStop:
		if s.inTool && !s.hasArguments {
			s.say(s.chunks.Arguments(s.tool, "{}"))
		}
		s.inTool = false
	case *types.ConverseStreamOutputMemberMessageStop:
		reason := finish(event.Value.StopReason)
		if reason == chat.FinishFilter {
			s.say(s.chunks.Refusal(refusal))
		}
		s.say(s.chunks.End(reason))
		s.stopped = true
	case *types.ConverseStreamOutputMemberMetadata:
		s.usage, s.metered = usage(event.Value.Usage), true
	}
}

func (s *stream) delta(delta types.ContentBlockDelta) {
	switch delta := delta.(type) {
	case *types.ContentBlockDeltaMemberText:
		if delta.Value != "" {
			s.say(s.chunks.Text(delta.Value))
		}
	case *types.ContentBlockDeltaMemberToolUse:
		if piece := aws.ToString(delta.Value.Input); piece != "" {
			s.hasArguments = true
			s.say(s.chunks.Arguments(s.tool, piece))
		}
	}
}

// Usage implements models.Stream.
func (s *stream) Usage() models.Usage { return s.usage }

// Close implements models.Stream. It fails where the connection did, which Next
// has told already.
func (s *stream) Close() error {
	_ = s.events.Close()
	return nil
}
