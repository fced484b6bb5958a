#!/bin/bash
# SPDX-License-Identifier: ISC
# One system call of deliver broken, every one in turn: killed before it and
# after it; failing with each error it may have, once, from then on, or with the
# whole disk; reading or writing less than it was asked for. tests/lib/deliver-faults
# says what has to hold.
set -u -o pipefail
bats_require_minimum_version() { :; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/helpers.bash
. "$here/../lib/helpers.bash"
# shellcheck source=../lib/deliver.bash
. "$here/../lib/deliver.bash"

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
store_new "$work/store"
"$LIB/deliver-faults" "$helper" "$DELIVER" kill,error,lasting,dead,short
