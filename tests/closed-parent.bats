#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# An instance below a directory that only root may enter, as below /root: what
# becomes the mail's owner has opened the way to it before.

load lib/helpers
load lib/dns
load lib/queue
load lib/relay
load lib/certificates
load lib/policy

setup()
{
	needs_root "a directory that is closed to the mail's owner"
	mkdir -m 0700 "$BATS_TEST_TMPDIR/closed"
	instance_new -d "$BATS_TEST_TMPDIR/closed/instance" \
		-o default_transport=smtp -o srs_domain=srs.test
	export QUEUE=$BESACE_VAR/queue
	printf '%s\n' 'out@example.test dave@example.net' \
		>>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
}

teardown()
{
	policy_stop
	server_stop
	dns_stop
}

queue_empty()
{
	[ "$(queue_files)" = '' ]
}

reverse_path()
{
	cat "$QUEUE"/new/* | sed -n '/^$/q; s/^Sender: //p'
}

# There is no way for the mail's owner.
@test "the directory is closed to the mail's owner" {
	run ! setpriv --reuid 5000 --regid 5000 --clear-groups ls "$BESACE_VAR"
}

@test "S26: an alias sends out, in a reverse-path of ours, which leads back" {
	mail_text | send_plain out@example.test
	path=$(reverse_path)
	has "$path" '^SRS0=.*=elsewhere.test=carol@srs.test$'
	rm "$QUEUE"/new/*
	mail_text | SENDER='' send_plain "$path"
	has "$(cat "$QUEUE"/new/*)" '^Recipient: carol@elsewhere.test$'
}

@test "S26: a reverse-path that is too long is kept, and leads back" {
	long=$(printf 'x%.0s' {1..63})@$(printf 'y%.0s' {1..60}).test
	mail_text | SENDER=$long send_plain out@example.test
	path=$(reverse_path)
	has "$path" '^SRS0=.+=..==[a-z2-7]{16}@srs.test$'
	rm "$QUEUE"/new/*
	mail_text | SENDER='' send_plain "$path"
	has "$(cat "$QUEUE"/new/*)" "^Recipient: $long\$"
}

@test "S36: the text of a quota warning is the administrator's" {
	printf 'Subject: at %%{percent}\n\nours\n' >"$BESACE_ETC/quota-warning"
	setting virtual_mailbox_limit 4000
	setting quota_warning 10
	mail_text | send_plain "$BOB"
	has "$(messages bob | tr '\n' '\0' | xargs -0 cat)" '^Subject: at '
}

@test "S162: a large message gets to a mailbox_command" {
	printf '#!/bin/sh\nwc -c >"%s/size"\n' "$BATS_TEST_TMPDIR" \
		>"$BATS_TEST_TMPDIR/command"
	chmod 755 "$BATS_TEST_TMPDIR/command"
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test"
	chmod 1777 "$BATS_TEST_TMPDIR"
	setting mailbox_command "$BATS_TEST_TMPDIR/command"
	{
		mail_text
		yes 'a line of a message that does not stay in memory' |
			head -n 50000
	} | send_plain "$BOB"
	is 1 "$(($(cat "$BATS_TEST_TMPDIR/size") > 2000000))"
}

@test "S60: mail leaves, and what is refused there comes back" {
	dns_serve <<-END
	example.net MX 10 mx.example.net
	mx.example.net A 127.0.0.1
	END
	server_start <<-'END'
	RCPT:2 reply 550 5.1.1 Nobody
	END
	mail_text | send_submission bob@example.net nobody@example.net
	run -0 "$BIN/queue-run"
	queue_empty
	is 1 "$(received)"
	has "$(message alice)" '^Subject: Undelivered|nobody@example.net'
}

@test "P36: an MTA-STS policy is fetched and kept" {
	export CERTS=$BATS_TEST_TMPDIR/certs
	mkdir "$CERTS"
	authority ca
	certificate mta-sts.example.net ca
	certificates_open
	setting smtp_tls_CAfile "$CERTS/ca.pem"
	dns_serve <<-'END'
	example.net MX 10 mx.example.net
	mx.example.net A 127.0.0.1
	_mta-sts.example.net TXT "v=STSv1; id=one"
	mta-sts.example.net A 127.0.0.1
	END
	policy_serve mta-sts.example.net
	policy enforce mx.example.org
	server_start </dev/null
	mail_text | send_submission bob@example.net
	run -0 "$BIN/queue-run"
	is 0 "$(received)"
	has "$(cat "$QUEUE"/deferred/*)" 'the MTA-STS policy of example\.net'
	has "$(cat "$BESACE_VAR/mta-sts/example.net")" '^mx: mx\.example\.org'
	is 5000 "$(stat -c %u "$BESACE_VAR/mta-sts/example.net")"
}

@test "a mailbox is read, written and exported" {
	mail_text | send_plain "$BOB"
	run -0 imap_session -u "$BOB" < <(crlf <<-'END'
	a SELECT INBOX
	b APPEND INBOX {16+}
	Subject: kept
	
	
	c FETCH 1:2 BODY.PEEK[HEADER.FIELDS (SUBJECT)]
	d LOGOUT
	END
	)
	has "$output" '^b OK'
	has "$output" '^Subject: kept'
	run -0 "$BIN/besace" export "$BOB"
	has "$output" '^Subject: greetings'
}
