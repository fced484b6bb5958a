#!/bin/bash
# SPDX-License-Identifier: ISC
# CUTS (default 40) power cuts right after deliver has ended with 0, and as many
# while it writes, on each file system that can be had: what was accepted is
# there, and no part of a message.
set -u -o pipefail
bats_require_minimum_version() { :; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/helpers.bash
. "$here/../lib/helpers.bash"
# shellcheck source=../lib/deliver.bash
. "$here/../lib/deliver.bash"

store_new "$work/store"
failed=0
for kind in ext4 xfs; do
	"$LIB/power-cut" "$DELIVER" "$kind" $((2 * ${CUTS:-40})) || {
		status=$?
		((status == 77)) || failed=1
	}
done
exit $failed
