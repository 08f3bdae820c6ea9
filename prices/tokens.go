package prices

import (
	"fmt"
	"io/fs"
	"regexp"
	"strconv"
	"strings"
)

// TokenPrice is what a million tokens of a model cost.
type TokenPrice struct {
	// Provider is openai, anthropic or bedrock; Model is the provider's own name.
	Provider, Model string
	// Input, CachedInput and Output in USD a million tokens. CachedInput equals
	// Input where the provider gives no discount; Output of embeddings is 0.
	Input, CachedInput, Output float64
	// ContextWindow in tokens; 0 where it is not known.
	ContextWindow int
	// Tiered tells that long prompts cost more than this price says.
	Tiered bool
	// Source tells where the price was read and when.
	Source Source
}

// cacheWriteSurcharge is what Anthropic's models charge for writing to the
// cache for five minutes, as a multiple of input
// (https://docs.anthropic.com/en/docs/build-with-claude/prompt-caching, 2026-11-24).
const cacheWriteSurcharge = 1.25

// USD is the price of a call. The input includes the cached tokens and those
// written to the cache.
func (p TokenPrice) USD(input, cachedInput, cacheWrite, output int) float64 {
	fresh := max(0, input-cachedInput-cacheWrite)
	return (float64(fresh)*p.Input + float64(cacheWrite)*p.Input*cacheWriteSurcharge +
		float64(cachedInput)*p.CachedInput + float64(output)*p.Output) / 1e6
}

const tokensFile = "llm-tokens.csv"

// Tokens is what external models cost. It is apart from [Table], which a
// function that only routes calls would read for nothing at each cold start.
type Tokens struct {
	source Source
	prices map[string]TokenPrice
}

// LoadTokens reads the token prices that this project ships.
func LoadTokens() (*Tokens, error) {
	files, err := fs.Sub(data, "data")
	if err != nil {
		return nil, fmt.Errorf("opening the price data: %w", err)
	}
	return readTokens(files)
}

func readTokens(files fs.FS) (*Tokens, error) {
	sources := &Table{sources: map[string]Source{}}
	if err := eachRow(files, "sources.csv", 4, sources.addSource); err != nil {
		return nil, err
	}
	tokens := &Tokens{source: sources.sources[tokensFile], prices: map[string]TokenPrice{}}
	if err := eachRow(files, tokensFile, 7, tokens.add); err != nil {
		return nil, err
	}
	return tokens, nil
}

func (t *Tokens) add(row []string) error {
	price := TokenPrice{Provider: row[0], Model: row[1], Tiered: row[6] == "yes", Source: t.source}
	for _, column := range []struct {
		text  string
		value *float64
	}{{row[2], &price.Input}, {row[3], &price.CachedInput}, {row[4], &price.Output}} {
		if column.text == "" {
			continue
		}
		usd, err := strconv.ParseFloat(column.text, 64)
		if err != nil || usd < 0 {
			return fmt.Errorf("price %q is not a number of US dollars", column.text)
		}
		*column.value = usd
	}
	if row[3] == "" {
		price.CachedInput = price.Input
	}
	if row[5] != "" {
		window, err := strconv.Atoi(row[5])
		if err != nil {
			return fmt.Errorf("context window %q is not a number of tokens", row[5])
		}
		price.ContextWindow = window
	}
	key := price.Provider + "/" + price.Model
	if _, found := t.prices[key]; found {
		return fmt.Errorf("%s, %q is priced twice", price.Provider, price.Model)
	}
	t.prices[key] = price
	return nil
}

// dated matches the date at the end of a snapshot's name, such as
// gpt-4o-2024-08-06 or claude-haiku-4-5-20251001.
var dated = regexp.MustCompile(`-(\d{8}|\d{4}-\d{2}-\d{2})$`)

// geographic matches where Bedrock's inference profile spreads its calls, such
// as eu.anthropic.claude-sonnet-4-5-20250929-v1:0.
var geographic = regexp.MustCompile(`^(us|us-gov|eu|apac|jp|au|ca)\.`)

// Price looks up what a model's tokens cost. A snapshot costs what its model
// does, a fine-tuned model what its base does when fine-tuned, and a profile of
// Bedrock's, for one region or several, what the table calls regional. An
// unknown model is an error, never a price of zero.
func (t *Tokens) Price(provider, model string) (TokenPrice, error) {
	for _, name := range names(provider, model) {
		if price, found := t.prices[provider+"/"+name]; found {
			return price, nil
		}
	}
	return TokenPrice{}, fmt.Errorf("no token price for %s, %q", provider, model)
}

// names are those that a model may be listed by, best first.
func names(provider, model string) []string {
	candidates := []string{model}
	if provider == "bedrock" {
		if i := strings.LastIndexByte(model, '/'); i >= 0 { // an ARN
			model = model[i+1:]
			candidates = append(candidates, model)
		}
		bare := geographic.ReplaceAllString(model, "")
		candidates = append(candidates, "regional."+bare, bare)
	}
	if tuned, found := strings.CutPrefix(model, "ft:"); found {
		base, _, _ := strings.Cut(tuned, ":")
		candidates = append(candidates, "ft:"+base, "ft:"+dated.ReplaceAllString(base, ""), base+".ft-")
	}
	for _, name := range candidates {
		if short := dated.ReplaceAllString(name, ""); short != name {
			candidates = append(candidates, short, short+"-latest")
		}
	}
	return append(candidates, model+"-latest")
}
