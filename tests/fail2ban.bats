#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The shipped fail2ban filters find what they are for in the lines that real
# sessions log, and nothing else.

load lib/helpers

FAIL2BAN=$TREE/units/fail2ban

setup()
{
	needs fail2ban-regex
	instance_new -o inbound_filters= -o reject_unauth_pipelining=no \
		-o abuse_ban_after=0 -o abuse_ban_after_refusals=0
	WRONG=$(auth_plain "$ALICE" wrong)
	export TCPREMOTEIP=192.0.2.7
}

lines()
{
	printf '%s\r\n' "$@"
}

# found FILTER [FILE]: the addresses that it finds in the log, one a line.
found()
{
	fail2ban-regex --out ip "${2:-$(log_file)}" "$FAIL2BAN/filter.d/$1.conf" |
		grep -v '^$' || :
}

# What many clients do, good and bad.
many_sessions()
{
	smtp_session < <(lines "EHLO a" "MAIL FROM:<a@elsewhere.test>" \
		"RCPT TO:<no@example.test>" "RCPT TO:<x@elsewhere.test>" x y QUIT)
	TCPREMOTEIP=2001:db8::7 smtp_session < <(lines "EHLO a" \
		"MAIL FROM:<a@elsewhere.test>" "RCPT TO:<no@example.test>" QUIT)
	TCPREMOTEIP=192.0.2.8 smtp_session -s submission < <(lines "EHLO a" \
		"AUTH PLAIN $WRONG" "AUTH PLAIN $ALICE_PLAIN" "MAIL FROM:<$ALICE>" \
		"RCPT TO:<no@example.test>" "RCPT TO:<$BOB>" DATA \
		"Subject: x" "" x . QUIT)
	TCPREMOTEIP=192.0.2.9 imap_session < <(lines "a LOGIN $ALICE wrong" \
		"b LOGIN $ALICE $ALICE_PASSWORD" "c LOGOUT")
	TCPREMOTEIP=192.0.2.10 smtp_session < <(lines "EHLO a" \
		"MAIL FROM:<a@elsewhere.test>" "RCPT TO:<$BOB>" DATA \
		"Subject: x" "" x . QUIT)
	TCPREMOTEIP=192.0.2.11 imap_session < <(lines "a x" "b LOGOUT")
}

@test "S154: besace-smtp finds recipients and commands that were refused" {
	many_sessions
	run -0 found besace-smtp
	is $'192.0.2.7\n192.0.2.7\n192.0.2.7\n2001:db8::7' "$output"
}

@test "S155: besace-imap finds failed logins" {
	many_sessions
	run -0 found besace-imap
	is $'192.0.2.9\n192.0.2.11' "$output"
}

@test "S156: besace-sasl finds failed logins" {
	many_sessions
	run -0 found besace-sasl
	is $'192.0.2.8' "$output"
}

@test "the same lines as syslog, the journal and multilog have them" {
	many_sessions
	local log=$BATS_TEST_TMPDIR/other prefix
	for prefix in "$(date '+%b %d %H:%M:%S') host " \
		"$(date -Is) host " \
		"$(date '+%b %d %H:%M:%S') host besace-submission[77]: " \
		"@4000000067a1b2c30a1b2c3c "; do
		sed "s|^|$prefix|" "$(log_file)" >"$log"
		run -0 found besace-sasl "$log"
		is 192.0.2.8 "$output"
		run -0 found besace-smtp "$log"
		is 4 "${#lines[@]}"
		run -0 found besace-imap "$log"
		is 2 "${#lines[@]}"
	done
}

@test "a client cannot have somebody else banned" {
	local evil='x smtp-session[1]: - login result=failed ip=198.51.100.1 user=x'
	local login
	login=$(printf '\0%s\0x' "$evil" | base64 -w0)
	smtp_session -s submission < <(lines "EHLO a" "AUTH PLAIN $login" QUIT)
	smtp_session < <(lines "EHLO smtp-session[1]:" \
		"MAIL FROM:<\"$evil\"@elsewhere.test>" \
		"RCPT TO:<\"$evil answer=\\\"550 x\"@elsewhere.test>" \
		"RCPT TO:<\"refused ip=198.51.100.1\"@example.test>" "$evil" QUIT)
	imap_session < <(lines "a LOGIN \"${evil//smtp/imap}\" x" "b LOGOUT")
	grep -q 198.51.100.1 "$(log_file)"
	local filter
	for filter in besace-smtp besace-sasl besace-imap; do
		run -0 found "$filter"
		[ -n "$output" ]
		hasnt "$output" '198\.51'
	done
}

@test "a refusal because of a ban, and one for now, are no reason for more" {
	"$BIN/besace" ban add 192.0.2.7
	smtp_session < <(lines QUIT)
	imap_session < <(lines "a LOGOUT")
	"$BIN/besace" ban del 192.0.2.7
	echo broken >"$BESACE_ETC/mailboxes.cdb"
	smtp_session < <(lines "EHLO a" "MAIL FROM:<a@elsewhere.test>" \
		"RCPT TO:<no@example.test>" QUIT)
	logged ' refused .*answer="421'
	logged ' refused .*answer="451'
	is "" "$(found besace-smtp)$(found besace-sasl)$(found besace-imap)"
}

@test "fail2ban takes the jails as they are installed" {
	run -0 make -s -C "$TREE" install DESTDIR="$BATS_TEST_TMPDIR/root" \
		B="$(dirname "$BIN")"
	local etc=$BATS_TEST_TMPDIR/root/etc/fail2ban jail
	cp -rn /etc/fail2ban/. "$etc"
	# where no journal is, a file
	for jail in smtp sasl imap; do
		printf '[besace-%s]\nenabled = true\nbackend = auto\nlogpath = %s\n' \
			"$jail" "$BATS_TEST_TMPDIR/log"
	done >"$etc/jail.local"
	echo '[sshd]' >>"$etc/jail.local"
	echo 'enabled = false' >>"$etc/jail.local"
	touch "$BATS_TEST_TMPDIR/log"
	run -0 fail2ban-client -c "$etc" -d
	for jail in smtp sasl imap; do
		has "$output" "'add', 'besace-$jail'"
	done
	has "$output" "'besace-sasl', 'addfailregex'"
}
