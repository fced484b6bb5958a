#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay sends messages in chunks (RFC 3030) to servers that take them.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new </dev/null
	server_start </dev/null
	rules </dev/null
}

teardown()
{
	relay_end
}

# rules < RULES: of a server with CHUNKING and PIPELINING, unless they say else.
rules()
{
	{
		echo 'EHLO reply 250-hostile.test\n250-PIPELINING\n250-8BITMIME\n250 CHUNKING'
		cat
	} >"$RULES"
	: >"$SERVER_LOG"
}

without_pipelining='EHLO reply 250-hostile.test\n250-8BITMIME\n250 CHUNKING'

# commands: what the server was told, without parameters of MAIL and RCPT.
commands()
{
	sed -n 's/^[0-9]* [^ ]* //p' "$SERVER_LOG" | grep -Ev '^(QUIT|EHLO)' |
		sed -E 's/^(MAIL|RCPT) .*/\1/' | paste -sd ' '
}

# put ID [RECIPIENT]... < MESSAGE
put()
{
	rm -f "$BESACE_VAR"/queue/*/"$1"
	queue_put "$1" example.net "$ALICE" "${@:2}"
}

# body N: of the Nth message that the server has, with LF.
body()
{
	sed '1,/^$/d;s/\r$//' "$SERVER_MAIL/$1"
}

# large: a message of 3 MB with lines and dots.
large()
{
	printf 'Subject: large\n\n'
	head -c 2200000 /dev/urandom | base64 -w 76 | sed 's/^a/./'
}

@test "a message in one chunk: dots as they are, every line with its CRLF" {
	printf 'Subject: x\n\n.\n..a\na\rb\ngr\xc3\xbcn\nend' | put aaa bob@example.net
	run -0 relay example.net
	is 'new/aaa relayed bob@example.net "250 2.0.0 taken"' "$output"
	is 'MAIL RCPT BDAT 39 LAST' "$(commands)"
	has "$(cat "$SERVER_LOG")" 'BODY=8BITMIME'
	is 'Subject: x

.
..a
a b
grün
end' "$(body 1)"
	is 0 "$(sed '1,/^$/d' "$SERVER_MAIL/1" | grep -cPv '\r$')"
	is gone "$(queue_state aaa)"
}

@test "a large message: chunks of whole lines, ahead of their replies or not" {
	local ehlo
	large >"$BATS_TEST_TMPDIR/large"
	for ehlo in '' "$without_pipelining"; do
		rules <<<"$ehlo"
		put aaa bob@example.net <"$BATS_TEST_TMPDIR/large"
		run -0 relay example.net
		is gone "$(queue_state aaa)"
		has "$(commands)" '^MAIL RCPT BDAT [0-9]+ BDAT .* BDAT [0-9]+ LAST$'
		cmp "$BATS_TEST_TMPDIR/large" <(body "$(received)")
	done
	is 2 "$(received)"
	# a line longer than any chunk
	head -c 1000000 /dev/zero | tr '\0' x | put aaa bob@example.net
	run -0 relay example.net
	is gone "$(queue_state aaa)"
	is 1000000 "$(body 3 | tr -d '\n' | wc -c)"
}

@test "the envelope and a small message in one flight, once BDAT was taken" {
	local i
	for i in aaa bbb ccc; do
		mail_text "$i" | put "$i" bob@example.net
	done
	large | put ddd bob@example.net
	run -0 relay example.net
	is 4 "$(received)"
	is 1 "$(grep -c EHLO "$SERVER_LOG")"
	# sent before the reply to MAIL: a server that says nothing sees all of it
	rules <<-'END'
	MAIL:2 stall
	END
	setting smtp_mail_timeout 1s
	mail_text aaa | put aaa bob@example.net
	mail_text bbb | put bbb bob@example.net
	run -0 relay example.net
	is 5 "$(received)"
	# it may have it all the same: later, not elsewhere at once
	is 'waiting - 4.4.2' "$(queue_state bbb)"
	is 1 "$(grep -c EHLO "$SERVER_LOG")"
}

@test "refused recipients: the others get it; none left, no message" {
	rules <<-'END'
	RCPT:1 reply 550 5.1.1 who
	END
	mail_text | put aaa one@example.net two@example.net
	run -0 relay example.net
	is 'failed 550 5.1.1
relayed 250 2.0.0' "$(queue_state aaa)"
	is 1 "$(received)"
	rules <<-'END'
	RCPT reply 550 5.1.1 who
	RCPT:3 reply 250 fine
	END
	mail_text | put aaa one@example.net two@example.net
	mail_text | put bbb bob@example.net
	run -0 relay example.net
	has "$(commands)" '^MAIL RCPT RCPT RSET MAIL RCPT BDAT [0-9]* LAST$'
	is 'failed 550 5.1.1
failed 550 5.1.1' "$(queue_state aaa)"
	is gone "$(queue_state bbb)"
	is 2 "$(received)"
	# the same in one flight
	rules <<-'END'
	RCPT reply 550 5.1.1 who
	RCPT:1 reply 250 fine
	RCPT:3 reply 250 fine
	END
	mail_text | put aaa bob@example.net
	mail_text | put bbb bob@example.net
	mail_text | put ccc bob@example.net
	run -0 relay example.net
	has "$(commands)" '^MAIL RCPT BDAT [0-9]* LAST MAIL RCPT BDAT [0-9]* LAST RSET MAIL RCPT BDAT [0-9]* LAST$'
	is 'failed 550 5.1.1' "$(queue_state bbb)"
	is 4 "$(received)"
}

@test "MAIL refused amid the session: what went out with it comes to nothing" {
	rules <<-'END'
	MAIL:2 reply 451 4.3.0 later
	END
	local i
	for i in aaa bbb ccc; do
		mail_text "$i" | put "$i" bob@example.net
	done
	run -0 relay example.net
	is 'waiting 451 4.3.0' "$(queue_state bbb)"
	is 2 "$(received)"
	is 1 "$(grep -c EHLO "$SERVER_LOG")"
}

@test "a refused chunk is a refused message, and the next one goes on" {
	local chunk code want ehlo
	large >"$BATS_TEST_TMPDIR/large"
	for ehlo in '' "$without_pipelining"; do
		for chunk in 2 4; do
			for code in 552 452; do
				rules <<-END
				$ehlo
				BDAT:$chunk reply $code ${code:0:1}.3.4 too large
				END
				rm -f "$SERVER_MAIL"/*
				put aaa bob@example.net carol@example.net <"$BATS_TEST_TMPDIR/large"
				mail_text | put bbb bob@example.net
				run -0 relay example.net
				want=failed
				[ $code = 552 ] || want=waiting
				is "$want $code ${code:0:1}.3.4
$want $code ${code:0:1}.3.4" "$(queue_state aaa)"
				is gone "$(queue_state bbb)"
				is 1 "$(received)"
				hasnt "$(commands | sed 's/RSET.*//')" LAST
				has "$(commands)" ' RSET MAIL RCPT BDAT [0-9]* LAST$'
			done
		done
	done
}

@test "a refusal of the LAST chunk, and one before the chunk's end" {
	rules <<-'END'
	BDAT reply 554 5.6.0 spam
	END
	mail_text | put aaa bob@example.net
	run -0 relay example.net
	is 'failed 554 5.6.0' "$(queue_state aaa)"
	rules <<-'END'
	body after 552 5.3.4 too large for us
	END
	large | put aaa bob@example.net
	run -0 relay example.net
	has "$(queue_state aaa)" '^(failed 552 5\.3\.4|waiting - 4\.4\.2)$'
	is 0 "$(received)"
}

@test "cuts and resets: sent again, and told to have it only by its word" {
	local stage action
	large >"$BATS_TEST_TMPDIR/large"
	for action in cut reset; do
		for stage in MAIL RCPT body BDAT:1 BDAT:3; do
			echo "$stage $action" | rules
			put aaa bob@example.net <"$BATS_TEST_TMPDIR/large"
			run -0 relay example.net
			is 'waiting - 4.4.2' "$(queue_state aaa)"
			is 0 "$(received)"
		done
	done
	# behind the last chunk nobody knows
	rules <<-'END'
	BDAT cut
	END
	mail_text | put aaa bob@example.net
	run -0 relay example.net
	is 'waiting - 4.4.2' "$(queue_state aaa)"
	has "$output" 'at the end of the message'
	is 1 "$(grep -c EHLO "$SERVER_LOG")"
}

@test "a server that offers CHUNKING and does not know BDAT gets it by DATA" {
	local code how
	for code in 500 502 503; do
		for how in reply unread; do
			rules <<-END
			BDAT $how $code 5.5.1 what
			END
			rm -f "$SERVER_MAIL"/*
			{
				mail_text one
				printf 'RSET\nMAIL FROM:<mallory@example.test>\nRCPT TO:<bob@example.net>\nDATA\n'
			} | put aaa bob@example.net
			mail_text two | put bbb bob@example.net
			run -0 relay example.net
			is gone "$(queue_state aaa)"
			is gone "$(queue_state bbb)"
			is 2 "$(received)"
			is 2 "$(grep -c EHLO "$SERVER_LOG")"
			is 1 "$(grep -c 'BDAT BDAT' "$SERVER_LOG")"
			is 2 "$(grep -c ' dot ' "$SERVER_LOG")"
		done
	done
	logged 'no-session .*refuses BDAT'
	# over the other connection it is no better
	rules <<-'END'
	BDAT reply 502 5.5.1 what
	DATA reply 554 5.5.1 no
	END
	mail_text | put aaa bob@example.net
	run -0 relay example.net
	is 'failed 554 5.5.1' "$(queue_state aaa)"
	is 2 "$(grep -c EHLO "$SERVER_LOG")"
}

@test "replies to chunks that are none" {
	rules <<-'END'
	BDAT reply 354 go on
	END
	mail_text | put aaa bob@example.net
	run -0 relay example.net
	is 'waiting - 4.5.0' "$(queue_state aaa)"
	rm "$SERVER_MAIL"/*
	rules <<-'END'
	RCPT reply 250 fine\n250 2.0.0 taken
	END
	run -0 relay example.net aaa
	is 'waiting - 4.5.0' "$(queue_state aaa)"
	is 0 "$(received)"
}

@test "smtp_discard_ehlo_keywords: extensions that are offered and not used" {
	setting smtp_discard_ehlo_keywords 'chunking, 8bitmime'
	mail_text | put aaa bob@example.net
	printf 'Subject: x\n\ngr\xc3\xbcn\n' | put bbb bob@example.net
	run -0 relay example.net
	is 2 "$(received)"
	is 'MAIL RCPT DATA 68 octets MAIL RCPT DATA 68 octets' \
		"$(commands | sed 's/[0-9]* octets/68 octets/g')"
	is gone "$(queue_state bbb)"
	grep -q 'gr=C3=BCn' "$SERVER_MAIL/2"
	run -78 setting smtp_discard_ehlo_keywords 'chunking, pipelined'
	has "$output" 'keywords are chunking'
}
