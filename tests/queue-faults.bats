#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# queue-run with the real relay and deliver, broken at its system calls; and
# together with another of itself and an administrator.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	instance_new -o default_transport=smtp
	queue_make
	chmod o+x "$BATS_TEST_TMPDIR" "$INSTANCE" 2>/dev/null || true
}

teardown()
{
	relay_end
}

traceable()
{
	needs strace
	strace -qq -o /dev/null true 2>/dev/null || skip "nothing can be traced"
	sanitized && skip "the checking build has calls of its own"
	true
}

# all calls: make stress
@test "SIGKILL at each change of disk or processes: what was to happen to each mail happens" {
	traceable
	run -0 "$LIB/queue-faults" kill "$INSTANCE" \
		fsync,renameat,renameat2,unlinkat,flock,clone,clone3,fork,vfork,wait4
	has "$output" '^[1-9][0-9]* of [1-9][0-9]* faults$'
}

@test "no disk, no descriptors, no processes for once: the same" {
	traceable
	run -0 "$LIB/queue-faults" error "$INSTANCE" fsync,renameat,socket,socketpair,clone,pipe2,copy_file_range
	has "$output" '^[1-9][0-9]* of [1-9][0-9]* faults$'
}

@test "hold and release by hand while two of it run: each mail goes out once" {
	local i hands other
	setting smtp_connection_reuse_time_limit 1s
	server_start </dev/null
	for i in {100..139}; do
		mail_text "mail $i" | queue_put "m$i" '[127.0.0.1]' "$ALICE" "u$i@example.net"
	done
	(
		for i in {139..100}; do
			"$BIN/besace" queue hold "m$i" >/dev/null 2>&1
			"$BIN/besace" queue release "m$i" >/dev/null 2>&1
		done
	) 3>&- &
	hands=$!
	"$BIN/queue-run" 2>>"$(log_file)" 3>&- &
	other=$!
	"$BIN/queue-run" 2>>"$(log_file)" 3>&-
	wait "$hands" || true
	wait "$other"
	"$BIN/queue-run" 2>>"$(log_file)" 3>&-
	is '' "$(find "$BESACE_VAR/queue" -type f)"
	is 40 "$(grep -c ' RCPT TO' "$SERVER_LOG")"
	is 40 "$(grep -o 'RCPT TO:<[^>]*>' "$SERVER_LOG" | sort -u | wc -l)"
	is 40 "$(received)"
}
