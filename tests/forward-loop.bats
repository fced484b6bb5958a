#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Two servers of ours that send on to each other, with everything between.

load lib/helpers

setup()
{
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" \
		"$BATS_TEST_TMPDIR/.." 2>/dev/null || true
	server a
	server b
	# carol's server is b, too
	route_to a b.test "$B_SMTP"
	route_to a c.test "$B_SMTP"
	route_to a b.srs.test "$B_SMTP"
	route_to b a.test "$A_SMTP"
	route_to b a.srs.test "$A_SMTP"
}

teardown()
{
	for SERVE_PID in ${A_PID-} ${B_PID-}; do
		instance_stop
	done
}

# server NAME: a running instance in $A or $B, port 25 in A_SMTP or B_SMTP.
server()
{
	local name=$1 upper=${1^^}
	instance_new -d "$BATS_TEST_TMPDIR/$name" -o default_transport=smtp \
		-o "myhostname=mx.$name.test" -o "srs_domain=$name.srs.test" \
		-o inbound_filters= -o smtp_tls_security_level=none
	instance_serve
	declare -g "$upper=$INSTANCE" "${upper}_PID=$SERVE_PID" \
		"${upper}_SMTP=$SMTP"
	# what instance_stop ends is said by teardown
	unset SERVE_PID
}

# route_to NAME DOMAIN PORT
route_to()
{
	echo "$2 [127.0.0.1]:$3" >>"$BATS_TEST_TMPDIR/$1/etc/routes"
	maps "$1"
}

maps()
{
	BESACE_ETC=$BATS_TEST_TMPDIR/$1/etc "$BIN/besace" maps
}

# has_domain NAME DOMAIN LINE...: LINEs are of the file aliases or mailboxes.
has_domain()
{
	local etc=$BATS_TEST_TMPDIR/$1/etc
	echo "$2" >>"$etc/domains"
	printf '%s\n' "${@:4}" >>"$etc/$3"
	maps "$1"
}

# send_to PORT SENDER RECIPIENT < message
send_to()
{
	swaks --server 127.0.0.1 --port "$1" --from "$2" --to "$3" --data - \
		--hide-all --ehlo client.test
}

mail_came()
{
	find "$BATS_TEST_TMPDIR/$1/mail/$2" -type f -path '*/new/*' | grep -q .
}

queues_are_empty()
{
	! find "$A/var/queue" "$B/var/queue" -type f | grep -q .
}

@test "S26: through an alias to another server; its reverse-path is ours, in the mailbox there" {
	has_domain a a.test aliases 'out@a.test carol@c.test'
	has_domain b c.test mailboxes 'carol@c.test c.test/carol'
	mail_text | send_to "$A_SMTP" dave@d.test out@a.test
	wait_until 60 mail_came b c.test/carol
	text=$(cat "$B"/mail/c.test/carol/new/*)
	has "$text" '^Return-Path: <SRS0=......=..=d\.test=dave@a\.srs\.test>$'
	has "$text" '^Delivered-To: carol@c\.test$'
	has "$text" '^Delivered-To: out@a\.test$'
	is 2 "$(grep -c '^Received:' <<<"$text")"
	wait_until 60 queues_are_empty
}

@test "two aliases at two servers that lead to each other: it ends at once, and its sender is told" {
	has_domain a a.test aliases 'ping@a.test pong@b.test'
	has_domain b b.test aliases 'pong@b.test ping@a.test'
	has_domain b c.test mailboxes 'carol@c.test c.test/carol'
	mail_text | send_to "$A_SMTP" carol@c.test ping@a.test
	wait_until 120 mail_came b c.test/carol
	text=$(cat "$B"/mail/c.test/carol/new/*)
	has "$text" '^Return-Path: <>$'
	has "$text" '5\.4\.6'
	wait_until 60 queues_are_empty
	is 1 "$(find "$B/mail/c.test" -path '*/new/*' -type f | wc -l)"
}
