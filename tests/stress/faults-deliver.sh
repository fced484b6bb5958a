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
# shellcheck source=../lib/faults.bash
. "$here/../lib/faults.bash"
# shellcheck source=../lib/deliver.bash
. "$here/../lib/deliver.bash"

fault_helper
store_new "$work/store"
"$LIB/deliver-faults" "$HELPER" "$DELIVER" kill,error,lasting,dead,short
