#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Passwords that Dovecot made let users in here by every mechanism that can use
# them, and Dovecot verifies those we make.

load ../lib/helpers

SECRET='correct horse'

setup()
{
	needs doveadm
	instance_new
}

pw()
{
	doveadm pw "$@" -p "$SECRET"
}

# login MECHANISM [PASSWORD]: alice's, by SMTP in clear.
login()
{
	local word=${2-$SECRET}
	case $1 in
	PLAIN) plain "$word" ;;
	CRAM-MD5) python3 "$BATS_TEST_TMPDIR/cram" "$word" ;;
	SCRAM-SHA-256) "$LIB/scram" "127.0.0.1:$SUBMISSION" "$ALICE" "$word" ;;
	esac
}

plain()
{
	printf 'EHLO a\r\nAUTH PLAIN %s\r\nQUIT\r\n' "$(auth_plain "$ALICE" "$1")" |
		smtp_session -s submission | grep '^235'
}

stored()
{
	printf '%s:%s\n' "$ALICE" "$1" >"$BESACE_ETC/passwords"
	run -0 "$BIN/besace" maps
	hasnt "$output" 'passwords:[0-9]'
}

@test "each scheme of doveadm pw but five works with PLAIN" {
	local scheme count=0
	for scheme in $(doveadm pw -l); do
		case $scheme in
		# of other mechanisms, or never used for passwords of mail
		OTP | PLAIN-MD4 | PLAIN-TRUNC | DIGEST-MD5 | PBKDF2) continue ;;
		esac
		stored "$(pw -s "$scheme")"
		login PLAIN
		run ! login PLAIN 'Correct horse'
		count=$((count + 1))
	done
	[ "$count" -ge 20 ]
	stored "$(pw -s SHA256.HEX)"
	login PLAIN
}

@test "S90: CRAM-MD5 and SCRAM-SHA-256 with Dovecot's own hashes" {
	local scheme
	instance_serve
	cat >"$BATS_TEST_TMPDIR/cram" <<-END
	import smtplib, sys
	client = smtplib.SMTP("127.0.0.1", $SUBMISSION)
	client.ehlo()
	client.user, client.password = "$ALICE", sys.argv[1]
	client.auth("CRAM-MD5", client.auth_cram_md5)
	END
	for scheme in PLAIN CRAM-MD5; do
		stored "$(pw -s "$scheme")"
		login CRAM-MD5
		run ! login CRAM-MD5 wrong
	done
	for scheme in PLAIN SCRAM-SHA-256; do
		stored "$(pw -s "$scheme")"
		login SCRAM-SHA-256
		run ! login SCRAM-SHA-256 wrong
	done
	stored "$(pw -s SCRAM-SHA-256 -r 70000)"
	login SCRAM-SHA-256
	instance_stop
}

@test "Dovecot verifies the passwords we make" {
	local scheme
	for scheme in CRYPT SHA512-CRYPT SHA256-CRYPT BLF-CRYPT ARGON2ID ARGON2I \
		PLAIN CRAM-MD5 SCRAM-SHA-256 SCRAM-SHA-1; do
		echo "$SECRET" | "$BIN/besace" user password "$ALICE" \
			--scheme "$scheme" --password-stdin
		local hash
		hash=$(sed -n "s/^$ALICE://p" "$BESACE_ETC/passwords")
		doveadm pw -t "$hash" -p "$SECRET" -u "$ALICE"
		run ! doveadm pw -t "$hash" -p wrong -u "$ALICE"
	done
}
