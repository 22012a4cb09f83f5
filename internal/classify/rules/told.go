package rules

// The rules of this file know how people word a failure when they write a message of their own.
// They are weak: a message of a known program outweighs them, and alone they raise no alarm of a
// living agent. An agent whose safety or configuration failed is left alone; on the word of such a
// rule that would be too much.
const (
	toldStrength = 0.64
	// toldSlow is higher: what is slow is told by the living only.
	toldSlow = 0.72
)

var (
	resourceTold = []row{{name: "resource-told", strength: toldStrength, expr: alt(
		`\b(?:run|ran|runs|running) out of (?:\w+ ){0,2}\w+`,
		`(?:does not|doesn't|will not|won't|did not) fit\b`,
		`(?:disk|memory|storage|volume|partition|space|swap|quota)\b.{0,20} (?:at|is) (?:9[89]|100) ?%`,
		`\b(?:larger|bigger|longer) than (?:the )?(?:\w+ )?\d+`,
		`\d+ ?\w* (?:free|available|left),? .{0,12}\d+ ?\w* (?:are |is )?(?:needed|required|requested)`,
		`(?:needs?|requires?|wants?|asks? for) \d+ ?[kmgt]i?b\b.{0,30}(?:only|has|have|left|free|available)`,
	)}}
	conflictTold = []row{{name: "conflict-told", strength: toldStrength, expr: alt(
		`refus\w+ to overwrite|changed (?:on disk|underneath|meanwhile|in the meantime|since (?:it|you|we|they))`,
		`(?:reservation|booking|range|schedule|slot|window|interval|claim|edit|assignment)s? (?:overlap|collide|clash)`,
		`\bclash(?:es|ed|ing)? (?:with|between|of|in|on)\b|\bclash:`,
		`\btwo (?:different )?(?:writers|leaders|masters|owners|primaries|schedulers|copies|agents) `,
		`(?:instructions|goals|requirements|rules|policies|specifications|agents|sources) (?:disagree|are (?:incompatible|at odds|contradictory))`,
		`another \w+ (?:has )?(?:already )?(?:taken|took|claimed|grabbed|acquired) `,
		`\d+ (?:files?|rows?|records?|keys?|changes?|hunks?) (?:are in )?conflict`,
	)}}
	communicationTold = []row{{name: "communication-told", strength: toldStrength, expr: alt(
		`(?:stream|connection|transfer|download|upload|response|session|call|link|socket) (?:was |has been |got )?(?:interrupted|cut off|cut short|severed|torn down)`,
		`(?:proxy|gateway|tunnel) (?:refused|rejected|denied|failed|did not answer)`,
		`(?:did not|never) (?:get|receive|see) (?:an? )?(?:answer|reply|response)`,
	)}}
	performanceTold = []row{{name: "performance-told", strength: toldSlow, expr: alt(
		`\b\d[\d.]* ?(?:hours?|minutes?|min|seconds?|s|h) behind\b`,
		`(?:others|requests|clients|jobs|workers) (?:have to |must )?wait(?:ing)? (?:for )?(?:\d|more than|longer)`,
		`(?:climbed|rose|grew|jumped|went up) (?:from \S+ ?\S* )?to \d[\d.]* ?(?:s|seconds|min|minutes)\b`,
	)}}
	safetyTold = []row{{name: "safety-told", strength: toldStrength, guess: true, expr: alt(
		`guard ?rail\b.{0,40}(?:fired|tripped|triggered|raised|hit)\b`,
		`(?:output|answer|response|reply|message) (?:was |is |has been )?(?:suppressed|withheld)`,
		`approval\b.{0,30}(?:denied|refused|rejected|declined|not given)|without (?:the )?(?:required )?approval`,
		`(?:selinux|apparmor|seccomp|landlock|firewall|antivirus) (?:has )?<denied>`,
	)}}
	dependencyTold = []row{{name: "dependency-told", strength: toldStrength + 0.01, expr: alt(
		`(?:server|service|model|database|backend|broker|cluster)\b.{0,30}still (?:loading|starting|initiali[sz]ing|warming up|booting)`,
		`\bslowdown\b|reduce your request rate`,
		`\b(?:node|broker|cluster|backend|database|registry|replica|primary|provider|upstream|store|cache|queue)s? (?:is |are |both )*(?:down|offline|unavailable|unhealthy)\b`,
		`(?:is|are) (?:both |all )?(?:down|offline)\s*(?:$|[,;.(])`,
	)}}
	configurationTold = []row{{name: "configuration-told", strength: toldStrength, guess: true, expr: alt(
		`is not an? (?:boolean|bool|integer|number|string|list|port|path|duration|valid \w+|known \w+)\b`,
		`\b(?:field|key|option|setting|parameter|flag|variable)s? ["'\x60]?[\w.-]+["'\x60]? (?:is|are|was) (?:empty|blank|unset|wrong|not set|missing)`,
	)}}
	learningTold = []row{{name: "learning-told", strength: toldStrength, expr: alt(
		`gradients? (?:has |have |is |are )?(?:explod|vanish)\w*`,
		`(?:size|dimension|length|width|shape|features)s? \d+ .{0,12}(?:not match|match\w* no|differs?)`,
		`(?:loss|reward|accuracy|score) (?:did|does|has|is) not (?:go|gone|going|decreas|improv|fall|drop|ris)\w*`,
	)}}
	executionTold = []row{{name: "execution-told", strength: toldStrength, expr: alt(
		`\S (?:exited|ended|finished|returned|terminated|quit) with (?:an? )?(?:status|code|exit code|exit status|signal|result) [1-9]`,
		`(?:did not|didn't) (?:succeed|pass|complete|finish)\b|was (?:unsuccessful|not successful)|\bwent wrong (?:in|while|at|during)\b`,
	)}}
)
