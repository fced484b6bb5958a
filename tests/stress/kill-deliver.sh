#!/bin/bash
# SPDX-License-Identifier: ISC
# kill -9 of deliver at random times, while it writes a message that takes a
# while: in new/ is no message or a whole one, whatever the moment; deliver says
# 0 only when it is in all mailboxes. (faults-deliver.sh: at each system call.)
# KILLS (default 300) is the number of random kills.
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
message=$work/message
both=(alice@example.test bob@example.test eve@domain.net)
kills=0 seen_none=0 seen_some=0 seen_all=0

# holds STATUS RECIPIENTS: what must be true after a delivery that may have
# died. Every file in new/ and cur/ is whole, one for a mailbox at most.
holds()
{
	local files n
	mapfile -t files < <(find "$MAIL" -path '*/new/*' -type f)
	n=${#files[@]}
	all_whole "$message" "${files[@]}" || return 1
	[ "$(printf '%s\n' "${files[@]%/new/*}" | sort | uniq -d)" = "" ] || {
		echo "two in one mailbox: ${files[*]}"
		return 1
	}
	[ "$(find "$MAIL" -path '*/cur/*' -type f | wc -l)" = 0 ] || return 1
	if (($1 == 0)) && ((n != $2)); then
		echo "deliver said 0 and $n of $2 have it"
		return 1
	fi
	if ((n == 0)); then
		((seen_none += 1))
	elif ((n < $2)); then
		((seen_some += 1))
	else
		((seen_all += 1))
	fi
}

fail()
{
	echo "FAIL: $*"
	find "$MAIL" -type f
	exit 1
}

empty() { mail_clear; }
fresh() { rm -rf "${MAIL:?}"/*; }

{
	mail_text
	head -c 4000000 /dev/urandom | base64
} >"$message"
# How long it takes undisturbed, in microseconds.
start=${EPOCHREALTIME/./}
"$DELIVER" -f '' "${both[@]}" <"$message" 2>/dev/null || fail "undisturbed"
whole=$((${EPOCHREALTIME/./} - start))
for ((i = 0; i < ${KILLS:-300}; i++)); do
	if ((i % 10)); then empty; else fresh; fi
	"$DELIVER" -f '' "${both[@]}" <"$message" 2>/dev/null &
	pid=$!
	delay=$((RANDOM * (whole + whole / 3) / 32768))
	sleep "$((delay / 1000000)).$(printf '%06d' $((delay % 1000000)))"
	kill -9 $pid 2>/dev/null
	{
		wait $pid
		status=$?
	} 2>/dev/null
	holds $status 3 || fail "killed at a random time ($i)"
	((kills += 1))
done
echo "$kills kills: $seen_none times nobody had it, $seen_some times some," \
	"$seen_all times all; never a part of it"
((seen_none && seen_all)) || fail "not all moments were met"
