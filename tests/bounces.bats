#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Notices about mail: who gets one, when, and what it says, read with Python's
# email package.

load lib/helpers
load lib/queue

setup()
{
	queue_new
}

# report USER: what the one notice in his mailbox says.
report()
{
	message "$1" >"$BATS_TEST_TMPDIR/notice"
	"$LIB/report" <"$BATS_TEST_TMPDIR/notice"
}

@test "a failure comes back as multipart/report, with the remote's words" {
	queue_mail m1 example.net fail@example.net bob@example.net
	run -0 queue_run
	is '' "$(queue_files)"
	run -0 report alice
	has "$output" '^From: Mail Delivery System <MAILER-DAEMON@'
	has "$output" '^To: alice@example.test$'
	has "$output" '^Auto-Submitted: auto-replied$'
	has "$output" '^types: text/plain message/delivery-status message/rfc822$'
	has "$output" '^<fail@example.net>$'
	hasnt "$output" 'bob@example.net'
	has "$output" '550 5.1.1 No such user here$'
	has "$output" 'There is no such address: check its spelling'
	has "$output" '^0 Reporting-MTA: dns; '
	has "$output" '^0 Arrival-Date: '
	has "$output" '^1 Final-Recipient: rfc822; fail@example.net$'
	has "$output" '^1 Action: failed$'
	has "$output" '^1 Status: 5.1.1$'
	has "$output" '^1 Remote-MTA: dns; mx.example.net$'
	has "$output" '^1 Diagnostic-Code: smtp; 550 5.1.1 No such user here$'
	has "$output" '^1 Last-Attempt-Date: '
	has "$output" '^Subject: mail m1$'
	has "$output" '^Hello Bob.$'
	has "$(cat "$BATS_TEST_TMPDIR/notice")" '^Return-Path: <>$'
}
