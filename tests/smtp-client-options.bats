#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Clients people use, with the extensions they know: SIZE, 8BITMIME, DSN,
# SMTPUTF8; and what of it reaches the delivery program.

load lib/helpers
load lib/facts

setup_file()
{
	instance_new -o outbound_filters=
	printf '%s\n' bücher.test >>"$BESACE_ETC/domains"
	printf '%s\n' 'jörg@bücher.test bücher.test/jörg/' >>"$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	facts_setup
	instance_serve
}

teardown_file()
{
	instance_stop
}

setup()
{
	mail_clear
	facts_clear
}

@test "Python's smtplib: send_message with addresses beyond ASCII" {
	python3 - "$SMTP" <<-'END'
	import smtplib, sys
	from email.message import EmailMessage
	from email.policy import SMTPUTF8
	m = EmailMessage(policy=SMTPUTF8)
	m["From"] = "carøl@äpfel.test"
	m["To"] = "jörg@bücher.test"
	m["Subject"] = "grüße"
	m.set_content("grüße\n")
	with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "client.example", 20) as s:
	    s.ehlo()
	    assert s.has_extn("smtputf8") and s.has_extn("8bitmime")
	    assert s.esmtp_features["limits"] == "MAILMAX=1000 RCPTMAX=1000"
	    assert s.send_message(m) == {}
	    assert s.verify("bob@example.test")[0] == 252
	END
	is '[1]' "$(fact SMTPUTF8)"
	is '[8BITMIME]' "$(fact BODY)"
	is '[carøl@äpfel.test]' "$(fact SENDER)"
	has "$(cat "$MAIL"/bücher.test/jörg/new/*)" '^Delivered-To: jörg@bücher\.test$'
}

@test "Python's smtplib: mail_options and rcpt_options, in TLS" {
	python3 - "$SMTP" <<-'END'
	import smtplib, ssl, sys
	context = ssl._create_unverified_context()
	with smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "client.example", 20) as s:
	    s.starttls(context=context)
	    s.ehlo()
	    assert s.has_extn("requiretls") and s.has_extn("dsn")
	    s.sendmail("carol@elsewhere.test", ["bob@example.test"],
	               "Subject: x\r\n\r\n.\r\n", ["RET=HDRS", "ENVID=e+3D1", "REQUIRETLS"],
	               ["NOTIFY=SUCCESS,FAILURE", "ORCPT=rfc822;b+2Bx@elsewhere.test"])
	END
	is '[HDRS][e+3D1][1]' "$(fact DSN_RET)$(fact ENVELOPE_ID)$(fact REQUIRETLS)"
	is '[NOTIFY=SUCCESS,FAILURE ORCPT=rfc822;b+2Bx@elsewhere.test
]' "$(fact RECIPIENT_OPTIONS)"
	is 1 "$(count bob)"
}

@test "S157 msmtp with dsn_notify and dsn_return" {
	needs msmtp
	cat >"$BATS_TEST_TMPDIR/msmtprc" <<-END
	account default
	host 127.0.0.1
	port $SUBMISSION
	tls on
	tls_certcheck off
	auth plain
	user $ALICE
	passwordeval "echo '$ALICE_PASSWORD'"
	from $ALICE
	dsn_notify failure,delay
	dsn_return headers
	timeout 20
	END
	chmod 600 "$BATS_TEST_TMPDIR/msmtprc"
	mail_text 'by msmtp' | sed "s/^From: .*/From: <$ALICE>/" |
		msmtp -C "$BATS_TEST_TMPDIR/msmtprc" "$BOB"
	is '[HDRS]' "$(fact DSN_RET)"
	has "$(fact RECIPIENT_OPTIONS)" '^\[NOTIFY=FAILURE,DELAY'
	is 1 "$(count bob)"
}

@test "mutt and neomutt by SMTP with dsn_notify" {
	local mutt
	for mutt in mutt neomutt; do
		command -v $mutt >/dev/null || continue
		mail_clear
		facts_clear
		cat >"$BATS_TEST_TMPDIR/muttrc" <<-END
		set smtp_url="smtp://alice%40example.test@127.0.0.1:$SUBMISSION/"
		set smtp_pass="$ALICE_PASSWORD"
		set ssl_starttls=yes ssl_force_tls=yes ssl_verify_host=no
		set ssl_verify_dates=no certificate_file=$BATS_TEST_TMPDIR/certs
		set from=$ALICE use_from=yes envelope_from_address=$ALICE use_envelope_from=yes
		set dsn_notify=success,failure dsn_return=full
		set copy=no hostname=client.example
		END
		cp "$BESACE_ETC"/tls/*.crt "$BATS_TEST_TMPDIR/certs"
		run -0 timeout 30 env HOME="$BATS_TEST_TMPDIR" \
			TMPDIR="$BATS_TEST_TMPDIR" $mutt -n \
			-F "$BATS_TEST_TMPDIR/muttrc" -s "by $mutt" "$BOB" <<<"text"
		is '[FULL]' "$(fact DSN_RET)"
		has "$(fact RECIPIENT_OPTIONS)" '^\[NOTIFY=SUCCESS,FAILURE'
		has "$(message bob)" "^Subject: by $mutt\$"
	done
}

@test "curl to an address beyond ASCII" {
	needs curl
	mail_text 'by curl' | crlf >"$BATS_TEST_TMPDIR/m"
	run -0 env LC_ALL=C.UTF-8 curl -sS --url "smtp://127.0.0.1:$SMTP/client.example" \
		--mail-from carol@elsewhere.test --mail-rcpt 'jörg@bücher.test' \
		--upload-file "$BATS_TEST_TMPDIR/m"
	is '[1]' "$(fact SMTPUTF8)"
	is 1 "$(find "$MAIL/bücher.test/jörg/new" -type f | wc -l)"
}

@test "swaks: parameters by hand, a size that is too large, and a pipeline" {
	needs swaks
	local swaks=(swaks --server 127.0.0.1 --port "$SMTP" --helo client.example --timeout 20)
	# swaks puts ">" behind what it is given
	run -0 "${swaks[@]}" --to "$BOB> NOTIFY=DELAY ORCPT=rfc822;x@y" \
		--from 'carol@elsewhere.test> SIZE=1000 ENVID=s1'
	is '[s1>]' "$(fact ENVELOPE_ID)"
	is '[NOTIFY=DELAY ORCPT=rfc822;x@y>
]' "$(fact RECIPIENT_OPTIONS)"
	run "${swaks[@]}" --to "$BOB" --from 'carol@elsewhere.test> SIZE=52428801 ENVID=s1'
	[ "$status" -ne 0 ]
	has "$output" '552 5\.3\.4'
	mail_clear
	run -0 "${swaks[@]}" --pipeline --to "$BOB" --from carol@elsewhere.test
	has "$(message bob)" '^Delivered-To: bob'
}

@test "Perl's Net::SMTP with the options it knows" {
	perl -MNet::SMTP -e1 2>/dev/null || skip "no Net::SMTP"
	perl - "$SMTP" <<-'END'
	use Net::SMTP;
	my $s = Net::SMTP->new("127.0.0.1", Port => $ARGV[0], Timeout => 20) or die;
	for (1, 2) {
	    $s->mail("carol\@elsewhere.test", Bits => 8, Size => 40, Return => "FULL", Envelope => "n$_") or die;
	    $s->recipient("bob\@example.test", { Notify => ["NEVER"], ORcpt => "rfc822;x\@y" }) or die;
	    $s->data("Subject: x\n\n.\n..\nend\n") or die;
	}
	$s->quit or die;
	END
	is 2 "$(count bob)"
	is '[n2][FULL][8BITMIME]' "$(fact ENVELOPE_ID)$(fact DSN_RET)$(fact BODY)"
	is '.
..
end' "$(sed '1,/^$/d' "$(messages bob | head -1)")"
}
