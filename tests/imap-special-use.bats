#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# SPECIAL-USE and CREATE-SPECIAL-USE (RFC 6154).

load lib/helpers
load lib/imap

setup()
{
	instance_new
}

@test "S106: a use by name, till another mailbox is created for it" {
	user_dialogue <<-'END'
	S~ \* PREAUTH .* CREATE-SPECIAL-USE .* SPECIAL-USE
	C: a LIST (SPECIAL-USE) "" * RETURN (SPECIAL-USE)
	S= * LIST (\\HasNoChildren \\Drafts) "." Drafts
	S= * LIST (\\HasNoChildren \\Junk) "." Junk
	S= * LIST (\\HasNoChildren \\Sent) "." Sent
	S= * LIST (\\HasNoChildren \\Trash) "." Trash
	S: a OK
	C: b CREATE "Gesendet" (USE (\\sent))
	S: b OK
	C: c LIST "" (Gesendet Sent)
	S= * LIST (\\HasNoChildren \\Sent) "." Gesendet
	S= * LIST (\\HasNoChildren) "." Sent
	S: c OK
	C: d CREATE Two (USE (\\Archive \\Trash))
	S: d OK
	C: e LIST (SPECIAL-USE) "" T*
	S= * LIST (\\HasNoChildren \\Archive \\Trash) "." Two
	S: e OK
	C: f RENAME Gesendet Ausgang
	S: f OK
	C: g LIST (SPECIAL-USE) "" (Sent A*)
	S= * LIST (\\HasNoChildren \\Sent) "." Ausgang
	S: g OK
	C: h DELETE Ausgang
	S: h OK
	C: i LIST (SPECIAL-USE) "" Sent
	S= * LIST (\\HasNoChildren \\Sent) "." Sent
	S: i OK
	C: j CREATE Plain (USE ())
	S: j OK
	END
}

@test "CREATE for a use that cannot be: [USEATTR], and no mailbox" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE Everything (USE (\\All))
	S: a NO [USEATTR]
	C: b CREATE New (USE (\\Sent \\Flagged))
	S: b NO [USEATTR]
	C: c CREATE New (USE (\\Bogus))
	S: c NO [USEATTR]
	C: d CREATE Spam (USE (\\Junk))
	S: d NO [USEATTR]
	C: e CREATE First (USE (\\Drafts))
	S: e OK
	C: f CREATE Second (USE (\\Drafts))
	S: f NO [USEATTR]
	C: g CREATE First (USE (\\Sent))
	S: g NO [ALREADYEXISTS]
	C: h CREATE New (USE)
	S: h BAD
	C: i CREATE New (USE (Sent))
	S: i BAD
	C: j CREATE New (SIZE 5)
	S: j BAD
	C: k CREATE New (USE (\\Sent)
	S: k BAD
	C: l LIST "" (Everything New Spam Second)
	S: l OK
	END
}

@test "a use as annotation: told, set, taken away, refused" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a GETMETADATA Sent /private/specialuse
	S= * METADATA Sent (/private/specialuse {5}
	S= \\Sent)
	S: a OK
	C: b CREATE Other
	S: b OK
	C: c SETMETADATA Other (/private/specialuse "\\\\Sent")
	S: c OK
	C: d GETMETADATA Sent /private/specialuse
	S= * METADATA Sent (/private/specialuse NIL)
	S: d OK
	C: e LIST (SPECIAL-USE) "" (Other Sent)
	S= * LIST (\\HasNoChildren \\Sent) "." Other
	S: e OK
	C: f SETMETADATA Other (/private/specialuse NIL)
	S: f OK
	C: g SETMETADATA Drafts (/private/specialuse "")
	S: g OK
	C: h LIST (SPECIAL-USE) "" (Other Sent Drafts)
	S= * LIST (\\HasNoChildren \\Sent) "." Sent
	S: h OK
	C: i SETMETADATA Other (/private/specialuse "\\\\All" /private/comment "x")
	S: i NO [USEATTR]
	C: j GETMETADATA Other /private/comment
	S= * METADATA Other (/private/comment NIL)
	S: j OK
	END
}

@test "RECURSIVEMATCH with SPECIAL-USE: CHILDINFO" {
	user_dialogue <<-'END'
	S: * PREAUTH
	C: a CREATE Old.2020.Kept (USE (\\Archive))
	S: a OK
	C: b LIST (SPECIAL-USE RECURSIVEMATCH) "" O%
	S= * LIST (\\NonExistent \\HasChildren) "." Old ("CHILDINFO" ("SPECIAL-USE"))
	S: b OK
	END
}
