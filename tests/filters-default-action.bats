#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A filter that is broken: mail waits, or goes on without it, as
# inbound_filters_default_action and outbound_filters_default_action say.

load lib/helpers
load lib/queue

setup()
{
	queue_new
	KEY=$(dkim_key_file)
}

# locally RECIPIENT... < message: by the sendmail program.
locally()
{
	"$BIN/sendmail" -f "$ALICE" "$@" 2>>"$(log_file)"
}

# signer_broken [ACTION]: its key is away, and that is what is done about it.
signer_broken()
{
	[ ! -e "$KEY.away" ] || mv "$KEY.away" "$KEY"
	setting outbound_filters_default_action "${1:-tempfail}"
	mv "$KEY" "$KEY.away"
}

# filter SCRIPT: prints the path of one.
filter()
{
	local path=$PROGRAMS/filter
	printf '#!/bin/sh\n%s\n' "$1" >"$path"
	chmod 755 "$path"
	echo "$path"
}

# all_ways COMMAND: calls it with each way in of mail of users.
all_ways()
{
	"$1" send_submission
	"$1" locally
}

@test "S125: mail of users is signed: SMTP from a trusted client, submission, the sendmail program, notices" {
	local way
	for way in send_submission locally; do
		mail_clear
		run -0 "$way" "$BOB" < <(mail_text "$way" | sed "s/^From:.*/From: $ALICE/")
		has "$(message bob)" '^DKIM-Signature: .*d=example\.test'
	done
	mail_clear
	setting trusted_hosts 127.0.0.1
	export TCPREMOTEIP=127.0.0.1 TCPREMOTEPORT=9
	run -0 send_plain "$BOB" < <(mail_text plain | sed "s/^From:.*/From: $ALICE/")
	unset TCPREMOTEIP TCPREMOTEPORT
	has "$(message bob)" '^DKIM-Signature: .*d=example\.test'
	mail_clear
	queue_mail m1 example.net fail@example.net
	run -0 queue_run
	has "$(message alice)" '^DKIM-Signature: .*d=example\.test'
}

arrives_unsigned()
{
	mail_clear
	: >"$(log_file)"
	run -0 "$1" "$BOB" < <(mail_text "$1" | sed "s/^From:.*/From: $ALICE/")
	is 1 "$(count bob)"
	hasnt "$(message bob)" '^DKIM-Signature:'
	logged 'filter program=.* result=left-out reason="4\.3\.'
}

waits()
{
	mail_clear
	run "$1" "$BOB" < <(mail_text "$1" | sed "s/^From:.*/From: $ALICE/")
	[ "$status" != 0 ]
	no_mail_at_all
}

@test "S126: with the signer broken, mail waits; or goes out, and the fault is logged" {
	signer_broken
	all_ways waits
	signer_broken accept
	all_ways arrives_unsigned
	logged 'reason="4\.3\.5 Signing key is not available"'
	mv "$KEY.away" "$KEY"
	# the whole program is not there, ends by a signal, does nothing, too slowly
	setting outbound_filters "$PROGRAMS/nowhere"
	all_ways arrives_unsigned
	setting outbound_filters "$(filter 'kill -SEGV $$')"
	all_ways arrives_unsigned
	setting outbound_filters "$(filter 'echo "X-Half: yes"; exit 70')"
	all_ways arrives_unsigned
	hasnt "$(message bob)" '^X-Half'
	setting filter_timeout 1s
	setting outbound_filters "$(filter 'sleep 60')"
	all_ways arrives_unsigned
	setting outbound_filters_default_action tempfail
	all_ways waits
}

@test "S126: a notice goes out unsigned, too" {
	signer_broken
	queue_mail m1 example.net fail@example.net
	run -0 queue_run
	no_mail_at_all
	signer_broken accept
	mv "$QUEUE"/deferred/* "$QUEUE/new/m1"
	run -0 queue_run
	has "$(message alice)" '^Subject: Undelivered'
	hasnt "$(message alice)" '^DKIM-Signature'
}

@test "what writes nothing or another body is left out, too; those around it are not" {
	local around=$PROGRAMS/around
	setting outbound_filters_default_action accept
	printf '#!/bin/sh\necho "X-Around: yes"; cat\n' >"$around"
	chmod 755 "$around"
	setting outbound_filters "$around | $(filter 'cat >/dev/null') | $around"
	run -0 send_submission "$BOB" < <(mail_text)
	is 2 "$(message bob | grep -c '^X-Around')"
	logged 'program=.*filter result=left-out'
	mail_clear
	setting outbound_filters "$around | $(filter 'sed s/Hello/Goodbye/') | $around"
	run -0 send_submission "$BOB" < <(mail_text)
	is 2 "$(message bob | grep -c '^X-Around')"
	has "$(message bob)" '^Hello'
}

@test "what a filter decides is done whatever default_action says" {
	setting outbound_filters_default_action accept
	setting inbound_filters_default_action accept
	setting outbound_filters "$(filter 'cat; echo "4.7.1 Come back later" >&2; exit 75')"
	all_ways waits
	setting outbound_filters "$(filter 'cat; echo "5.7.1 No" >&2; exit 77')"
	all_ways waits
	setting outbound_filters "$(filter 'exit 65')"
	all_ways waits
	setting outbound_filters "$(filter 'exit 99')"
	run -0 send_submission "$BOB" < <(mail_text)
	no_mail_at_all
}

@test "inbound and outbound have their own" {
	setting outbound_filters_default_action accept
	setting inbound_filters "$(filter 'exit 70')"
	waits send_plain
	setting inbound_filters_default_action accept
	arrives_unsigned send_plain
	run -78 setting inbound_filters_default_action discard
	has "$output" 'tempfail or accept is needed'
}
