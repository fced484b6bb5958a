#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# besace quota: what mailboxes hold, and what they may.

load lib/helpers
load lib/deliver
load lib/quota

setup()
{
	instance_new -o quota_warning=
	BOX=$(maildir bob)
}

besace_quota()
{
	"$BIN/besace" quota "$@"
}

# fill NAME OCTETS
fill()
{
	mail_of "$2" >"$BOX/$1"
	owned_by_vmail "$BOX/$1"
}

@test "list: each mailbox with percent, octets, messages and limits" {
	quota bob 10000,4
	fill cur/1700000001.M1P1.h:2,S 2500
	fill .Trash/cur/1700000002.M1P1.h:2,S 500
	run -0 besace_quota list
	is "alice@example.test	-	0	-	0	-
bob@example.test	50%	3000	10000	2	4" "$output"
	is "10000S,4C
3000 2" "$(cat "$BOX/maildirsize")"
	setting virtual_mailbox_limit 1k
	run -0 besace_quota show Alice@Example.test
	is "alice@example.test	0%	0	1024	0	-" "$output"
}

@test "list goes on behind a mailbox that cannot be read, and says so" {
	quota alice 1000
	chmod 0 "$(maildir alice)/cur"
	run -74 besace_quota list
	has "$output" '^besace: unable to count example.test/alice: Permission denied$'
	has "$output" '^bob@example.test	-	0'
}

@test "list of thousands of mailboxes, most without mail" {
	local n
	for ((n = 0; n < 3000; n++)); do
		echo "user$n@example.test example.test/user$n quota=1G"
	done >>"$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	run -0 besace_quota list
	is 3002 "${#lines[@]}"
	has "$output" '^user2999@example.test	0%	0	1073741824	0	-$'
	[ ! -e "$(maildir user1)" ]
}

@test "recalc counts anew what was changed by hand" {
	quota bob 10000
	fill cur/1700000001.M1P1.h:2,S 500
	besace_quota show "$BOB"
	fill cur/1700000002.M1P1.h:2,S 500
	run -0 besace_quota show "$BOB"
	is "bob@example.test	5%	500	10000	1	-" "$output"
	run -0 besace_quota recalc "$BOB"
	is "bob@example.test	10%	1000	10000	2	-" "$output"
	noted_right "$BOX"
	[ "$(id -u)" != 0 ] || is 5000 "$(stat -c %u "$BOX/maildirsize")"
}

@test "recalc without a limit takes a file of another program's away" {
	note "$BOX" 5000S '777 7'
	fill cur/1700000001.M1P1.h:2,S 500
	run -0 besace_quota recalc "$BOB"
	is "bob@example.test	-	500	-	1	-" "$output"
	[ ! -e "$BOX/maildirsize" ]
}

@test "set: the text keeps its comments, the limit counts at once" {
	cat >"$BESACE_ETC/mailboxes" <<-'END'
	# ours
	alice@example.test  example.test/alice/

	# his is large
	Bob@example.test  /example.test/bob quota=1G
	carol@example.test  example.test/carol/
	END
	run -0 besace_quota set Bob@Example.test 5G,10000
	is "bob@example.test may hold 5G,10000" "$output"
	is "# ours
alice@example.test  example.test/alice/

# his is large
bob@example.test  example.test/bob/ quota=5G,10000
carol@example.test  example.test/carol/" "$(cat "$BESACE_ETC/mailboxes")"
	run -0 besace_quota show "$BOB"
	is "bob@example.test	0%	0	5368709120	0	10000" "$output"
	run -0 besace_quota set "$BOB" 0,7
	run -0 besace_quota show "$BOB"
	is "bob@example.test	0%	0	-	0	7" "$output"
	setting virtual_mailbox_limit 2k
	run -0 besace_quota set "$BOB" none
	run -0 besace_quota show "$BOB"
	is "bob@example.test	-	0	-	0	-" "$output"
	run -0 besace_quota set "$BOB" default
	run -0 besace_quota show "$BOB"
	is "bob@example.test	0%	0	2048	0	-" "$output"
	has "$(cat "$BESACE_ETC/mailboxes")" '^bob@example.test  example.test/bob/$'
	echo '@example.test example.test/rest' >>"$BESACE_ETC/mailboxes"
	run -0 besace_quota set @example.test 1M
	has "$(cat "$BESACE_ETC/mailboxes")" '^@example.test  example.test/rest/ quota=1M$'
}

@test "set of nonsense changes nothing" {
	local before wrong
	before=$(cat "$BESACE_ETC/mailboxes")
	for wrong in '' 5X -1 '5G,' 99999999999999999999 '5G 6' "5G
x" 10,20,30; do
		run -65 besace_quota set "$BOB" "$wrong"
		has "$output" '^besace: a limit is a size'
	done
	run -67 besace_quota set nobody@example.test 5G
	run -67 besace_quota show nobody@example.test
	run -65 besace_quota show nobody
	run -64 besace_quota
	run -64 besace_quota set "$BOB"
	run -64 besace_quota show
	run -64 besace_quota list "$BOB"
	is "$before" "$(cat "$BESACE_ETC/mailboxes")"
}
