#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What many clients are told of mailboxes that they all change at once.

load lib/helpers

@test "clients at random, deliveries and a program without a lock: views are right, nothing is lost" {
	needs python3
	instance_new
	run -0 "$LIB/imap-stress" "$BIN" "$BOB" "$(maildir bob)" 6 20
	has "$output" ': 0 faults$'
}
