#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Thunderbird without a screen, against the imaps port of a running instance.
# PACKAGES leaves out Debian's package, which is large: "apt-get install
# thunderbird" has this test run.

load ../lib/helpers
load ../lib/sync

teardown()
{
	instance_stop
}

@test "S85 Thunderbird: folders, messages, IDLE, flags, tags, search, copy, move, delete" {
	needs thunderbird python3
	instance_new
	instance_serve
	save_certificate
	mkdir "$BATS_TEST_TMPDIR/work"
	run -0 timeout 200 "$LIB/thunderbird" "$BATS_TEST_TMPDIR/work" "$IMAPS" "$BOB" \
		"$BOB_PASSWORD" "$CERTIFICATE" "$(maildir bob)" "$BIN/deliver"
	serve_logged 'client user=bob@example.test name=Thunderbird'
}
