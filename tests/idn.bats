#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Domains and local parts beyond ASCII in the tables: one address, however it
# is written.

load lib/helpers

U=bücher.test
A=xn--bcher-kva.test

setup()
{
	instance_new
}

# table NAME LINE...: adds lines and compiles.
table()
{
	local name=$1
	shift
	printf '%s\n' "$@" >>"$BESACE_ETC/$name"
	"$BIN/besace" maps
}

@test "a domain in U-labels in the tables is found by its A-labels, and the other way round" {
	table domains "$U" "xn--mnchen-3ya.test"
	table mailboxes "jörg@$U $A/joerg/" "@münchen.test $A/rest/"
	local address
	for address in "jörg@$U" "jörg@$A" "JÖRG@BÜCHER.Test" "jörg+x@XN--BCHER-KVA.test" \
		$'jo\xcc\x88rg@bu\xcc\x88cher.test'; do
		run -0 "$BIN/besace" lookup "$address"
		has "$output" "$A/joerg"
	done
	for address in x@münchen.test x@xn--mnchen-3ya.test; do
		run -0 "$BIN/besace" lookup "$address"
		has "$output" "$A/rest"
	done
}

@test "besace maps finds the same address written twice, and refuses labels that are none" {
	table domains "$U"
	table mailboxes "a@$U a/"
	printf '%s\n' "a@$A b/" >>"$BESACE_ETC/mailboxes"
	run "$BIN/besace" maps
	[ "$status" -ne 0 ]
	has "$output" "mailboxes:[0-9]+: a@$A: stands in line"
	sed -i '$d' "$BESACE_ETC/mailboxes"
	local label
	for label in xn--abc-.test $'a\xe2\x80\x8d\x62.test' 'i❤.test' xn--zzzzzzzz99999.test; do
		printf '%s\n' "$label" >>"$BESACE_ETC/domains"
		run "$BIN/besace" maps
		[ "$status" -ne 0 ]
		has "$output" 'domains:[0-9]+: .*is not a domain name'
		sed -i '$d' "$BESACE_ETC/domains"
	done
	"$BIN/besace" maps
}

@test "an account beyond ASCII: made, logged in and delivered to in each spelling" {
	printf 'secret\n' | "$BIN/besace" user add "jörg@$U" --password-stdin
	local login
	for login in "jörg@$U" "jörg@$A" "Jörg@$U"; do
		smtp_dialogue -s submission <<-END
		S* 220
		C: EHLO client.example
		S* 250
		C: AUTH PLAIN $(auth_plain "$login" secret)
		S* 235
		C: QUIT
		S* 221
		END
	done
	mail_text | "$BIN/deliver" -f carol@elsewhere.test "jörg@$U" "jörg@$A"
	is 1 "$(messages "jörg@$A" | wc -l)"
	has "$(message "jörg@$A")" "^Delivered-To: jörg@$U\$"
}

@test "a message from a domain in U-labels is signed with the key of its A-labels" {
	table dkim-keys "idn $U:mail:$(dkim_key_file)"
	table dkim-signing "*@$U idn"
	local from
	for from in "$U" "$A"; do
		run -0 --separate-stderr "$BIN/dkimsign" < <(printf 'From: <jörg@%s>\nSubject: x\n\nx\n' "$from")
		has "$output" "d=$A;"
	done
}

@test "Authentication-Results that claim a domain of ours in U-labels are removed" {
	table domains "$U"
	printf 'Authentication-Results: %s; spf=pass\nSubject: x\n\nx\n' BÜCHER.test >"$BATS_TEST_TMPDIR/m"
	printf 'Authentication-Results: %s; spf=pass\nSubject: x\n\nx\n' andere.test >"$BATS_TEST_TMPDIR/n"
	send_plain "$BOB" <"$BATS_TEST_TMPDIR/m"
	hasnt "$(message bob)" '^Authentication-Results'
	mail_clear
	send_plain "$BOB" <"$BATS_TEST_TMPDIR/n"
	has "$(message bob)" '^Authentication-Results'
}
