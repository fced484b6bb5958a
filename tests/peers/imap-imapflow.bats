#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# imapflow, the client library of Node.js, against the imaps port of a running
# instance. "npm install --prefix build/peers imapflow" has this test run.

load ../lib/helpers
load ../lib/sync

teardown()
{
	instance_stop
}

@test "S85 imapflow: IDLE, CONDSTORE, QRESYNC, append, fetch, download, search, move" {
	needs node
	export NODE_PATH=${BESACE_PEERS:-$TREE/build/peers}/node_modules
	node -e 'require("imapflow")' 2>/dev/null || skip "imapflow is not installed"
	instance_new
	instance_serve
	save_certificate
	run -0 timeout 100 node "$LIB/imapflow.js" "$IMAPS" "$BOB" "$BOB_PASSWORD" \
		"$CERTIFICATE"
}
