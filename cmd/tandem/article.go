package main

import (
	"bytes"
	"os"

	"tandem/planning/article"
	"tandem/prices"
)

//go:generate go run . article --file=../../planning/testdata/article.yaml --generate=../../docs/costs.md

type articleCommand struct {
	File     string `required:"" help:"The article's rate card." type:"existingfile" placeholder:"FILE"`
	Generate string `help:"Write it to this file." placeholder:"FILE"`
}

// Run prints the article's figures beside those of list prices, in Markdown.
func (c *articleCommand) Run(s streams) error {
	raw, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	card, err := article.Read(c.File, raw)
	if err != nil {
		return err
	}
	table, err := prices.Load()
	if err != nil {
		return err
	}
	tokens, err := prices.LoadTokens()
	if err != nil {
		return err
	}
	real, err := card.Real(article.Prices{Table: table, Tokens: tokens})
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := article.Write(&out, card, real); err != nil {
		return err
	}
	if c.Generate != "" {
		return os.WriteFile(c.Generate, out.Bytes(), 0o644)
	}
	_, err = s.out.Write(out.Bytes())
	return err
}
