#!/bin/bash
# SPDX-License-Identifier: ISC
# SIGKILL of queue-run, and of the deliveries and filters it starts, before each
# of their system calls in turn: nothing is lost, and what was just done is done
# twice at most (tests/lib/queue-kills.bash).
set -u -o pipefail
bats_require_minimum_version() { :; }
BATS_TEST_TMPDIR=$(mktemp -d)
BATS_RUN_TMPDIR=$BATS_TEST_TMPDIR
trap 'rm -rf "$BATS_TEST_TMPDIR"' EXIT
chmod o+x "$BATS_TEST_TMPDIR"
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/helpers.bash
. "$here/../lib/helpers.bash"
# shellcheck source=../lib/queue.bash
. "$here/../lib/queue.bash"
# shellcheck source=../lib/queue-kills.bash
. "$here/../lib/queue-kills.bash"
strace -qq -o /dev/null true 2>/dev/null || {
	echo "skipped: nothing can be traced"
	exit 0
}
queue_new && kills_all
