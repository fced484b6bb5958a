#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The whole way out: a user, the queue, relay, a server of others, and what
# comes back.

load lib/helpers
load lib/dns
load lib/queue
load lib/relay

setup()
{
	instance_new -o default_transport=smtp
	export QUEUE=$BESACE_VAR/queue
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" \
		"$INSTANCE"
	dns_serve <<-END
	example.net MX 10 mx.example.net
	elsewhere.test MX 10 mx.example.net
	mx.example.net A 127.0.0.1
	END
}

teardown()
{
	instance_stop
	server_stop
	dns_stop
}

queue_empty()
{
	[ "$(queue_files)" = '' ]
}

# heard PATTERN: the server was told so.
heard()
{
	has "$(cat "$SERVER_LOG")" "$1"
}

@test "S60 S64: a user's mail arrives elsewhere at once; who is refused there comes back" {
	server_start <<-'END'
	RCPT:2 reply 550-5.1.1 Nobody of this name\n550 5.1.1 Ask our secretary
	END
	instance_serve
	mail_text out | send_submission bob@example.net nobody@example.net
	wait_until 30 queue_empty
	is 1 "$(received)"
	heard "MAIL FROM:<$ALICE>"
	run -0 "$LIB/report" < <(message alice)
	has "$output" '^1 Final-Recipient: rfc822; nobody@example.net$'
	has "$output" '^1 Action: failed$'
	has "$output" '^1 Remote-MTA: dns; mx.example.net$'
	has "$output" '^1 Diagnostic-Code: smtp; 550 5.1.1 Nobody of this name Ask our secretary$'
	has "$output" '^1 Original-Recipient: |^Subject: out$'
	serve_logged 'relay .*to=bob@example.net result=relayed answer="250'
	serve_logged 'relay .*to=nobody@example.net result=failed answer="550'
	serve_logged 'notice kind=failed to=alice@example.test'
}

@test "a server that is busy now gets the message at the next try, and only once" {
	server_start <<-'END'
	MAIL@1 reply 451 4.3.0 busy
	END
	mail_text later | send_submission bob@example.net
	run -0 "$BIN/queue-run"
	is 1 "$(queue_files deferred | wc -l)"
	has "$(cat "$QUEUE"/deferred/*)" '^Answer: busy$'
	mv "$QUEUE"/deferred/* "$QUEUE/deferred/0000000001.$(queue_files deferred | cut -d. -f2)"
	run -0 "$BIN/queue-run"
	queue_empty
	is 1 "$(received)"
	no_mail_at_all
}

@test "S26: what an alias sends out leaves; refused there, its sender hears of it" {
	printf 'team@example.test bob@example.net\n' >>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	server_start <<-'END'
	RCPT:1@1 reply 550 5.2.1 closed
	END
	mail_text team | send_plain team@example.test
	run -0 "$BIN/queue-run"
	queue_empty
	heard 'RCPT TO:<bob@example.net>'
	# the notice, to the sender that the reverse-path of ours stands for
	heard 'MAIL FROM:<>'
	heard 'RCPT TO:<carol@elsewhere.test>'
	is 1 "$(received)"
	run -0 "$LIB/report" < <(sed '1,/^\r*$/d' "$SERVER_MAIL/1")
	has "$output" '^1 Final-Recipient: rfc822; bob@example.net$'
	has "$output" '\(sent to <team@example.test>\)'
}

@test "NOTIFY=SUCCESS: by the server that can, else by us" {
	server_start <<-'END'
	EHLO reply 250-hostile.test\n250 PIPELINING
	END
	ask()
	{
		smtp_dialogue -s submission <<-END
		S* 220
		C: EHLO client.example
		S* 250
		C: AUTH PLAIN $ALICE_PLAIN
		S* 235
		C: MAIL FROM:<$ALICE> RET=HDRS ENVID=one
		S* 250
		C: RCPT TO:<bob@example.net> NOTIFY=SUCCESS ORCPT=rfc822;bob@example.net
		S* 250
		C: DATA
		S* 354
		C: Subject: dsn
		C: From: <$ALICE>
		C: 
		C: text
		C: .
		S* 250
		C: QUIT
		S* 221
		END
		"$BIN/queue-run" 2>>"$(log_file)"
		queue_empty
	}
	run -0 ask
	run -0 "$LIB/report" < <(message alice)
	has "$output" '^0 Original-Envelope-Id: one$'
	has "$output" '^1 Original-Recipient: rfc822; bob@example.net$'
	has "$output" '^1 Action: relayed$'
	mail_clear
	: >"$RULES"
	run -0 ask
	heard 'RCPT TO:<bob@example.net> NOTIFY=SUCCESS ORCPT=rfc822;bob@example.net'
	no_mail_at_all
}

@test "S64: the list says why it waits, retry sends it, trace shows all of its way" {
	local id
	server_start <<<'RCPT reply 450 4.2.1 busy'
	run -0 send_submission dave@example.net < <(mail_text later)
	id=$(sed -nE 's/^250 2\.0\.0 Ok: ([0-9a-z]+)$/\1/p' <<<"$output")
	"$BIN/queue-run" 2>>"$(log_file)"
	run -0 "$BIN/besace" queue list
	has "$output" '^    dave@example.net: next try in [0-9]+ minutes, tried once: .* said: 450 4\.2\.1 .*busy$'
	: >"$RULES"
	"$BIN/besace" queue retry "$(sed -nE '1s/^([0-9a-z]+) from .*/\1/p' <<<"$output")"
	"$BIN/queue-run" 2>>"$(log_file)"
	run -0 "$BIN/besace" queue list
	is '0 messages' "$output"
	is 1 "$(received)"
	run -0 "$BIN/besace" trace "$id" "$(log_file)"
	has "$output" "smtp-session\[[0-9]+\]: $id accepted .*from=$ALICE"
	has "$output" "deliver\[[0-9]+\]: $id deliver .*to=dave@example.net .*result=queued via=queue/"
	has "$output" "relay\[[0-9]+\]: $id relay .*to=dave@example.net .*answer=\"450 "
	has "$output" "relay\[[0-9]+\]: $id relay .*to=dave@example.net .*result=relayed"
}

# refused_in_session RECIPIENT... < message: as a stranger; nothing comes of it.
refused_in_session()
{
	run ! send_plain "$@"
	has "$(tail -n 1 <<<"$output")" '^[45][0-9][0-9][ -]'
	run -0 "$BIN/queue-run"
	queue_empty
	no_mail_at_all
}

@test "mail that was refused in the session comes back to nobody" {
	local filter=$BATS_TEST_TMPDIR/filter
	server_start </dev/null
	refused_in_session nobody@example.test < <(mail_text)
	refused_in_session dave@elsewhere.test < <(mail_text)
	SENDER=$ALICE refused_in_session "$BOB" < <(mail_text)
	printf '#!/bin/sh\necho "5.7.1 spam" >&2\nexit 77\n' >"$filter"
	chmod 755 "$filter"
	setting inbound_filters "$filter"
	refused_in_session "$BOB" < <(mail_text)
	printf '#!/bin/sh\nexit 75\n' >"$filter"
	refused_in_session "$BOB" < <(mail_text)
	setting inbound_filters spamscore
	setting virtual_transport false
	refused_in_session "$BOB" < <(mail_text)
	is '' "$(cat "$SERVER_LOG")"
}
