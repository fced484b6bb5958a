#!/bin/bash
# SPDX-License-Identifier: ISC
# MESSAGES (default 2000) different messages by JOBS (default 20) parallel
# deliveries into one mailbox: each is there once, byte by byte.
# shellcheck disable=SC2016 # programs in single quotes expand for themselves
set -u -o pipefail
bats_require_minimum_version() { :; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/helpers.bash
. "$here/../lib/helpers.bash"
# shellcheck source=../lib/deliver.bash
. "$here/../lib/deliver.bash"

messages=${MESSAGES:-2000} jobs=${JOBS:-20}
store_new "$work/store"
mkdir "$work/sent"
for ((i = 0; i < messages; i++)); do
	printf 'Subject: number %d\n\n%s\n' "$i" \
		"$(head -c $((RANDOM % 2000)) /dev/zero | tr '\0' x)" \
		>"$work/sent/$i"
done

export failed=$work/failed
start=$EPOCHREALTIME
printf '%s\n' "$work/sent"/* | xargs -P "$jobs" -I{} sh -c '
	"$DELIVER" alice@example.test <"{}" 2>"$failed.$$" ||
		echo "{} $?" >>"$failed"
	rm -f "$failed.$$"'
end=$EPOCHREALTIME

[ ! -e "$failed" ] || {
	echo "FAIL: deliveries failed:"
	cat "$failed"
	exit 1
}
sums()
{
	# The two fields deliver writes are not the message's.
	for file; do
		grep -v -e '^X-Original-To: ' -e '^Delivered-To: ' "$file" |
			sha256sum
	done | sort
}
sums "$work/sent"/* >"$work/wanted"
sums "$MAIL"/example.test/alice/new/* >"$work/seen"
cmp "$work/wanted" "$work/seen" || {
	echo "FAIL: not the same messages"
	exit 1
}
left=$(find "$MAIL/example.test/alice/tmp" -type f | wc -l)
((left == 0)) || {
	echo "FAIL: $left files left in tmp/"
	exit 1
}
awk -v n="$messages" -v j="$jobs" -v t="$end" -v s="$start" 'BEGIN {
	printf "%d messages by %d at a time: all there once, %.0f a second\n",
		n, j, n / (t - s) }'
