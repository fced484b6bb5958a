#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The header of a message that is taken: what a user's program left out, what
# must not be passed on, what a stranger forged; and all that stays.

load lib/helpers

setup_file()
{
	instance_new -o inbound_filters= -o outbound_filters=
}

setup()
{
	mail_clear
}

# without_trace USER: the stored message without what this server put on top.
without_trace()
{
	message "$1" | awk 'top && /^[ \t]/ { next }
		!done && /^(Return-Path|X-Original-To|Delivered-To|Received):/ { top = 1; next }
		{ top = 0; done = 1; print }'
}

@test "RFC 6409 8: a user's message gets Date and Message-ID, and loses Bcc" {
	run -0 send_submission "$BOB" <<-'END'
	X-First:   odd  spacing
	From: alice@example.test
	bcc : eve@elsewhere.test,
	  dave@elsewhere.test
	To: bob@example.test,
	  (folded) alice@example.test
	Resent-Bcc: eve@elsewhere.test
	Subject: =?utf-8?q?as_it_is?=

	Bcc: in the body
	END
	local uid
	uid=$(sed -nE 's/^250 2.0.0 Ok: (\w+).*/\1/p' <<<"$output")
	[ -n "$uid" ]
	without_trace bob >"$BATS_TEST_TMPDIR/got"
	sed -E 's/^Date: [A-Z][a-z]{2}, [0-9]{2} [A-Z][a-z]{2} [0-9]{4} [0-9:]{8} [+-][0-9]{4}$/Date: now/' \
		"$BATS_TEST_TMPDIR/got" >"$BATS_TEST_TMPDIR/dated"
	diff - "$BATS_TEST_TMPDIR/dated" <<-END
	X-First:   odd  spacing
	From: alice@example.test
	To: bob@example.test,
	  (folded) alice@example.test
	Subject: =?utf-8?q?as_it_is?=
	Date: now
	Message-ID: <$uid@example.test>

	Bcc: in the body
	END
}

@test "RFC 6409 8: a whole header of a user stays octet by octet" {
	local text=$BATS_TEST_TMPDIR/text
	printf '%s\n' 'DATE: of mine' 'Message-Id:<a@b>' 'X:' ' ' '' b >"$text"
	run -0 send_submission "$BOB" <"$text"
	without_trace bob | cmp - "$text"
}

@test "RFC 6409 8: a user's message that is no header at all" {
	run -0 send_submission "$BOB" <<<'no field'
	without_trace bob >"$BATS_TEST_TMPDIR/got"
	has "$(sed -n 1p "$BATS_TEST_TMPDIR/got")" '^Date: '
	has "$(sed -n 2p "$BATS_TEST_TMPDIR/got")" '^Message-ID: <.+@example\.test>$'
	is $'\nno field' "$(sed 1,2d "$BATS_TEST_TMPDIR/got")"
}

@test "a stranger's message keeps Bcc and gets no Date" {
	local text=$BATS_TEST_TMPDIR/text
	printf '%s\n' 'From: carol@elsewhere.test' 'Bcc: bob@example.test' '' b >"$text"
	run -0 send_plain "$BOB" <"$text"
	without_trace bob | cmp - "$text"
}

forged()
{
	cat <<-'END'
	Authentication-Results: example.test; dkim=pass header.d=bank.test
	Authentication-Results: EXAMPLE.test 1;
	  dmarc=pass header.from=bank.test
	X-Kept: 1
	authentication-results :
	  (a (nested) \) comment) "example\.test" ; spf=pass
	Authentication-Results: (never closed example.test; dkim=pass
	Authentication-Results: example.test.; none
	Authentication-Results: mx.other.test; spf=pass smtp.mailfrom=example.test
	Authentication-Results: spf=pass (sender IP is 192.0.2.1)
	ARC-Authentication-Results: i=1; example.test; dkim=pass
	Subject: forged
	Date: Mon, 06 Jan 2025 10:00:00 +0000
	Message-ID: <1@bank.test>

	Authentication-Results: example.test; in the body
	END
}

honest()
{
	cat <<-'END'
	X-Kept: 1
	Authentication-Results: mx.other.test; spf=pass smtp.mailfrom=example.test
	Authentication-Results: spf=pass (sender IP is 192.0.2.1)
	ARC-Authentication-Results: i=1; example.test; dkim=pass
	Subject: forged
	Date: Mon, 06 Jan 2025 10:00:00 +0000
	Message-ID: <1@bank.test>

	Authentication-Results: example.test; in the body
	END
}

@test "Authentication-Results that claim our name are removed, others kept (CVE-2020-12272 class)" {
	run -0 send_plain "$BOB" < <(forged)
	diff <(honest) <(without_trace bob)
}

@test "a user cannot forge Authentication-Results either" {
	run -0 send_submission "$BOB" < <(forged)
	diff <(honest) <(without_trace bob)
}

@test "Authentication-Results of a domain we serve, not only of our host name" {
	setting myhostname mx.hosting.test
	run -0 send_plain "$BOB" <<-'END'
	Authentication-Results: mx.hosting.test; dkim=pass
	Authentication-Results: example.test; dkim=pass
	Subject: both

	END
	setting myhostname example.test
	is $'Subject: both\n' "$(without_trace bob)"$'\n'
}

@test "a line that is no field ends the header for every reader: a forged field after it is body" {
	run -0 send_plain "$BOB" <<-'END'
	Subject: cut
	not a field
	Authentication-Results: example.test; dkim=pass
	END
	is 'Subject: cut

not a field
Authentication-Results: example.test; dkim=pass' "$(without_trace bob)"
}

@test "domains.cdb that cannot be read is a temporary failure, nothing is lost" {
	instance_new -d "$BATS_TEST_TMPDIR/broken"
	truncate -s 100 "$BESACE_ETC/domains.cdb"
	run ! send_plain "$BOB" < <(forged)
	has "$output" '^4'
	instance_use "$BATS_FILE_TMPDIR/instance"
}

@test "Return-Path of the sender's own is gone, one is ours" {
	run -0 send_plain "$BOB" <<-'END'
	Return-Path: <forged@bank.test>
	Subject: path

	END
	is 'Return-Path: <carol@elsewhere.test>' "$(message bob | grep -i '^return-path')"
}

@test "a large message is cleaned in bounded memory, in the header and behind it" {
	local text=$BATS_TEST_TMPDIR/text
	{
		awk 'BEGIN { for (i = 0; i < 200000; i++)
			print "Bcc: x\nX-" i ": y\nAuthentication-Results: example.test; none" }'
		echo 'Date: x'
		echo 'Message-ID: y'
		echo
		head -c 30000000 /dev/zero | tr '\0' x | fold -w 500
	} >"$text"
	local limit='ulimit -v 200000'
	if sanitized; then
		limit=true
	fi
	SMTP_AUTH=$ALICE_PLAIN run -0 "$LIB/smtp-send" "$ALICE" "$BOB" -- \
		bash -c "$limit; exec \"\$BIN/smtp-session\" -s submission" <"$text"
	without_trace bob | cmp - <(awk '!/^(Bcc|Auth)/' "$text")
}

@test "S53 the login stands in Received when smtpd_sasl_authenticated_header says so, by default not" {
	run -0 send_submission "$BOB" < <(mail_text)
	hasnt "$(message bob)" 'Authenticated sender'
	mail_clear
	setting smtpd_sasl_authenticated_header yes
	run -0 send_submission "$BOB" < <(mail_text)
	run -0 send_plain "$ALICE" < <(mail_text)
	setting smtpd_sasl_authenticated_header no
	has "$(message bob)" '^	\(Authenticated sender: alice@example\.test\)$'
	hasnt "$(message alice)" 'Authenticated sender'
}

@test "smtpd_hide_client_session: Received of a user does not say from where, a stranger's does" {
	export TCPREMOTEIP=192.0.2.77 TCPREMOTEHOST=home.example
	run -0 send_submission "$BOB" < <(mail_text)
	has "$(message bob)" '192\.0\.2\.77'
	mail_clear
	setting smtpd_hide_client_session yes
	run -0 send_submission "$BOB" < <(mail_text)
	run -0 send_plain "$ALICE" < <(mail_text)
	setting smtpd_hide_client_session no
	hasnt "$(message bob)" '192\.0\.2\.77|home\.example|client\.example'
	has "$(message bob)" '^Received: by example\.test \(besace\) with ESMTPA id '
	has "$(message alice)" '192\.0\.2\.77'
}
