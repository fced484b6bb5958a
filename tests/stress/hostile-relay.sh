#!/bin/bash
# SPDX-License-Identifier: ISC
# relay against each thing that a bad server can do, more of it than in
# tests/relay-hostile-matrix.bats, and then against good ones: nothing is lost,
# nothing is sent twice (tests/lib/hostile-matrix).
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
instance_new
queue_make
certificate=$BATS_TEST_TMPDIR/certificate
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
	-subj /CN=hostile.test -keyout "$certificate.key" -out "$certificate" \
	2>/dev/null
"$LIB/hostile-matrix" --full "$certificate" "$certificate.key" "$BIN/relay"
