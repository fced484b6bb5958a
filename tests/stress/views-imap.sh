#!/bin/bash
# SPDX-License-Identifier: ISC
# CLIENTS (default 20) IMAP clients do random commands in three mailboxes for
# STRESS_SECONDS (default 600), some killed now and then, while deliver delivers and
# another program renames files; tests/lib/imap-stress says what has to hold.
# SEED: another one makes another run.
set -u -o pipefail
bats_require_minimum_version() { :; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/helpers.bash
. "$here/../lib/helpers.bash"

instance_new -d "$work/instance" || exit 1
"$LIB/imap-stress" "$BIN" "$BOB" "$(maildir bob)" "${CLIENTS:-20}" \
	"${STRESS_SECONDS:-600}" "${SEED:-1}" 2>"$work/log" || {
	grep -v '^deliver' "$work/log" | tail -n 40
	exit 1
}
