#!/bin/bash
# SPDX-License-Identifier: ISC
# imap-session killed before and after every one of its system calls, while it
# changes mailboxes; tests/lib/imap-kills says what has to hold.
set -u -o pipefail
bats_require_minimum_version() { :; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/helpers.bash
. "$here/../lib/helpers.bash"
# shellcheck source=../lib/faults.bash
. "$here/../lib/faults.bash"

fault_helper
instance_new -d "$work/instance" || exit 1
"$LIB/imap-kills" "$HELPER" "$BIN/imap-session" "$(maildir bob)" all
