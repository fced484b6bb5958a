#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The tools of the tests themselves: a tool that lets everything pass shows
# nothing.

load lib/helpers

teardown()
{
	[ -z "${FIXTURE-}" ] || kill "$FIXTURE" 2>/dev/null || true
}

play()
{
	"$LIB/transcript" -t 2 - -- cat
}

@test "transcript: bytes go out and come back as written" {
	play <<-'END'
	C: one
	S= one
	C> a\x41\0\\
	C: b
	S= aA\0\\b
	C| two
	C: three
	S: tw
	S~ t.*e$
	QUIET 0.1
	CLOSE
	S$
	EXIT 0
	END
}

@test "transcript: another line, silence, an early end, a bare LF, a signal are mismatches" {
	run -1 play <<<$'C: one\nS: two'
	has "$output" '^wanted: S: two$'
	has "$output" '^got:    one$'
	run -1 play <<<'S: two'
	has "$output" 'nothing came in time'
	run -1 "$LIB/transcript" - -- true <<<'S: two'
	has "$output" 'connection ended'
	run -1 "$LIB/transcript" - -- echo bare <<<'S: bare'
	has "$output" 'without CR'
	run -1 "$LIB/transcript" - -- sh -c 'kill -SEGV $$' <<<'S$'
	has "$output" 'SIGSEGV'
	run -1 play <<<$'C: one\nQUIET 0.2'
	run -1 "$LIB/transcript" - -- sh -c 'exit 3' <<<'EXIT 0'
	run -1 "$LIB/transcript" - -- echo '250-a' <<<'S$'
}

@test "transcript: whole SMTP replies" {
	local reply='printf "250-A\r\n250-SIZE 5\r\n250 Z\r\n"'
	"$LIB/transcript" - -- sh -c "$reply" <<<'S* 250 SIZE'
	"$LIB/transcript" - -- sh -c "$reply" <<<'S! 250 AUTH'
	run -1 "$LIB/transcript" - -- sh -c "$reply" <<<'S* 250 AUTH'
	run -1 "$LIB/transcript" - -- sh -c "$reply" <<<'S! 250 SIZE'
	run -1 "$LIB/transcript" - -- sh -c "$reply" <<<'S* 251'
}

@test "runner: what fails, does not run or breaks is counted" {
	cd "$BATS_TEST_TMPDIR"
	printf '#!/bin/sh\n' >besace
	chmod +x besace
	export BESACE_BIN=$PWD
	printf '@test "good" { true; }\n@test "bad" { false; }\n@test "not" { skip "why"; }\n' >a.bats
	printf '@test "good" { true; }\n@test "broken {\n' >b.bats
	printf '#!/bin/sh\necho oops\nexit 1\n' >test-unit
	printf '#!/bin/sh\nkill -SEGV $$\n' >test-signal
	chmod +x test-unit test-signal
	run -1 "$TREE/tests/run" a.bats
	has "$output" '^FAIL a\.bats: 2 bad$'
	has "$output" '^1 skipped$'
	is '1 passed, 1 failed' "${lines[-1]}"
	run -1 "$TREE/tests/run" b.bats test-unit test-signal
	has "$output" 'oops'
	has "$output" '^FAIL b\.bats'
	has "$output" '^FAIL test-signal'
	printf '@test "good" { true; }\n' >c.bats
	run -0 "$TREE/tests/run" c.bats
	is '1 passed, 0 failed' "${lines[-1]}"
}

# ask NAME TYPE [tcp]: what the fixture on $PORT says: rcode, TC, records.
ask()
{
	/usr/bin/python3 - "$PORT" "$@" <<-'END'
	import socket, struct, sys
	port, name, kind = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
	query = struct.pack(">6H", 7, 0x100, 1, 0, 0, 0)
	for label in name.split("."):
	    query += bytes([len(label)]) + label.encode()
	query += b"\0" + struct.pack(">2H", kind, 1)
	if len(sys.argv) > 4:
	    s = socket.create_connection(("127.0.0.1", port), 2)
	    s.sendall(struct.pack(">H", len(query)) + query)
	    data = s.recv(4096)[2:]
	else:
	    s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
	    s.settimeout(1)
	    s.sendto(query, ("127.0.0.1", port))
	    try:
	        data = s.recv(4096)
	    except socket.timeout:
	        sys.exit("silence")
	if len(data) < 12:
	    sys.exit("garbage")
	ident, flags, _, answers, _, _ = struct.unpack(">6H", data[:12])
	print("id", ident, "rcode", flags & 15, "tc", flags >> 9 & 1, "answers", answers)
	END
}

@test "fixture DNS: records, missing names and faults" {
	cat >"$BATS_TEST_TMPDIR/zone" <<-END
	a.test         A     192.0.2.1
	a.test         TXT   "one" "two"
	b.test         CNAME a.test
	*.wild.test    AAAA  2001:db8::1
	big.test       TXT   $(head -c 900 /dev/zero | tr '\0' x)
	drop.test      MODE  drop
	fail.test      MODE  servfail
	cut.test       MODE  truncate
	cut.test       A     192.0.2.2
	id.test        MODE  wrongid
	junk.test      MODE  garbage
	END
	mkfifo "$BATS_TEST_TMPDIR/port"
	"$LIB/dns-fixture" --log "$BATS_TEST_TMPDIR/queries" \
		"$BATS_TEST_TMPDIR/zone" >"$BATS_TEST_TMPDIR/port" 3>&- &
	FIXTURE=$!
	read -r PORT <"$BATS_TEST_TMPDIR/port"
	is 'id 7 rcode 0 tc 0 answers 1' "$(ask a.test 1)"
	is 'id 7 rcode 0 tc 0 answers 1' "$(ask A.Test 16)"
	is 'id 7 rcode 0 tc 0 answers 0' "$(ask a.test 15)"
	is 'id 7 rcode 0 tc 0 answers 0' "$(ask test 1)"
	is 'id 7 rcode 3 tc 0 answers 0' "$(ask none.test 1)"
	is 'id 7 rcode 0 tc 0 answers 2' "$(ask b.test 1)"
	is 'id 7 rcode 0 tc 0 answers 1' "$(ask x.wild.test 28)"
	is 'id 7 rcode 0 tc 1 answers 0' "$(ask big.test 16)"
	is 'id 7 rcode 0 tc 0 answers 1' "$(ask big.test 16 tcp)"
	is 'id 7 rcode 2 tc 0 answers 0' "$(ask fail.test 1)"
	is 'id 7 rcode 0 tc 1 answers 0' "$(ask cut.test 1)"
	is 'id 7 rcode 0 tc 0 answers 1' "$(ask cut.test 1 tcp)"
	is 'id 6 rcode 3 tc 0 answers 0' "$(ask id.test 1)"
	run -1 ask drop.test 1
	is silence "$output"
	run -1 ask junk.test 1
	is garbage "$output"
	has "$(cat "$BATS_TEST_TMPDIR/queries")" '^tcp big\.test 16$'
}
