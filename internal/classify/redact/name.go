package redact

import (
	"slices"
	"strings"
	"unicode"
)

// certainty is how much the name of a value says that it is a secret.
type certainty int

const (
	none certainty = iota
	// perhaps is a name that may hold a secret, as "key" does; the value decides.
	perhaps
	// likely is the name of a token or key.
	likely
	// surely is the name of a password.
	surely
)

// nouns are words that name secrets, alone or as the last word of a name.
var nouns = map[string]certainty{
	"password": surely, "passwd": surely, "passwort": surely, "passphrase": surely, "passcode": surely, "pwd": surely, "pgpassword": surely, "userpass": surely,
	"secret": likely, "secrets": likely, "token": likely, "tokens": perhaps, "apikey": likely, "accesskey": likely, "secretkey": likely, "privatekey": likely,
	"authkey": likely, "appkey": likely, "apitoken": likely, "authtoken": likely, "accesstoken": likely, "credential": likely, "credentials": likely,
	"creds": likely, "authorization": likely, "cookie": likely, "cookies": likely, "jwt": likely, "bearer": likely, "mnemonic": likely, "sessionid": likely,
	"phpsessid": likely, "jsessionid": likely, "csrftoken": likely, "sessid": likely, "sas": perhaps, "pat": perhaps, "sig": perhaps, "signature": perhaps,
	"auth": perhaps, "key": perhaps, "keys": perhaps, "pass": perhaps, "session": perhaps, "sid": perhaps, "otp": perhaps, "code": none, "nonce": none,
	"csrf": perhaps, "xsrf": perhaps, "dsn": none,
}

// before are words that make a key of a lock out of the word "key", and the like.
var before = map[string][]string{
	"key": {
		"api", "access", "private", "secret", "auth", "encryption", "signing", "master", "account", "shared", "service", "license", "client", "app", "ssh",
		"aes", "hmac", "ssl", "tls", "openai", "anthropic", "gemini", "subscription", "functions", "deploy", "admin", "decryption", "storage", "gpg", "crypto", "root",
	},
	"id":      {"session", "sess"},
	"session": {"x", "user", "login", "laravel", "connect"},
	"phrase":  {"seed", "recovery", "pass", "mnemonic"},
	"pass":    {"db", "user", "mysql", "smtp", "redis", "ftp", "admin", "root", "database", "postgres", "pg", "proxy", "mail", "mongo", "rabbitmq", "amqp", "auth", "http"},
	"auth":    {"x", "basic", "proxy", "redis", "docker", "npm"},
	"code":    {"auth", "authorization", "otp", "verification"},
	"hash":    {"password", "passwd"}, "value": {"secret", "token", "password", "key"}, "data": {"secret"},
	"string": {"connection"},
}

// public are words before "key" that make it a name for something open.
var public = []string{
	"public", "primary", "foreign", "sort", "cache", "partition", "routing", "row", "hash", "object", "group", "index", "unique", "map", "dict", "lookup", "message",
	"translation", "config", "registry", "host", "context", "hot", "idempotency", "dedup", "rate", "limit", "missing", "unknown", "duplicate", "invalid", "this", "the",
}

// describing are last words of names that say something about a secret, and are none.
var describing = strings.Fields(`id ids name file path dir type url uri count limit length size ttl expiry expires env variable policy field version provider helper
	manager store status state error usage index budget timeout at in created updated format encoding header scheme algorithm arn sha fingerprint`)

// nameWords cuts a name into its words: at marks, and where small letters turn into capitals.
func nameWords(name string) []string {
	var words []string
	start, last := 0, rune(0)
	for i, r := range name {
		switch {
		case strings.ContainsRune("_-.:/ ", r):
			words, start = append(words, name[start:i]), i+1
		case unicode.IsUpper(r) && unicode.IsLower(last):
			words, start = append(words, name[start:i]), i
		}
		last = r
	}
	words = append(words, name[start:])
	words = slices.DeleteFunc(words, func(w string) bool { return w == "" })
	for i := range words {
		words[i] = strings.ToLower(words[i])
	}
	return words
}

// certaintyOf judges a name like DB_PASS, x-api-key, clientSecret. Its last word counts: "token_type"
// and "password_file" name no secrets.
func certaintyOf(name string) certainty {
	words := nameWords(name)
	if len(words) == 0 {
		return none
	}
	for len(words) > 1 && strings.Trim(words[len(words)-1], "0123456789") == "" {
		words = words[:len(words)-1] // TOKEN_2
	}
	last, prior := words[len(words)-1], words[:len(words)-1]
	c, known := nouns[last]
	for _, w := range prior {
		if slices.Contains(before[last], w) {
			return likely
		}
	}
	switch {
	case !known && strings.HasSuffix(last, "password"), !known && strings.HasSuffix(last, "passwd"):
		return surely
	case !known && (strings.HasSuffix(last, "token") || strings.HasSuffix(last, "secret") || strings.HasSuffix(last, "apikey")):
		return likely
	case last == "key" && len(prior) > 0 && slices.Contains(public, prior[len(prior)-1]):
		return none
	case last == "tokens" && len(prior) > 0:
		return none
	case len(prior) > 0 && c == perhaps && name == strings.ToUpper(name) && (last == "key" || last == "pass" || last == "auth" || last == "pat"):
		return likely // an environment variable: STRIPE_KEY, SMTP_PASS
	}
	if !known && !slices.Contains(describing, last) && slices.ContainsFunc(prior, func(w string) bool { return nouns[w] >= likely }) {
		return perhaps // SECRET_KEY_BASE, token_v2
	}
	return c
}
