#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay that is asked to end, or has to end what hangs.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new </dev/null
}

teardown()
{
	relay_end
}

two_mails()
{
	local id
	for id in aaa bbb; do
		mail_text | queue_put "$id" example.net "$ALICE" bob@example.net
	done
}

# relay_start: in the background, with two mails; JOB is its id.
relay_start()
{
	two_mails
	printf 'new/aaa\nnew/bbb\n' |
		"$BIN/relay" example.net >"$BATS_TEST_TMPDIR/out" 2>>"$(log_file)" 3>&- &
	JOB=$!
}

# said STAGE: the server has come to it.
said()
{
	grep -q " $1 " "$SERVER_LOG"
}

connected()
{
	[ -n "$(ss -Htn state established "dport = :$BESACE_SMTP_PORT")" ]
}

@test "SIGTERM while a server is silent: all is left as it was, at once" {
	local rule
	for rule in 'greeting stall' 'EHLO stall' 'MAIL stall' 'RCPT stall' 'DATA stall'; do
		server_start <<<"$rule"
		relay_start
		wait_until 60 "${rule% stall}_reached"
		kill -TERM "$JOB"
		wait_until 20 gone "$JOB" # the time limit is 300 s
		wait "$JOB"
		is 'waiting - -' "$(queue_state aaa)"
		is 'waiting - -' "$(queue_state bbb)"
		is '' "$(cat "$BATS_TEST_TMPDIR/out")"
		server_stop
	done
}

greeting_reached() { connected; }
EHLO_reached() { said EHLO; }
MAIL_reached() { said MAIL; }
RCPT_reached() { said RCPT; }
DATA_reached() { said DATA; }

@test "SIGTERM while a server has the message: its word is waited for, no other mail is begun" {
	local extension
	for extension in PIPELINING 'PIPELINING\n250 CHUNKING'; do
		server_start <<-END
		EHLO reply 250-hostile.test\n250-${extension/250 /250-}\n250 8BITMIME
		dot late 3
		BDAT late 3
		END
		relay_start
		wait_until 60 eval 'said dot || said BDAT'
		kill -TERM "$JOB"
		wait "$JOB"
		is gone "$(queue_state aaa)"
		is 'waiting - -' "$(queue_state bbb)"
		is 1 "$(received)"
		rm -f "$SERVER_MAIL"/*
		server_stop
	done
}

@test "the process that talks to others hangs: it is killed when its time is over" {
	local name client
	for name in rcpt data_init data_xfer data_done; do
		setting "smtp_${name}_timeout" 1s
	done
	setting smtp_mail_timeout 6s
	setting smtp_min_data_rate 1000000
	server_start <<<'MAIL stall'
	relay_start
	wait_until 60 said MAIL
	client=$(pgrep -P "$JOB")
	kill -STOP "$client"
	wait_until 60 gone "$JOB"
	# it is another user's where we were root
	logged 'error what="wait for the process that talks to others" reason="it does not answer: (killed|left alone)"'
	kill -CONT "$client" 2>/dev/null || true
	wait_until 20 gone "$client"
	is 'waiting - 4.3.0' "$(queue_state aaa)"
	is 'waiting - 4.3.0' "$(queue_state bbb)"
	is 1 "$(grep -c ' EHLO ' "$SERVER_LOG")"
}

@test "a server that takes a message by drops: smtp_min_data_rate" {
	setting smtp_data_xfer_timeout 1s
	setting smtp_min_data_rate 20000000
	server_start <<-'END'
	EHLO reply 250-hostile.test\n250 PIPELINING
	body slow 20000
	END
	{
		mail_text large
		yes "$(printf '%076d' 0)" | head -c 20000000
	} | queue_put aaa example.net "$ALICE" bob@example.net
	run -0 relay example.net
	has "$output" 'timed out at the message'
	is 'waiting - 4.4.2' "$(queue_state aaa)"
	is 0 "$(received)"
}
