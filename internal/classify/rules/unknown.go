package rules

var unknownRules = []row{
	{name: "no-reason", strength: 0.78, expr: alt(
		`(?:an? )?(?:unknown|unspecified|unexpected|undefined|generic|unidentified|undetermined|mysterious) (?:error|failure|problem|issue|reason|exception|cause|fault|condition)(?: (?:occurred|happened|encountered|has occurred))?[.!]?\s*["']?(?:,|$|\}|please|try)`,
		`something went wrong|an error (?:has )?occurred[.!]?\s*$|oops\b|went wrong`,
		`reason[=:] ?["']?(?:none|null|unknown|""|'')["']?(?: |$|,)|reason[=:] ?(?:$|,)|reason: error\b|for (?:an )?unknown reasons?`,
		`no (?:further )?(?:details|reason|information) (?:given|available|provided|was)`,
		`(?:error|exception|err|msg|message|reason|cause)["']?[=:]\s*["']?(?:none|null|undefined|unknown|nil|\[object object\]|<nil>|""|'')["']?\s*(?:$|,|\}|\s\w+=)`,
		`\[object object\]|unknown error|unspecified error|please (?:try again later|contact support)`,
		`internal error\.?\s*$`,
	)},
	{name: "bare-error", strength: 0.75, expr: alt(
		`^\s{0,16}(?:error|failed|fatal|failure|aborted|killed|terminated|stopped|undefined|null|none|exception|err|fail)\b[.!:]?\s{0,8}$`,
		`^(?:error|fatal|failure)[: ]+(?:0x[0-9a-f]+|-?\d+)?:?\s*$|^\s*(?:500 )?internal server error\s*$`,
		`failed with result 'exit-code'|code=exited, status=\d+|code=killed, status=\d+`,
		`exit code: \d+\s*$|^exit status \d+$|signal: (?:killed|terminated|hangup)`,
		`exited with (?:code|status):? ?\d+\s*$|process exited with`,
	)},
}
