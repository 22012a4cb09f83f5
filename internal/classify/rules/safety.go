package rules

var safetyRules = []row{
	{name: "safety-violation", strength: 0.95, expr: alt(
		`\b(?:safety|policy|guard ?rails?|sandbox|security|content(?: |_|-)policy|usage policy) ?(?:violations?|violated|breach|tripped|triggered|blocked|denied)\b`,
	), anyLevel: true},
	{name: "guardrail", strength: 0.9, expr: alt(
		`\bguard ?rails?\b.{0,60}(?:block|trip|trigger|reject|violat|refus|den(?:y|ied)|fail)`,
		`(?:block|trip|trigger|reject|refus|den(?:y|ied)).{0,40}\bguard ?rails?\b`,
	)},
	{name: "prompt-injection", strength: 0.95, expr: alt(
		`(?:prompt|instruction)[ _-]?injection.{0,60}(?:detect|block|found|suspect|attempt|flag|score)`,
		`(?:detect|block|suspect|flag|possible|potential).{0,40}(?:prompt|instruction)[ _-]?injection`,
		`jailbreak (?:attempt|detected)`,
	)},
	{name: "content-filter", strength: 0.95, expr: alt(
		`content[ _-]?(?:filter|management policy|policy)(?:ed|ing|_violation)?.{0,60}(?:trigger|block|refus|reject|result|violat|flag)`,
		`(?:trigger|block|filter|flag|reject).{0,50}content[ _-]?(?:filter|management policy|policy|moderation)`,
		`content_policy_violation|responsibleaipolicyviolation`,
		`finish_reason["']?\s*[:=]\s*["']?(?:content_filter|safety|prohibited_content)|harm_category_`,
		`moderation.{0,40}(?:flag|block|reject)|flagged by (?:the )?(?:moderation|safety)|flagged (?:as|for) (?:\w+ ){0,2}(?:harmful|unsafe|inappropriate|sensitive|dangerous|abus\w+|violen\w+)`,
	)},
	{name: "model-refusal", strength: 0.85, expr: alt(
		`\b(?:model|assistant|llm|provider)\b.{0,30}\brefus(?:ed|al)\b|(?:stop|finish)_?reason["']?\s*[:=]?\s*["']?refusal|model declined|declined to (?:continue|answer|respond|comply)`,
		`\bi(?:'m| am) (?:sorry, but i )?(?:can(?:'t|not)|unable to) (?:help|assist|comply)`,
	)},
	{name: "not-authorized", strength: 0.9, expr: alt(
		`\b(?:not|n't|isn't) (?:authori[sz]ed|permitted|allowed) (?:to (?:use|call|run|access|perform|execute|invoke|read|write|delete|modify)|for agent|by (?:the )?(?:policy|sandbox|security|allow|deny))`,
		`unauthori[sz]ed (?:tool|access|action|operation|command|use|call|attempt|request from)`,
		`tool\w* ?not ?(?:authori[sz]ed|allowed|permitted)`,
		`forbidden (?:tool|action|command|operation|path|by)`,
	)},
	{name: "policy-denied", strength: 0.9, expr: alt(
		`(?:denied|rejected|declined|refused|vetoed|disapproved) by (?:the )?(?:user|human|operator|reviewer|admin\w*)\b|(?:user|human|operator|reviewer) (?:has )?(?:rejected|declined|denied|refused|vetoed)\b`,
		`(?:tried|attempt(?:ed|s)?) to [^;]{3,60}[;,.:] ?(?:\w+ )?(?:blocked|denied|refused|stopped|prevented)\b`,
		`<denied> by (?:\w+ ){0,4}(?:policy|polic(?:y|ies)|rules?|hook|sandbox|firewall|guard|acl|allow[- ]?list|deny[- ]?list|blocklist|admission|webhook|kernel|seccomp|landlock|profile|plugin|apparmor|selinux|administrator|organi[sz]ation|classifier)`,
		`policy (?:decision|check|engine|evaluation|gate)?:? ?(?:den(?:y|ied)|block|reject|forbid)`,
		`(?:egress|network|access|tool|execution|security|admission|iam|rbac|opa|bucket) policy\b.{0,80}(?:block|den(?:y|ied)|forbid|reject|not (?:allow|permit))`,
		`violates (?:\w+ ){0,3}(?:polic(?:y|ies)|podsecurity|rule)|explicit deny|rego.{0,40}den`,
	)},
	{name: "allow-list", strength: 0.9, expr: alt(
		`not (?:on|in|part of) (?:the |its |an? )?(?:\w+ )?(?:allow[- ]?list|white[- ]?list|allowed (?:tools|hosts|commands|paths|domains|directories|dir))`,
		`(?:on|in|by|matches) (?:the |a )?(?:\w+ )?(?:deny[- ]?list|black[- ]?list|block[- ]?list)`,
		`outside (?:of )?(?:the )?(?:allowed|permitted|sandbox|workspace|working|project) ?(?:\w+ )?(?:director(?:y|ies)|paths?|root|dirs?|folder|tree|scope)?`,
		`escapes? (?:from )?(?:the |its )?(?:\w+ )?(?:sandbox|workspace|root|jail|director(?:y|ies)|folder)\b|path traversal|permissiondeniederror`,
	)},
	{name: "sandbox", strength: 0.9, expr: alt(
		`sandbox\w*(?:\s*[:(]|.{0,60})(?:den(?:y|ied)|block|violat|forbid|refus|reject|not (?:allow|permit)|kill|restrict|operation not permitted)`,
		`(?:den(?:y|ied)|block|forbid|not permitted).{0,60}\bsandbox`,
		`seccomp.{0,80}(?:kill|den|block|violat|errno|syscall|audit)|bad system call|type=seccomp`,
		`landlock.{0,40}den|pledge.{0,20}syscall`,
	)},
	{name: "mandatory-access", strength: 0.95, expr: alt(
		`apparmor="?(?:denied|blocked)|avc:\s+denied|selinux is preventing|type=1400|smack.{0,30}denied`,
	), not: `apparmor="?(?:status|allowed|audit)"?\b`, anyLevel: true},
	{name: "permission-denied", strength: 0.72, expr: alt(
		`permission denied|permissionerror|\beacces\b|(?:access|permission|privilege|authori[sz]ation) (?:is |was |has been )?<denied>`,
		`accessdenied(?:exception|error)?|errno 13|insufficient (?:privileges?|permissions?)`,
		`must be (?:owner|superuser|root)|only (?:root|the owner|a superuser|an? admin\w*) (?:can|may)\b`,
		`requires? (?:root|superuser|elevated|admin(?:istrator)?) (?:privileges?|permissions?|rights)`,
		`permission_denied|permissiondenied`,
	), not: `publickey|password|config\S*'?:? permission denied|\bexec(?:[ :(]|ve|utable|ution)|<cannot> execute|/bin/sh: \S+: permission`},
	{name: "not-permitted", strength: 0.72, expr: alt(
		`user \S+ (?:is )?not permitted|operation not permitted|\beperm\b|errno 1\]|not owner`,
		`read-?only (?:file ?system|database|transaction|mode)|\berofs\b|attempt to write a readonly`,
		`action not allowed|is (?:restricted|forbidden)\b|: restricted\b|restricted: cannot`,
	)},
	{name: "forbidden-http", strength: 0.76, expr: alt(
		`\berror:? 403\b|\b403\b.{0,20}forbidden|forbidden.{0,12}\b403\b|status(?:code| code)?["']?[ :=]+403\b`,
		`http/\d(?:\.\d)?"? 403\b|is forbidden: user|forbidden by rule|access forbidden|\b403 client error`,
	)},
	{name: "rights-missing", strength: 0.85, expr: alt(
		`(?:user|role|service ?account|principal|token|account|subject|identity|client|agent|key|scope)\b.{0,80}(?:cannot|not (?:have|allowed|permitted|authori[sz]ed)|lacks?|does not have|missing|without|no) (?:\w+ ){0,3}(?:permissions?|access|privileges?|rights?|scopes?|role)\b`,
		`permission denied for (?:table|relation|schema|database|function|sequence)|noperm\b|must be owner of`,
		`(?:command|select|insert|update|delete|create|drop) (?:command )?denied to user`,
		`(?:not|n't) have (?:the )?(?:necessary |required |sufficient |enough )?(?:permissions?|rights?|privileges?|authori[sz]ation)\b|lacks? (?:the )?(?:necessary |required )?(?:rights?|privileges?|permissions?)\b|not authorized to perform|insufficient.?scope|has no permissions? to|privilege.{0,12}required`,
		`blockedprompt\w*|block_reason\W{1,3}safety|(?:navigation|navigating|access|connection|connecting|request)s? to \S+ (?:is|was) (?:not allowed|blocked|forbidden)`,
		`permissions? violation|authori[sz]ationfailed|does not have authori[sz]ation|unauthorizedaccess\w*|access to (?:the )?(?:path |file |folder )?\S+ (?:is |was )?denied|authori[sz]ation denied`,
		`not authorized on|does not have (?:the )?(?:\w+ )?(?:permission|privilege)s?\b|without (?:the )?(?:required |proper )?(?:permission|authori[sz]ation)`,
	)},
	{name: "restricted-code", strength: 0.85, expr: alt(
		`access to this api has been restricted|err_access_denied|is an invalid attribute name because it starts|restricted ?(?:python|interpreter|mode|shell)`,
		`audit ?hook.{0,40}(?:block|den|reject)|is not permitted for|invalidfileaccess|undeletable`,
		`preserve-root|it is dangerous to|use of \S+ is (?:forbidden|prohibited)`,
		`unsafe (?:code|operation|eval|command|pickle|load)`,
		`deserializ\w+.{0,60}(?:malicious|untrusted|unsafe)|de-serialization relies`,
		`weights.?only.{0,60}(?:unsupported|failed|error)|trust_remote_code`,
		`execute (?:the |arbitrary )?(?:\w+ )?(?:file|code) (?:in that repo|on your)`,
	)},
	{name: "protected-resource", strength: 0.85, expr: alt(
		`protected (?:branch|file|path|ref|resource|tag|system|table|from)\b|protectedbranch`,
		`(?:branch|ref|file|path|resource) is protected|pre-receive hook declined|gh006`,
		`hook (?:declined|block(?:ed|ing))|blocked by (?:pre|post)?tooluse|hook blocking error`,
		`finalizer.{0,30}protect|deletion.?protection|dangerous(?:ly)? (?:command|operation|action)`,
		`destructive (?:command|action|operation).{0,40}(?:block|den|refus|reject|not)`,
	), not: `unprotected`},
	{name: "secret-leak", strength: 0.9, expr: alt(
		`(?:secret|credential|api[ _-]?key|token|password|private key|pii|sensitive (?:data|info\w*))s?\b.{0,60}(?:leak|exfiltrat|detected in|found in (?:the )?(?:output|response|prompt|commit|diff|staged)|redact|blocked)`,
		`(?:leak|exfiltrat)\w*.{0,40}(?:secret|credential|key|token|data|pii)|secret scanner|exfiltration (?:attempt|blocked|detected|prevented)`,
		`(?:looks like|contains?|may be|possible) (?:what looks like )?an? (?:\w+ ){0,3}(?:secret|api key|access key|secret key|private key|password|credential)s?\b`,
		`dubious ownership|gitleaks|push protection|data loss prevention|\bdlp\b.{0,30}(?:block|violat)`,
	), not: `memory leak|leak(?:s|ed|ing)? memory`},
	{name: "intrusion", strength: 0.85, expr: alt(
		`authentication failure;|authentication failed from|failed password for|invalid user \S+ from`,
		`too many authentication failures|break-?in attempt|brute.?force|intrusion (?:attempt|detected|alert)|malware|ransomware`,
		`suspicious (?:activity|login|command|request|process)|unusual (?:activity|login)|tamper(?:ed|ing)`,
		`signature (?:verification )?(?:failed|mismatch|invalid)`,
		`integrity (?:check )?(?:failed|violation|mismatch)|checksum.{0,20}tamper|sql injection|xss attempt`,
		`ssrf`,
	)},
	{name: "csp-cors", strength: 0.75, expr: alt(
		`content security policy|blocked by cors|cross-origin request blocked`,
		`refused to (?:load|execute|connect|frame)|csrf.{0,30}(?:fail|mismatch|invalid|missing)`,
	)},
	{name: "approval-denied", strength: 0.85, expr: alt(
		`(?:user|human|operator|approver|reviewer) (?:denied|rejected|declined|did not approve)`,
		`approval (?:denied|required|refused|was not)|without (?:(?:the|any|human|user|prior|required|explicit) )*(?:approval|consent|confirmation)|requires? (?:human |user |manual )?approval`,
		`permission to use \S+ has been denied|requires? permission|haven't granted`,
	)},
	{name: "denylist", strength: 0.92, expr: alt(
		`(?:not|isn't) (?:allowed|permitted) (?:by|in|under) .{0,30}(?:deny ?list|allow ?list|policy|sandbox|safe mode|rules?)`,
		`(?:in|by|due to) safe mode|<cannot> run \S+ in safe mode|(?:deny|block|black)list(?:ed)?\b.{0,40}(?:command|tool|domain|host|path|pattern)`,
		`(?:rejected|blocked|refused|stopped|filtered) (?:by|as a result of|because of|due to) (?:our|the) (?:\w+ )?safety|ignore (?:all |any )?(?:previous|prior|above) instructions`,
		`violat\w+ (?:our|the) .{0,20}(?:usage |content |acceptable use )?polic`,
		`rule violations? found|<cannot> contain secrets|matched (?:prohibited|forbidden|blocked|sensitive) pattern|possible secrets?\b|(?:commit|push|merge) blocked`,
		`is an invalid \w+ name because it starts with "_"|possible break-in attempt`,
		`reverse mapping checking getaddrinfo .{0,80}failed`,
	), anyLevel: true},
	{name: "sudo", strength: 0.85, expr: alt(
		`not in (?:the )?sudoers|admission webhook .{0,80}denied|violates podsecurity|runasnonroot|(?:will not|refus\w+ to|must not|<cannot>) run as root|sudo: .{0,60}(?:not allowed|required|password)|command not allowed`,
		`you are not allowed to|is not allowed to (?:execute|run)|capability .{0,30}(?:denied|missing)`,
		`cap_\w+.{0,30}(?:denied|required|missing)`,
	)},
	{name: "quarantine", strength: 0.8, expr: alt(
		`\b(?:agent|action|plan|output|response|tool call|request|run|command|shell command|message)\b.{0,40}\b(?:quarantined|blocked|vetoed|killed) (?:by|for|because|due)`,
		`kill ?switch (?:was |is )?(?:activated|engaged|pulled|triggered|pressed|on\b)|refusing to (?:execute|run|perform) .{0,40}(?:unsafe|dangerous|destructive|untrusted)`,
		`(?:harmful|toxic|unsafe|disallowed|prohibited|offensive|abusive|hateful) (?:content|output|request|action|instruction|prompt|topic|language|speech)`,
	)},
}
