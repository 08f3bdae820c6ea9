// Package chat is OpenAI's chat completions as Go types, for providers that
// speak another language: requests read strictly, so that nothing a client asks
// for is lost without a word, and answers and chunks written as OpenAI writes
// them. Routes that speak OpenAI's language themselves do without it.
//
// Shapes after https://platform.openai.com/docs/api-reference/chat (2026-11-24).
package chat
