#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Each thing that a bad server can do at each stage: whatever it is, a message
# waits, or is known to be delivered or refused, with the right code; none is
# lost, and none is sent again but where nobody can know better.

load lib/helpers
load lib/relay

@test "S60: a server that is bad at one stage: nothing lost, nothing sent twice" {
	local dir=$BATS_TEST_TMPDIR memory=()
	instance_new
	queue_make
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-subj /CN=hostile.test -keyout "$dir/key" -out "$dir/chain" 2>/dev/null
	# replies without end cost no memory without end
	sanitized || memory=(prlimit --data=$((32 << 20)))
	run -0 "$LIB/hostile-matrix" "$dir/chain" "$dir/key" "${memory[@]}" \
		"$BIN/relay"
	has "$output" '^[1-9][0-9]* of [1-9][0-9]* cases$'
}
