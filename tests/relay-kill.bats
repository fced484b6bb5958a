#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay killed at each of its system calls: nothing is lost, and comes twice
# only where it was killed between the server's word and the record of it.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new </dev/null
	server_start </dev/null
}

teardown()
{
	relay_end
}

one_mail()
{
	rm -rf "$BESACE_VAR"/queue/*/* "$SERVER_MAIL"/*
	mail_text | queue_put aaa example.net "$ALICE" bob@example.net
}

# The system calls of one run, each as NAME:N; not those of memory and start-up.
calls()
{
	one_mail
	relay_traced -o "$BATS_TEST_TMPDIR/calls"
	sed -n 's/^\([a-z_0-9]*\)(.*/\1/p' "$BATS_TEST_TMPDIR/calls" |
		grep -vE '^(m?mmap|mprotect|munmap|brk|read|close|fstat|newfstatat|rt_sig.*|clock_gettime|exit_group|execve)$' |
		awk '{ print $1 ":" ++n[$1] }'
}

relay_traced()
{
	timeout 60 strace "$@" "$BIN/relay" example.net <<<new/aaa >/dev/null 2>&1
}

@test "killed at any system call, nothing is lost; twice it comes in one window only" {
	local call twice=''
	sanitized && skip "the checking build has calls of its own"
	for call in $(calls); do
		one_mail
		relay_traced -o /dev/null \
			-e "inject=${call%:*}:signal=KILL:when=${call#*:}" || true
		# the other process lets go of the file, and the server has all
		[ ! -e "$BESACE_VAR/queue/new/aaa" ] ||
			timeout 60 flock "$BESACE_VAR/queue/new/aaa" true
		relay example.net aaa >/dev/null || true
		is "$call: 0 left" "$call: $(find "$BESACE_VAR/queue/new" -type f | wc -l) left"
		(($(received) >= 1)) || is "$call" "lost"
		(($(received) == 1)) || twice+="${call%:*} "
	done
	# the log's line, and what takes the file away
	hasnt "$(tr ' ' '\n' <<<"$twice")" '^(connect|socket|sendmsg|openat|flock|clone|fork|pread64)$'
}
