#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# queue-run with a stand-in for relay: what is tried, in which order, what then
# becomes of the files.

load lib/helpers
load lib/queue

setup()
{
	queue_new
}

@test "S60: what another server took leaves the queue" {
	queue_mail m1 example.net bob@example.net
	run -0 queue_run
	is "example.net new/m1 bob@example.net 250 2.0.0" "$(cat "$RELAY_LOG")"
	is '' "$(queue_files)"
	no_mail_at_all
}

@test "what is to be tried again waits: 5 minutes, then doubled, at most 4000 s" {
	local attempts due
	for attempts in 0 1 2 9; do
		rm -f "$QUEUE"/*/*
		OPTIONS="Attempts: $attempts" \
			queue_mail m1 example.net later@example.net
		run -0 queue_run
		due=$(queue_due "$(queue_files deferred)")
		case $attempts in
		0) ((due > 200 && due < 390)) ;;
		1) ((due > 430 && due < 770)) ;;
		2) ((due > 880 && due < 1520)) ;;
		9) ((due > 2980 && due < 5020)) ;;
		esac || is "for $attempts attempts" "$due"
		is 1 "$(grep -c "^Attempts: $((attempts + 1))$" "$QUEUE"/deferred/*)"
	done
	no_mail_at_all
}
