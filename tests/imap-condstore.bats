#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# ENABLE and CONDSTORE: what changed since when, and changes on condition.

load lib/helpers

setup()
{
	instance_new
}

# user_dialogue < transcript: as bob, logged in at once.
user_dialogue()
{
	imap_dialogue -u "$BOB"
}

@test "ENABLE names what it knows and has nothing against the rest" {
	user_dialogue <<-'END'
	S~ \* PREAUTH \[CAPABILITY .* ENABLE[ \]]
	C: a ENABLE X-UNHEARD-OF
	S= * ENABLED
	S: a OK
	C: a ENABLE
	S: a BAD
	C: a ENABLE (X)
	S: a BAD
	C: a ENABLE X 
	S: a BAD
	END
}
