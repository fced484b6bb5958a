#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# PHP's mail(), as its sendmail_path has it.

load ../lib/helpers

setup()
{
	needs php
	instance_new
}

# mail_by_php SENDMAIL_PATH PHP
mail_by_php()
{
	php -d "sendmail_path=$1" -r "$2"
}

@test "S158 PHP mail() through sendmail" {
	mail_by_php "$BIN/sendmail -t -i" 'exit(mail("bob@example.test", "caf\u{e9}",
		"line\r\n.\r\nlast", ["From" => "alice@example.test",
		"Bcc" => "alice@example.test"], "-falice@example.test") ? 0 : 1);'
	local seen
	seen=$(message bob)
	has "$seen" '^Return-Path: <alice@example\.test>$'
	has "$seen" '^Subject: caf'
	is $'line\n.\nlast' "$(sed '1,/^$/d' <<<"$seen")"
	hasnt "$seen" '^Bcc:'
	is 1 "$(count alice)"
}

@test "S158 PHP mail() says false when the recipient does not exist" {
	run mail_by_php "$BIN/sendmail -t -i" \
		'exit(mail("nobody@example.test", "s", "b") ? 0 : 9);'
	is 9 "$status"
	has "$output" '550 5\.1\.1'
	no_mail_at_all
}

@test "S158 PHP mail() through msmtp and a login" {
	needs msmtp
	instance_serve
	local rc=$BATS_TEST_TMPDIR/msmtprc
	cat >"$rc" <<-END
	account default
	host 127.0.0.1
	port $SUBMISSION
	tls on
	tls_certcheck off
	auth on
	user $ALICE
	password $ALICE_PASSWORD
	from $ALICE
	END
	chmod 600 "$rc"
	mail_by_php "msmtp -C $rc -t -i" \
		'exit(mail("bob@example.test", "s", "by msmtp") ? 0 : 1);'
	instance_stop
	has "$(message bob)" '^by msmtp$'
	has "$(message bob)" '^Message-ID: '
}
