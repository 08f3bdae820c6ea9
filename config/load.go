package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

const baseName = "base"

var environmentName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,15}$`)

// Options say which environment to load, and from where.
type Options struct {
	// Dir holds base.yaml and the overlays. Default: config.
	Dir string
	// FS is what Dir is read from, for tests. Default: the file system, with
	// Dir as a path in it.
	FS fs.FS
	// Environment is the overlay's name, without .yaml. Required.
	Environment string
	// Set are overrides, path.to.key=value, in the order in which they apply.
	Set []string
	// SetFlag is what a user wrote before an override, for messages.
	// Default: "-c set.", as the CDK's command line has it.
	SetFlag string
}

// Loaded is one environment: merged, checked and complete.
type Loaded struct {
	// Environment is the overlay's name.
	Environment string
	// Config has all defaults filled in.
	Config *Config

	tree   *node
	schema *keywords
}

// Load reads base.yaml, the overlay and the overrides. An error of type
// [*Error] lists everything that is wrong with them.
func Load(o Options) (*Loaded, error) {
	if o.Dir == "" {
		o.Dir = "config"
	}
	if o.FS == nil {
		o.FS = os.DirFS(o.Dir)
	}
	if o.SetFlag == "" {
		o.SetFlag = "-c set."
	}
	if err := o.findEnvironment(); err != nil {
		return nil, err
	}
	schema, err := ownKeywords()
	if err != nil {
		return nil, err
	}
	l := &loader{options: o, schema: schema, problems: &problems{sources: map[string]*source{}}, removed: map[string]Position{}}
	tree := newObject(Position{File: l.fileName(o.Environment), Line: 1, Column: 1, Width: 1})
	for _, name := range []string{baseName, o.Environment} {
		layer, err := l.readFile(name)
		if err != nil {
			return nil, err
		}
		tree = l.lay(tree, layer)
	}
	for _, expression := range o.Set {
		layer, found := readOverride(expression, o.SetFlag, schema)
		l.problems.add(found...)
		l.unreadable = l.unreadable || layer == nil
		tree = l.lay(tree, layer)
	}
	return l.finish(tree)
}

type loader struct {
	options  Options
	schema   *keywords
	layers   []string
	problems *problems
	// removed is where a layer took a value away, by its path.
	removed map[string]Position
	// unreadable is whether a layer is missing because it is not YAML. What
	// lacks, and what does not fit together, can't be told then.
	unreadable bool
}

func (l *loader) fileName(name string) string {
	return filepath.Join(l.options.Dir, name+".yaml")
}

// readFile parses one layer; it is nil where there is nothing to merge.
func (l *loader) readFile(name string) (*node, error) {
	text, err := fs.ReadFile(l.options.FS, name+".yaml")
	if errors.Is(err, fs.ErrNotExist) && name == baseName {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read the configuration %s: %w", l.fileName(name), err)
	}
	src := &source{name: l.fileName(name), text: strings.TrimPrefix(string(text), "\ufeff")}
	l.problems.sources[src.name] = src
	l.layers = append(l.layers, src.name)
	root, found := parse(src)
	l.problems.add(found...)
	if root != nil && root.kind != object && root.kind != null {
		l.problems.add(Problem{Position: root.at, Message: "the file must hold a map of keys, not " + root.describe()})
		root = nil
	}
	l.unreadable = l.unreadable || root == nil
	return root, nil
}

// lay merges one layer onto the tree.
func (l *loader) lay(tree, layer *node) *node {
	if layer == nil || layer.kind != object {
		return tree
	}
	if len(tree.keys) == 0 {
		tree = newObject(layer.at)
	}
	merged, removed := merge(tree, layer)
	for _, r := range removed {
		l.removed[r.path.String()] = r.at
		l.checkRemoval(r)
	}
	return merged
}

// checkRemoval reports a null that removes a key that cannot be.
func (l *loader) checkRemoval(r removal) {
	k := l.schema.resolve(l.schema)
	for i, part := range r.path {
		below := k.child(l.schema, part)
		if below == nil {
			hint, _ := unknownKeyHint(part, k, l.schema)
			l.problems.add(Problem{
				Position: r.at, path: r.path, Hint: hint,
				Message: fmt.Sprintf("unknown key %q in %s", part, subject(r.path[:i])),
			})
			return
		}
		k = below
	}
}

// finish holds the merged tree against the schema, completes it, and judges
// the whole.
func (l *loader) finish(tree *node) (*Loaded, error) {
	root := l.schema.resolve(l.schema)
	c := &checker{
		root: l.schema, patterns: map[string]*regexp.Regexp{}, problems: l.problems,
		removed: l.removed, partial: l.unreadable,
	}
	c.check(field{value: tree, at: tree.at}, root, nil)
	applyDefaults(tree, root, l.schema)
	cfg, err := decode(tree)
	if err != nil {
		return nil, err
	}
	cfg.resolve()
	if !l.unreadable {
		l.problems.add(judgeAll(cfg, tree, l.problems.paths(), l.removed)...)
	}
	if err := l.problems.err(l.options.Environment, append(l.layers, CommandLine)); err != nil {
		return nil, err
	}
	return &Loaded{Environment: l.options.Environment, Config: cfg, tree: tree, schema: l.schema}, nil
}

// Origin is where the value at a path, such as workers.documents.timeout, was
// written: String gives file:line. For a value that is not there it is the
// nearest part above.
func (l *Loaded) Origin(at string) Position {
	p, _, err := parsePath(at)
	if err != nil {
		return l.tree.at
	}
	return l.tree.origin(p)
}

func (n *node) origin(p path) Position {
	for ; ; p = p[:len(p)-1] {
		value, key, ok := n.find(p)
		switch {
		case ok && value.kind == scalar:
			return value.at
		case ok:
			return key
		case len(p) == 0:
			return n.at
		}
	}
}
