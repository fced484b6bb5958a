#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A fresh copy of the tree, "make run", and what it prints.

load lib/helpers

teardown()
{
	if [ -n "${MAKE_PID-}" ]; then
		kill -TERM -- "-$MAKE_PID" 2>/dev/null || true
		wait "$MAKE_PID" 2>/dev/null || true
	fi
}

@test "make run in a fresh clone serves, and its commands send and read a mail" {
	[ -d "$TREE/.git" ] || skip 'not a git tree'
	[ "${BESACE_TEST_CLONE-yes}" = yes ] || skip 'BESACE_TEST_CLONE says no'
	git clone -q "file://$TREE" "$BATS_TEST_TMPDIR/clone"
	BASE_PORT=$(free_base_port)
	set -m
	env -u MAKEFLAGS -u MAKELEVEL -u MFLAGS -u BESACE_BIN -u B make -j2 \
		-C "$BATS_TEST_TMPDIR/clone" run BASE_PORT="$BASE_PORT" \
		>"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	MAKE_PID=$!
	set +m
	wait_until 200 made || {
		cat "$BATS_TEST_TMPDIR/out"
		return 1
	}
	wait_until 10 grep -qE '\blog\b' "$BATS_TEST_TMPDIR/out"
	sleep 0.5
	local text send read
	text=$(sed -e ':a' -e '/\\$/{N;s/\\\n[[:space:]]*/ /;ta}' "$BATS_TEST_TMPDIR/out" |
		sed -E 's/^[[:space:]]*(\$ )?//')
	send=$(grep -E 'swaks|curl' <<<"$text" | grep "$((BASE_PORT + 465))" | grep alice | head -1)
	read=$(grep -E '^curl' <<<"$text" | grep "$((BASE_PORT + 993))" | grep bob | head -1)
	echo "send: $send"
	echo "read: $read"
	run -0 bash -c "cd / && $send"
	run -0 bash -c "cd / && $read"
	has "$output" '^Subject: '
	[ -f "$BATS_TEST_TMPDIR/clone/run/accounts" ]
	# building and serving leaves nothing git would see
	is '' "$(git -C "$BATS_TEST_TMPDIR/clone" status --porcelain)"
}

made()
{
	! gone "$MAKE_PID" || return 1
	listening $((BASE_PORT + 993)) && listening $((BASE_PORT + 465)) &&
		listening $((BASE_PORT + 25))
}
