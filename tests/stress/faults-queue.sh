#!/bin/bash
# SPDX-License-Identifier: ISC
# Each system call of queue-run, relay and what they start: killed before it,
# then failing with what it may fail with (tests/lib/queue-faults).
set -u -o pipefail
bats_require_minimum_version() { :; }
BATS_TEST_TMPDIR=$(mktemp -d)
trap 'rm -rf "$BATS_TEST_TMPDIR"' EXIT
chmod o+x "$BATS_TEST_TMPDIR"
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/helpers.bash
. "$here/../lib/helpers.bash"
# shellcheck source=../lib/relay.bash
. "$here/../lib/relay.bash"
strace -qq -o /dev/null true 2>/dev/null || {
	echo "skipped: nothing can be traced"
	exit 0
}
instance_new -o default_transport=smtp
queue_make
"$LIB/queue-faults" kill,error "$INSTANCE"
