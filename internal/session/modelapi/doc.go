// Package modelapi is a small model provider on loopback for tests: it speaks as much of the Anthropic
// messages, OpenAI responses and Gemini interfaces as the real command lines of agents need, and answers
// from a script. No product code imports it.
package modelapi
