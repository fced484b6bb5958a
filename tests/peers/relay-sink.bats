#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay sends to Postfix's smtp-sink, by the features that it offers, through the
# failures that it can be told to have.

load ../lib/helpers
load ../lib/dns
load ../lib/relay

setup()
{
	needs_root "smtp-sink changes its user"
	relay_new </dev/null
}

teardown()
{
	[ -z "${SINK_PID-}" ] || kill "$SINK_PID" 2>/dev/null || true
	instance_stop
	relay_end
}

# sink [OPTION]...: Postfix's smtp-sink on a port of its own.
sink()
{
	export BESACE_SMTP_PORT
	BESACE_SMTP_PORT=$(free_port)
	smtp-sink "$@" -u postfix "127.0.0.1:$BESACE_SMTP_PORT" 100 >"$BATS_TEST_TMPDIR/sink" 2>&1 3>&- &
	SINK_PID=$!
	wait_until 20 listening "$BESACE_SMTP_PORT"
}

# through_sink WORD OPTION...: what becomes of one message there.
through_sink()
{
	local word=$1
	shift
	sink "$@"
	mail_text | queue_put aaa example.net "$ALICE" bob@example.net carol@example.net
	run -0 relay example.net
	has "$output" " $word bob@example\\.net "
	kill "$SINK_PID"
	wait "$SINK_PID" 2>/dev/null || true
	rm -f "$BESACE_VAR"/queue/*/aaa
}

@test "smtp-sink: without EHLO, without PIPELINING, with refusals and cuts at each command" {
	local command
	through_sink relayed
	through_sink relayed -e
	through_sink relayed -p
	through_sink relayed -8
	for command in CONNECT EHLO,HELO MAIL RCPT DATA .; do
		through_sink deferred -q "$command"
		through_sink deferred -Q "$command"
	done
	for command in MAIL RCPT DATA .; do
		through_sink failed -f "$command"
		through_sink deferred -r "$command"
	done
	through_sink deferred -f EHLO,HELO
	through_sink deferred -r CONNECT
}
