#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What each reply means for each recipient: RFC 5321 sections 4.2 and 4.3.2, RFC
# 2920 section 3.1, RFC 3461 section 5.2.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new </dev/null
	server_start </dev/null
}

teardown()
{
	relay_end
}

put()
{
	rm -f "$BESACE_VAR"/queue/*/aaa "$SERVER_MAIL"/*
	mail_text | queue_put aaa example.net "$ALICE" bob@example.net carol@example.net
}

# The rows of a table: rules between ";", then bob's and carol's state, code and
# status, "-" for both when they are relayed and the file is gone.
rows()
{
	local rules bob carol want ehlo
	while IFS='|' read -r rules bob carol; do
		[ -n "$rules" ] || continue
		put
		{
			[ -z "$1" ] || echo "$1"
			tr ';' '\n' <<<"$rules" | sed 's/^ *//;s/ *$//'
		} >"$RULES"
		"$BIN/relay" example.net <<<new/aaa >/dev/null 2>>"$(log_file)"
		want="$(echo $bob)"$'\n'"$(echo $carol)"
		[ "$(echo $bob)" != - ] || want=gone
		[ "$(queue_state aaa)" = "$want" ] || {
			printf '%s\n%s\nwanted:\n%s\nseen:\n%s\n' "$1" "$rules" "$want" "$(queue_state aaa)"
			return 1
		}
	done
}

plain='EHLO reply 250 hostile.test'
chunks='EHLO reply 250-hostile.test\n250-PIPELINING\n250 CHUNKING'

envelope='
MAIL reply 451 4.3.0 later                    |waiting 451 4.3.0 |waiting 451 4.3.0
MAIL reply 550 5.7.1 no                       |failed 550 5.7.1  |failed 550 5.7.1
MAIL reply 552 5.3.4 large                    |failed 552 5.3.4  |failed 552 5.3.4
MAIL reply 452 4.3.1 full                     |waiting 452 4.3.1 |waiting 452 4.3.1
MAIL reply 354 what                           |waiting 354 4.0.0 |waiting 354 4.0.0
MAIL reply 251 fine                           |-                 |-
MAIL after 421 4.3.2 closing                  |waiting 421 4.3.2 |waiting 421 4.3.2
RCPT:1 reply 251 elsewhere                    |-                 |-
RCPT:1 reply 252 perhaps                      |-                 |-
RCPT:1 reply 450 4.2.0 greylisted             |waiting 450 4.2.0 |relayed 250 2.0.0
RCPT:1 reply 354 what                         |waiting 354 4.0.0 |relayed 250 2.0.0
RCPT:1 reply 550 5.1.1 who                    |failed 550 5.1.1  |relayed 250 2.0.0
RCPT:1 reply 550 5.1.1 who; RCPT:2 reply 450 4.2.1 no |failed 550 5.1.1 |waiting 450 4.2.1
RCPT:1 reply 551 5.1.6 moved                  |failed 551 5.1.6  |relayed 250 2.0.0
RCPT:1 reply 552 5.2.2 mailbox full           |failed 552 5.2.2  |relayed 250 2.0.0
RCPT:1 reply 552 mailbox full                 |failed 552 5.0.0  |relayed 250 2.0.0
RCPT:2 reply 552 too many                     |-                 |-
RCPT:2 reply 452 too many                     |-                 |-
RCPT:2 reply 452 4.5.3 too many;RCPT:3 reply 452 4.5.3 too many |relayed 250 2.0.0|waiting 452 4.5.3
RCPT:2 after 421 4.3.2 closing; RCPT:1 reply 550 5.1.1 who |failed 550 5.1.1 |waiting 421 4.3.2
RCPT:1 reply 550 4.1.1 who                    |failed 550 5.0.0  |relayed 250 2.0.0
RCPT:1 reply 450 5.1.1 who                    |waiting 450 4.0.0 |relayed 250 2.0.0
RCPT:1 reply 550 5.1111.1 who                 |failed 550 5.0.0  |relayed 250 2.0.0
RCPT:1 reply 550-5.1.1 a\n550 5.7.1 b         |failed 550 5.1.1  |relayed 250 2.0.0
RCPT:1 reply 550-a\n250 b                     |waiting - 4.5.0   |waiting - 4.5.0
RCPT:1 reply 599 what                         |failed 599 5.0.0  |relayed 250 2.0.0
RCPT:1 reply 600 what                         |waiting - 4.5.0   |waiting - 4.5.0
RCPT:1 reply 550 grün                         |failed 550 5.0.0  |relayed 250 2.0.0
'

@test "each reply to MAIL and RCPT, with PIPELINING, without, and with CHUNKING" {
	rows '' <<<"$envelope"
	rows "$plain" <<<"$envelope"
	rows "$chunks" <<<"$envelope"
}

data='
DATA reply 451 4.3.0 later                    |waiting 451 4.3.0 |waiting 451 4.3.0
DATA reply 554 5.5.1 no valid recipients      |failed 554 5.5.1  |failed 554 5.5.1
DATA reply 250 fine                           |waiting - 4.5.0   |waiting - 4.5.0
DATA after 421 4.3.2 closing                  |waiting 421 4.3.2 |waiting 421 4.3.2
RCPT:1 reply 550 5.1.1 who; DATA reply 451 4.3.0 later |failed 550 5.1.1 |waiting 451 4.3.0
RCPT reply 550 5.1.1 who; DATA reply 354 go on |failed 550 5.1.1 |failed 550 5.1.1
RCPT reply 550 5.1.1 who; DATA reply 354 go on; dot cut |failed 550 5.1.1 |failed 550 5.1.1
dot reply 452 4.3.1 full                      |waiting 452 4.3.1 |waiting 452 4.3.1
dot reply 554 5.6.0 spam                      |failed 554 5.6.0  |failed 554 5.6.0
dot reply 354 what                            |waiting 354 4.0.0 |waiting 354 4.0.0
dot reply 251 fine                            |-                 |-
dot reply 250                                 |-                 |-
dot after 421 4.3.2 closing                   |waiting 421 4.3.2 |waiting 421 4.3.2
dot cut                                       |waiting - 4.4.2   |waiting - 4.4.2
RCPT:2 reply 550 5.1.1 who; dot reply 451 4.3.0 later |waiting 451 4.3.0 |failed 550 5.1.1
RCPT:2 reply 452 4.5.3 too many; dot:1 reply 554 5.6.0 spam |failed 554 5.6.0 |relayed 250 2.0.0
'

@test "each reply to DATA and to the message" {
	rows '' <<<"$data"
	rows "$plain" <<<"$data"
}

@test "each reply to BDAT" {
	rows "$chunks" <<-'END'
	BDAT reply 452 4.3.1 full                     |waiting 452 4.3.1 |waiting 452 4.3.1
	BDAT reply 554 5.6.0 spam                     |failed 554 5.6.0  |failed 554 5.6.0
	BDAT reply 354 what                           |waiting - 4.5.0   |waiting - 4.5.0
	BDAT reply 251 fine                           |-                 |-
	BDAT after 421 4.3.2 closing                  |waiting 421 4.3.2 |waiting 421 4.3.2
	BDAT cut                                      |waiting - 4.4.2   |waiting - 4.4.2
	BDAT reply 502 what; dot reply 554 5.6.0 spam |failed 554 5.6.0  |failed 554 5.6.0
	RCPT:2 reply 550 5.1.1 who; BDAT reply 451 4.3.0 later |waiting 451 4.3.0 |failed 550 5.1.1
	RCPT:2 reply 452 4.5.3 too many; BDAT:1 reply 554 5.6.0 spam |failed 554 5.6.0 |relayed 250 2.0.0
	END
}

@test "words beyond ASCII, and controls, are an answer's" {
	put
	printf '%s\n' 'RCPT reply 550 5.1.1 grün\x1b[31m\x00' >"$RULES"
	run -0 relay example.net
	has "$output" 'failed bob@example\.net "550 5\.1\.1 gr.*n\?\[31m\?"'
	hasnt "$(cat "$BESACE_VAR/queue/new/aaa" "$(log_file)")" $'\x1b'
}
