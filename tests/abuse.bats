#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Failures are counted per address, for all services together, and get it
# banned for a time; the administrator sees and changes that.

load lib/helpers

setup()
{
	# dialogues come as files: nobody waits for his turn
	instance_new -o inbound_filters= -o reject_unauth_pipelining=no \
		-o abuse_ban_after=3 \
		-o abuse_ban_after_refusals=6
	WRONG=$(auth_plain "$ALICE" Gu3ssed)
}

lines()
{
	printf '%s\r\n' "$@"
}

# from IP COMMAND...: as the client of this address.
from()
{
	TCPREMOTEIP=$1 "${@:2}"
}

fail_smtp()
{
	from "$1" smtp_session -s submission < <(lines "EHLO a" "AUTH PLAIN $WRONG" QUIT)
}

fail_imap()
{
	from "$1" imap_session < <(lines "a LOGIN $ALICE Gu3ssed" "b LOGOUT")
}

# greeted IP: 220 and OK on both.
greeted()
{
	has "$(from "$1" smtp_session < <(lines QUIT))" '^220 ' &&
		has "$(from "$1" imap_session < <(lines "a LOGOUT"))" '^\* OK '
}

refused()
{
	has "$(from "$1" smtp_session < <(lines QUIT))" '^421 4\.7\.0 (Too many failures|Clients at)' &&
		has "$(from "$1" imap_session < <(lines "a LOGOUT"))" '^\* BYE (Too many failures|Clients at)'
}


@test "S156: failed SMTP logins get the address refused for a time, by all services" {
	local i
	for i in 1 2; do
		run -0 fail_smtp 192.0.2.1
		has "$output" '^535 5\.7\.8'
	done
	greeted 192.0.2.1
	run -0 fail_smtp 192.0.2.1
	logged ' banned ip=192\.0\.2\.1 until=[0-9-]*T[0-9:]*Z why=logins failures=3$'
	refused 192.0.2.1
	logged ' refused ip=192\.0\.2\.1 rule=abuse_ban_time answer="421 4\.7\.0'
	greeted 192.0.2.2
	! grep -r Gu3ssed "$BESACE_VAR" "$(log_file)"
}

@test "S155: failed IMAP logins get the address refused for a time, by all services" {
	local i
	for i in 1 2 3; do
		run -0 fail_imap 2001:db8:1:2::3
		has "$output" '^a NO \[AUTHENTICATIONFAILED\]'
	done
	refused 2001:db8:1:2::3
	# the attacker has the whole /64
	refused 2001:db8:1:2:ffff::4
	greeted 2001:db8:1:3::3
}

@test "S154: unknown recipients and relay tries get the address refused for a time" {
	run -0 from 192.0.2.1 smtp_session < <(lines "EHLO a" \
		"MAIL FROM:<a@elsewhere.test>" "RCPT TO:<no1@example.test>" \
		"RCPT TO:<no2@example.test>" "RCPT TO:<x@elsewhere.test>" QUIT)
	greeted 192.0.2.1
	run -0 from 192.0.2.1 smtp_session < <(lines "EHLO a" \
		"MAIL FROM:<a@elsewhere.test>" "RCPT TO:<no3@example.test>" \
		"RCPT TO:<x@elsewhere.test>" "RCPT TO:<no4@example.test>" QUIT)
	logged ' banned ip=192\.0\.2\.1 .* why=refusals failures=6$'
	refused 192.0.2.1
}

@test "S154: wrong commands get the address refused for a time, in SMTP and IMAP" {
	run -0 from 192.0.2.1 smtp_session < <(lines x "GET / HTTP/1.0" "HELO" QUIT)
	logged ' wrong-commands ip=192\.0\.2\.1 detail=3$'
	greeted 192.0.2.1
	run -0 from 192.0.2.1 imap_session < <(lines "a x" "b x" "c x" "d LOGOUT")
	refused 192.0.2.1
}

@test "an accepted message makes up for refusals, a login for failed ones" {
	local i
	for i in 1 2 3; do
		run -0 from 192.0.2.1 smtp_session < <(lines "EHLO a" \
			"MAIL FROM:<a@elsewhere.test>" "RCPT TO:<no1@example.test>" \
			"RCPT TO:<no2@example.test>" "RCPT TO:<no3@example.test>" \
			"RCPT TO:<$BOB>" DATA "Subject: x" "" x . QUIT)
		has "$output" '^250 2\.0\.0 Ok: '
		run -0 fail_smtp 192.0.2.2
		run -0 fail_imap 192.0.2.2
		run -0 from 192.0.2.2 imap_session < <(lines \
			"a LOGIN $ALICE $ALICE_PASSWORD" "b LOGOUT")
		has "$output" '^a OK '
	done
	greeted 192.0.2.1
	greeted 192.0.2.2
}

@test "refusals of a user who logged in, and later, are not counted" {
	local i
	for i in 1 2 3; do
		run -0 from 192.0.2.1 smtp_session -s submission < <(lines "EHLO a" \
			"AUTH PLAIN $ALICE_PLAIN" "MAIL FROM:<$ALICE>" \
			"RCPT TO:<no1@example.test>" "RCPT TO:<no2@example.test>" \
			"RCPT TO:<no3@example.test>" QUIT)
		has "$output" '^550 5\.1\.1'
	done
	greeted 192.0.2.1
}

@test "while banned, a session that is open already learns of no right guess" {
	local i
	run -0 from 192.0.2.1 smtp_session -s submission < <(lines "EHLO a" \
		"AUTH PLAIN $WRONG" "AUTH PLAIN $WRONG" "AUTH PLAIN $WRONG" \
		"AUTH PLAIN $ALICE_PLAIN" QUIT)
	is 3 "$(grep -c '^535 5\.7\.8' <<<"$output")"
	has "$output" '^454 4\.7\.0'
	hasnt "$output" '^235'
	logged 'login result=unavailable ip=192\.0\.2\.1 .* reason=banned'
}

@test "exempt: loopback, mynetworks, a pipe" {
	local i
	for i in 1 2 3 4; do
		run -0 fail_smtp 127.0.0.1
		run -0 fail_imap ::1
		run -0 fail_imap ""
	done
	greeted 127.0.0.1
	greeted ::1
	greeted ""
	setting mynetworks "192.0.2.0/24"
	for i in 1 2 3 4; do
		run -0 fail_imap 192.0.2.1
	done
	greeted 192.0.2.1
	[ -z "$("$BIN/besace" ban list)" ]
}

@test "answers to failed logins come later and later" {
	setting auth_failure_delay 1s
	setting abuse_ban_after 100
	local start=$SECONDS
	run -0 from 192.0.2.1 smtp_session -s submission < <(lines "EHLO a" \
		"AUTH PLAIN $WRONG" "AUTH PLAIN $WRONG" "AUTH PLAIN $WRONG" QUIT)
	is 3 "$(grep -c '^535' <<<"$output")"
	[ $((SECONDS - start)) -ge 6 ] # 1 + 2 + 4
}

@test "a ban ends; the next one is longer, up to the bound" {
	setting abuse_ban_after 1
	setting abuse_ban_time 1s
	setting abuse_ban_time_max 3s
	local first last
	run -0 fail_imap 192.0.2.1
	wait_until 20 greeted 192.0.2.1
	run -0 fail_imap 192.0.2.1
	first=$(date +%s)
	refused 192.0.2.1
	# two seconds, of which one has surely not passed before it was given
	wait_until 20 greeted 192.0.2.1
	last=$(date +%s)
	[ $((last - first)) -ge 1 ]
	run -0 fail_imap 192.0.2.1
	wait_until 20 greeted 192.0.2.1
	is 3 "$(grep -c ' banned ip=192\.0\.2\.1 ' "$(log_file)")"
}

@test "besace ban: add, list, del; networks, times, faults" {
	local ban=("$BIN/besace" ban)
	run -0 "${ban[@]}" list
	is "" "$output"
	run -0 "${ban[@]}" add 192.0.2.9
	run -0 "${ban[@]}" add 198.51.100.7/24 --for 2h
	run -0 "${ban[@]}" add 2001:db8::1
	run -0 "${ban[@]}" add 2001:db8:ff00::/40
	run -0 "${ban[@]}" list
	is 4 "${#lines[@]}"
	has "${lines[0]}" '^192\.0\.2\.9 +forever +by-hand +0$'
	has "${lines[1]}" '^198\.51\.100\.0/24 +20[0-9-]*T[0-9:]*Z +by-hand +0$'
	has "${lines[2]}" '^2001:db8::/64 +forever'
	has "${lines[3]}" '^2001:db8:ff00::/40 +forever'
	refused 192.0.2.9
	refused 198.51.100.200
	# IPv4 in IPv6's clothes is that IPv4, and networks of IPv6 hold no IPv4
	run -0 "${ban[@]}" add ::ffff:192.0.2.33
	run -0 "${ban[@]}" add ::ffff:192.0.3.1/120
	run -0 "${ban[@]}" add ::1
	run -0 "${ban[@]}" add ::/1
	refused 192.0.2.33
	refused 192.0.3.200
	refused 2001:db8:aa::1
	greeted 192.0.2.34
	greeted 203.0.113.1
	run -0 "${ban[@]}" del ::/1
	refused 2001:db8::ffff
	refused 2001:db8:ff12::1
	greeted 198.51.101.1
	greeted 2001:db8:fe12::1
	run -0 "${ban[@]}" del 192.0.2.9
	run -0 "${ban[@]}" del 198.51.100.0/24
	run -0 "${ban[@]}" del 2001:db8::77
	greeted 192.0.2.9
	greeted 198.51.100.7
	greeted 2001:db8::1
	run -67 "${ban[@]}" del 192.0.2.9
	has "$output" 'was not banned'
	for wrong in x 192.0.2.1/33 192.0.2.256 '!192.0.2.1' 0.0.0.0/0 ''; do
		run -65 "${ban[@]}" add "$wrong"
		has "$output" 'is not an address or network'
	done
	run -64 "${ban[@]}" add 192.0.2.1 --for soon
	run -64 "${ban[@]}" add 192.0.2.1 --for 0
	run -64 "${ban[@]}" add
	run -64 "${ban[@]}"
}

@test "besace ban add: who is exempt is served all the same, and that is said" {
	run -0 "$BIN/besace" ban add 192.0.2.9
	is "" "$output"
	setting mynetworks 192.0.2.0/28
	run -0 "$BIN/besace" ban add 192.0.2.9
	has "$output" 'warning: 192.0.2.9 is served all the same'
	greeted 192.0.2.9
}

@test "an automatic ban is shown and taken back" {
	local i
	for i in 1 2 3; do
		run -0 fail_imap 192.0.2.1
	done
	run -0 "$BIN/besace" ban list
	has "$output" '^192\.0\.2\.1 +20[0-9-]*T[0-9:]*Z +logins +3$'
	run -0 "$BIN/besace" ban del 192.0.2.1
	greeted 192.0.2.1
}

@test "a table that is missing, damaged, cut, foreign or cannot be had refuses nobody" {
	local abuse=$BESACE_VAR/abuse how
	for how in "rm -f" "truncate -s 0" "truncate -s 5000" "cp /etc/passwd" \
		"ln -sf /etc/passwd" "cp $BIN/besace" mkfifo; do
		if [[ $how = cp* || $how = ln* || $how = mkfifo ]]; then
			rm -f "$abuse"
		fi
		$how "$abuse"
		greeted 192.0.2.1
		run -0 "$BIN/besace" ban add 192.0.2.1
		refused 192.0.2.1
	done
	cmp -s /etc/passwd "$abuse" && return 1
	# nothing can be kept
	rm -f "$abuse"
	mkdir "$abuse"
	greeted 192.0.2.1
	run -0 fail_imap 192.0.2.1
	logged 'error what=open object=.*/abuse reason="Is a directory"'
	run -73 "$BIN/besace" ban list
}

@test "many addresses do not make the table grow" {
	greeted 192.0.2.1
	local size
	size=$(stat -c %s "$BESACE_VAR/abuse")
	[ "$size" -lt 5000000 ]
	run -0 bash -c 'for i in {1..200}; do "$0" ban add 10.1.2.$i; done' "$BIN/besace"
	is "$size" "$(stat -c %s "$BESACE_VAR/abuse")"
	is 200 "$("$BIN/besace" ban list | wc -l)"
	# what is not used takes no place on the disk
	[ "$(du -k "$BESACE_VAR/abuse" | cut -f1)" -lt 2000 ]
}

@test "made by root at the command line, it is the mail user's" {
	needs_root "takes on another user"
	chown 5000:5000 "$BESACE_VAR"
	run -0 "$BIN/besace" ban add 192.0.2.1
	is 5000:5000 "$(stat -c %u:%g "$BESACE_VAR/abuse")"
	is 600 "$(stat -c %a "$BESACE_VAR/abuse")"
}
