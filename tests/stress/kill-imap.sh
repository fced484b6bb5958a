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

helper=$(dirname "$BIN")/still/syscall-fault
"$helper" /dev/null none 0 true
case $? in
0) ;;
69)
	echo "skipped: not written for this processor"
	exit 0
	;;
*) exit 1 ;;
esac
instance_new -d "$work/instance" || exit 1
"$LIB/imap-kills" "$helper" "$BIN/imap-session" "$(maildir bob)" all
