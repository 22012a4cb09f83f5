// Package redact makes lines fit to be kept, shown and sent: without secrets, and without what
// drives a terminal.
//
// What a secret is, two witnesses decide together: the context (the key before it, a flag, a header,
// an address, a sentence that speaks of a token) and the value's own form (a widely used prefix, how
// random it is). A context that is certain, "--password X", needs little of the value; a sentence such
// as "token X was refused" needs a value that is no word; a value alone must be of an issuer's own form,
// or long and random. Neither is enough by one word: "api-key: API Error: 401" names no key.
//
// The package is pure. Lines of a key block (PEM) are known by the lines before them: see Lines.
package redact
