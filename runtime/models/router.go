package models

import (
	"context"
	"fmt"
	"maps"
	"slices"
)

// Router finds who answers. It is safe for concurrent use.
type Router struct {
	options Options
	models  map[string]*model
}

type model struct {
	Model
	routes []*route
}

// New makes a router. It opens no connection.
func New(options Options) (*Router, error) {
	options = options.withDefaults()
	if err := options.validate(); err != nil {
		return nil, fmt.Errorf("setting up the models: %w", err)
	}
	router := &Router{options: options, models: make(map[string]*model, len(options.Routes))}
	all := places{options: options, known: map[string]*place{}, routes: map[placeModel]*route{}}
	for name, configured := range options.Routes {
		made := &model{Model: Model{Name: name, Overflow: configured.Overflow, OwnedBy: configured.Routes[0].Name}}
		for _, config := range configured.Routes {
			route, err := all.route(config)
			if err != nil {
				return nil, fmt.Errorf("setting up route %s of model %s: %w", config.Name, name, err)
			}
			made.routes = append(made.routes, route)
		}
		router.models[name] = made
	}
	return router, nil
}

// Models returns what clients may ask for, by name.
func (r *Router) Models() []Model {
	list := make([]Model, 0, len(r.models))
	for _, name := range slices.Sorted(maps.Keys(r.models)) {
		list = append(list, r.models[name].Model)
	}
	return list
}

// Chat answers in one piece. Errors are a *Error, or the context's own when the
// caller gave up.
func (r *Router) Chat(ctx context.Context, call Call) (*Answer, error) {
	return r.whole(ctx, call, Provider.Chat)
}

// Embeddings answers with a list of embeddings. Errors are those of Chat.
func (r *Router) Embeddings(ctx context.Context, call Call) (*Answer, error) {
	return r.whole(ctx, call, Provider.Embeddings)
}

func (r *Router) whole(ctx context.Context, call Call, ask func(Provider, context.Context, Request) (*Reply, error)) (*Answer, error) {
	begun, err := r.begin(call)
	if err != nil {
		return nil, err
	}
	won, err := firstThatCan(ctx, r, begun, opener[*Reply]{
		open:    func(ctx context.Context, p Provider, request Request) (*Reply, error) { return ask(p, ctx, request) },
		discard: func(*Reply) {},
	})
	if err != nil {
		return nil, r.fail(begun, err)
	}
	won.close()
	served := begun.served(won.route)
	served.Usage = won.value.Usage
	served.Total = r.options.Now().Sub(begun.start)
	served.FirstToken = served.Total
	r.account(ctx, begun, &served, nil)
	return &Answer{Body: won.value.Body, Served: served}, nil
}
