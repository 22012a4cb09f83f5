package classify

import (
	"bytes"
	"slices"

	"healer-sidecar/internal/classify/rules"
	"healer-sidecar/internal/match"
)

// Factors by which the context of a line scales the strength of a rule. They
// are coarse expert values, not fitted: what matters is which side of
// heal.LiveThreshold a usual rule (0.6 to 0.9) ends on.
const (
	factorQuiet   = 0.25 // logged as INFO, DEBUG, TRACE, NOTICE
	factorWarn    = 0.9
	factorPlain   = 0.95 // a dead program's line without a level
	factorLive    = 0.72 // the same of a living one: it may be talking about anything
	factorProse   = 0.65 // a sentence of a text
	factorSetting = 0.5  // a thing that was set, or a line of something begun
	factorQuoted  = 0.2  // text that somebody only talks about
	factorSettled = 0.2  // "succeeded after 2 retries"
)

// prefilter is for an expression that sees lines as rules of ours do.
func prefilter(src string) match.Prefilter { return match.NewPrefilter(rules.Expand(src)) }

// lineContext is what the rest of a line says about a match on it.
type lineContext struct {
	// dead says that its program is; what cannot weigh least need not be weighed.
	dead  bool
	least float64

	factor      float64
	loud, quiet bool
	// raised says that some mark of trouble stands at the head, whatever else does.
	raised  bool
	settled bool
	// denied, set and begun are the places of what is denied, of what has a value, and of words
	// at the head that tell of something done.
	denied, set, begun [][]int
	// levelKnown and known say how much of it has been read.
	levelKnown, known bool
}

var (
	// levelLoud reads the line as printed: an upper-case level, a structured one,
	// or an error that announces itself at the head of the line.
	levelLoud  = prefilter(`^(?:.{0,140}?[^'"\w])?(?:ERROR|ERR|FATAL|CRITICAL|CRIT|SEVERE|PANIC|ALERT|EMERG|FAILED|FAIL|FAILURE)(?:[^'"\w]|$)|(?i:level=(?:error|fatal|panic|critical)|"(?:level|lvl|severity)":\s*"(?:error|fatal|critical|panic)"|"level":\s*(?:50|60)\b|^.{0,60}\[(?:error|fatal|crit|critical|emerg|alert|panic)\]|^\W*(?:fatal |uncaught |internal |runtime )?(?:error|fatal|panic|failed|critical|exception)\b ?[:!\[(]|^[EF]\d{4} |^[EF]/)|^\s{0,12}\S{0,80}\b[A-Za-z_.]*(?:Error|Exception|Failure|Violation|Exceeded|Timeout): |\]: (?i:error|fatal|panic|critical)\b|^(?:\(error\) |-)?(?:ERR|OOM|WRONGTYPE|MASTERDOWN|MISCONF|READONLY|LOADING|CLUSTERDOWN|NOAUTH|NOPERM|EXECABORT|BUSY|TRYAGAIN|CROSSSLOT) [A-Z]|^\S+: (?i:error|fatal|failed)\b| [EFC] \| `)
	levelWarn  = prefilter(`\bwarn(?:ing)?\b|"level":\s*40\b|^w\d{4} | w \| `)
	levelQuiet = prefilter(`^(?:[^a-z]{0,40}?|[^"']{0,140}?[\s\[(|:=])(?:info|debug|trace|notice|verbose|dbg|inf)\b[\]):|,\s]|level=(?:info|debug|trace)|"(?:level|lvl|severity)":\s*"(?:info|debug|trace|notice)"|"level":\s*(?:10|20|30)\b|^[id]\d{4} | i \| `)

	denied = prefilter(`(?:^|[^\w.])(?:0|no|zero|none|without(?: any)?|never|not a single|free of|nothing|any)\s+(?:\w+\s+){0,2}?(?:errors?|failures?|failed|fail|conflicts?|violations?|deadlocks?|crash(?:es)?|mismatch(?:es)?|corrupt(?:ed)?|missing|conflicting|unexpected|exceptions?|timeouts?|leaks?|issues?|problems?|failing|refused|denied|rejected|aborted|dropped|collisions?|nans?|retries|panics?|alarms?|threats?|injections?)\b` +
		`|\b(?:errors?|failures?|failed|timeouts?|crashed)(?: (?:jobs?|tasks?|tests?|steps?|calls?|requests?|items?|records?|runs?|so|far|in|queue|total)){1,3}: ?0\b` +
		`|\b(?:conflicts?|errors?|failures?|violations?|problems?|issues?)(?:\.{2,}| \.\.\.)? ?(?:none|not found)\b|\b(?:is|are|was|were) not (?:an? )?(?:error|failure|problem)`)
	// zero is a field that says so of itself, and of nothing else on the line.
	zero = prefilter(`\b(?:errors?|failures?|failed|conflicts?|violations?|deadlocks?|crashes|exceptions?|timeouts?|refused|denied|rejected|aborted|dropped|collisions|retries|flagged|blocked|oom(?:_kills?)?|nan(?:_count)?|evict(?:ed|ions)|quer(?:y|ies)|(?:exit(?:ed)?(?: with)? )?\(?(?:code|status)|since last login|oldest failure)["']?(?:\s*[=: ]\s*["']?0(?:\b|$)|\s*[=:]\s*["']?(?:none|false|never|null|nil|\[\]|\{\})(?:\b|$)|(?:\s*[=:])?\s*["']?(?:no|none|never|null|nil)(?:[,;.)\]}"']|\s*$))`)
	// counted is a thing with the number 0, or another count: neither "worker 0 failed" nor
	// "1 failed, 0 errors" denies anything.
	counted = prefilter(`(?:^|[\s(\[,;=])[1-9]\d* (?:errors?|fail(?:ed|ures?|ing)?|problems?)\b|\b(?:errors?|failures?|failed|failing)[=:] ?[1-9]|\b(?:task|worker|rank|node|stage|step|gpu|device|job|replica|shard|partition|thread|process|core|cpu|attempt|instance|container|agent|slot|block|chunk|index|host|pod|actor|server|client|executor)[ #:=_-]{0,2}0\b`)
	settled = prefilter(`\bwithin (?:its|the|our) (?:limits?|budget|deadline|goal|target|slo|bounds|tolerance)\b|\b(?:recovered|reconnected|re-established|back to normal|half-open -> closed|closed again|back online|healed|resolved (?:itself|after|by)|(?:alarms?|alerts?|errors?|faults?|incidents?|conditions?|problems?|issues?|backlogs?|congestion|failures?|warnings?|it|now)(?: has| is| was| have)?(?: been)? cleared|cleared (?:itself|after|by)|corrected|mitigated)\b|\b(?:succe(?:eded|ss(?:ful(?:ly)?)?)|ok|passed|completed|committed|connected|acquired|delivered|worked)\b.{0,40}\b(?:after|on (?:the )?(?:attempt|retry|try|second|third)|attempt|retr(?:y|ies|ied)|failover|fallback)\b|\bretr(?:y|ied|ies|ying)\b.{0,60}\b(?:succeeded|successful|ok|worked|passed|committed|success)\b|\b(?:fell back|failed over|switched|switching) to\b.{0,60}(?:\bok\b|success|healthy|replica|secondary|standby|backup)|\b(?:as expected|(?:is|was|were|are) expected(?:$|[.,;:)]| (?:here|now|when|while|after|during|because|if|on|at|in|and|behaviou?r))|expected in|as designed|by design|(?:was|were|is|are|been|being|gracefully|safely|already|automatically|properly|errors?|exceptions?|failures?|timeouts?) handled|handled (?:gracefully|ok|properly|by|with|via|in)|ignored|ignoring|skipping optional|continuing$|harmless|already (?:exists|installed|present|there|done),? (?:so )?skipp\w+|simulated|injected|chaos|fixture|drill|dry.?run|will (?:be )?retr(?:y|ied))\b`)
	// fine ends a line that tells of something good, or of what was to be; it says nothing of
	// the lines before.
	fine = prefilter(`\.\.\. (?:ok|expected failure|skipped)$|[ \t]ok\.?$|\(normal\)|\bnormal closure`)
	// passed is the last line of a run of tests in which none failed, whatever they printed.
	passed = match.Lazy(`^\s*ok(?: \([^)]*\))?\s*$|^[= ]*\d+ passed(?:, \d+ (?:skipped|warnings?|deselected|xfailed))*(?: in [\d.]+s)?[= ]*$|^ok\s+\S+\s+[\d.]+s\b|^tests?:\s+\d+ passed, \d+ total`)
	// cited is the head of a line that a program shows: what somebody said, changed, installed
	// or tested. spoken is one that tells so only as long as the program lives; quoted are words
	// of those who talk about a failure.
	cited = prefilter(`^added \d+ packages?\b` +
		`|^\[[\w/.-]+ [0-9a-f]{6,}\] ` +
		`|^\s*(?:--- )?(?:pass(?:ed)?|ok|✓|✔)[ :]` +
		`|^commit [0-9a-f]{4,40}[:)]? |^(?:commit )?(?:[0-9a-f]{6,40} )?(?:fix|feat|chore|docs|refactor|test|perf|build|ci|revert|style)(?:\([^)]{0,40}\))?!?: ` +
		`|^(?:setting up|unpacking|selecting previously|preparing to unpack|get:\d+|collecting|downloading|fetching|successfully (?:installed|built|uninstalled|tagged))\b` +
		`|^\s*(?:assistant|user|human|question|prompt|story|summary|title|subject|todo|changelog)(?:[ (\[][^:|]{0,30})?:`)
	spoken = prefilter(`^\s*\d{1,3} e[a-z0-9]{2,10} [a-z]` +
		`|^\s*(?:[-*+o•] |#\d+:? )?(?:[\w./()\[\]-]{1,40}: ){0,2}(?:fix(?:es|ed)?|bug ?fix(?:es)?|avoid(?:s|ed)?|prevent(?:s|ed)?)\b[ :]` +
		`|^(?:let me|i will|i'll|i've|i have|i ran|i fixed|next,? i|now i|it seems|it looks like|you can|you could|use)\b` +
		`|^\s*(?:class \w+[(:]|def \w+|raise \w+|throw new |except [\w(]|\}? ?catch \(|return \w+[.(]|from [\w.]+ import |try \{|if err |func \w*\(|(?:const|let|var) \w+ =|select .{0,80} from |insert into |create table )` +
		`|^\s*(?:agent|thought|action|ai|bot|answer|observation|final answer|q|a|llm|model|note|hint|tip|docs?|help|example|usage|faq)(?: ?[(\[#\d][^:|]{0,30}| to \w+)?:` +
		`|^\s*(?:#(?:[^#]|$)|##(?:[^\[]|$)|//|;|\*|>|--?\w|\+\s|\|)`)
	quoted = prefilter(`\b(?:means|explains?|explained|describes?|for example|e\.g\.|such as|how to|what is|why does|the user|error ?handl(?:er|ing)|if (?:the|you|an?|this)|when (?:the|an?)|can be|should (?:not |be (?:[a-z]+ed|able|an?|the|in)\b)|might|may be (?:an?|the|caused|due|used|set)\b|typical(?:ly)?|registered for|catch(?:es)?|reviewed|summari[sz](?:e|ed|ing) (?:the|a|an|this|that)\b|chapter|explanation of|statement (?:of|about|that)\b|suggestion|generated|matches any|optimizer (?:step|state)|indexed|compiling|downloading|(?:he|she|they|who|user|someone) (?:wrote|said|asked)|(?:wrote|said|asked)[:,]|asked (?:me|us|about|for|to|whether|why|how|if)\b|titled|tests? for|unit test)\b`)
	// passedBy tells of a limit that was not kept.
	passedBy = prefilter(`\btook (?:more|longer|[\d.]+)|\bexceed\w*|\bbreach\w*|\babove\b|exception: `)
	setting  = prefilter(`\b(?:[a-z][\w.-]*[_.-])?(?:timeout|limit|retries|max\w*|threshold|policy|interval|backoff|deadline|budget)(?:[_-](?:ms|s|sec|seconds|minutes))?\b["']?(?:\s+\w+){0,2}\s*(?:is|set to|=|:|->)\s*"?[\d.]+\s*(?:ms|s|m|h|sec|seconds|minutes|%|[kmg]i?b?)?\b`)
	begun    = prefilter(`\b(?:loaded|configured|enabled|applied|registered|initiali[sz]ed|allowed|using|set to|updated|started|listening|reloaded|validated|checked|checking)\b`)
)

// level reads at which level a line was logged: line as printed, and in lower case in s.
func (c *lineContext) level(line []byte, s *match.Scratch) {
	if c.levelKnown {
		return
	}
	c.levelKnown, c.factor = true, factorPlain
	if !c.dead {
		c.factor = factorLive
	}
	loud, quiet := levelLoud.End(line, s), levelQuiet.End(s.Lower(), s)
	c.raised = loud >= 0
	switch {
	case quiet >= 0 && (!c.raised || quiet < loud): // the first is the level, the other a word
		c.quiet, c.factor = true, factorQuiet
	case c.raised:
		c.loud, c.factor = true, 1
	case levelWarn.Match(s.Lower(), s):
		c.raised, c.factor = true, factorWarn
	}
}

// most is what a rule can weigh at best at this level.
func (c *lineContext) most(r *rules.Rule) float64 {
	if r.AnyLevel && c.quiet {
		return r.Strength
	}
	return r.Strength * c.factor
}

// rest reads what else the line says about a match on it.
func (c *lineContext) rest(s *match.Scratch) {
	if c.known {
		return
	}
	c.known = true
	c.deny(s)
	if settled.Match(s.Lower(), s) || fine.Match(s.Lower(), s) {
		c.factor *= factorSettled
		c.settled = true
	}
	if c.raised {
		return
	}
	forms := formsOf(s)
	if cited.MatchAny(forms, s) || !c.dead && (spoken.MatchAny(forms, s) || quoted.MatchAny(forms, s)) {
		c.factor *= factorQuoted
		c.settled = true
	}
	if c.dead {
		return
	}
	if !passedBy.Match(s.Lower(), s) {
		c.set = setting.All(s.Lower(), s)
		c.begun = slices.DeleteFunc(begun.All(s.Lower(), s), func(p []int) bool { return len(bytes.Fields(s.Lower()[:p[0]])) > headWords })
	}
	if prose(s.Lower()) {
		c.factor *= factorProse
		c.settled = true
	}
}

// deny reads what the line says that there is not. A line that denies a failure in words
// hardly tells of another; a field that is zero says nothing about the others.
func (c *lineContext) deny(s *match.Scratch) {
	words, fields := denied.All(s.Lower(), s), zero.All(s.Lower(), s)
	if len(words)+len(fields) == 0 || counted.Match(s.Lower(), s) {
		return
	}
	c.denied = append(words, fields...)
	if len(words) > 0 && !c.raised {
		c.factor *= factorSettled
		c.settled = true
	}
}

// headWords are how many words may stand before one that tells of something done.
const headWords = 6

// formsOf are the line in s as it is, and without what logs put before it.
func formsOf(s *match.Scratch) [][]byte {
	text, name := unwrapped(string(s.Lower()))
	return [][]byte{s.Lower(), []byte(text), []byte(text[name:])}
}

// overlaps reports that one of some places shares a byte with what is from one place to
// another.
func overlaps(places [][]int, from, to int) bool {
	return slices.ContainsFunc(places, func(p []int) bool { return p[0] < to && from < p[1] })
}

// weigh returns the weight of a rule that matched at the given place, from where to where,
// of a line with this context; 0 for what does not count.
func (c *lineContext) weigh(r *rules.Rule, line []byte, from, to int, s *match.Scratch) float64 {
	if r.Operator {
		return 1
	}
	if c.level(line, s); c.most(r) < c.least {
		return 0
	}
	c.rest(s)
	if overlaps(c.denied, from, to) {
		return 0
	}
	strength := r.Strength
	if overlaps(c.set, from, to) || len(c.begun) > 0 && !overlaps(c.begun, from, to) {
		strength *= factorSetting
	}
	if !c.dead && (insideQuotes(s.Lower(), from) || !c.raised && insideArgument(s.Lower(), from)) || !c.loud && (isQuotation(s.Lower(), from, to) || insideName(s.Lower(), from, to)) {
		return strength * c.factor * factorQuoted
	}
	if r.AnyLevel && c.quiet && !c.settled {
		return strength
	}
	return strength * c.factor
}
