#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay sends to servers of others: Postfix with TLS and a login, and its
# smtp-sink, by the features these offer. They run with configurations of their
# own on loopback, not as services.

load ../lib/helpers
load ../lib/dns
load ../lib/relay

POSTFIX=/usr/sbin/postfix

setup_file()
{
	needs_root "Postfix's master starts as root"
	[ -x "$POSTFIX" ] || skip "postfix is not installed"
	local dir
	dir=$(mktemp -d /tmp/besace-peer.XXXXXX)
	chmod 755 "$dir"
	export PEER=$dir/postfix PEER_DIR=$dir
	PEER_PORT=$(free_port)
	export PEER_PORT
	postfix_configure
	"$POSTFIX" -c "$PEER/etc" start >"$PEER/log" 2>&1 3>&-
	wait_until 20 listening "$PEER_PORT"
}

teardown_file()
{
	[ -z "${PEER-}" ] || "$POSTFIX" -c "$PEER/etc" stop >/dev/null 2>&1 || true
	[ -z "${PEER_DIR-}" ] || rm -rf "$PEER_DIR"
}

setup()
{
	instance_new
	queue_make
	dns_serve <<-END
	peer.example MX 10 mx.peer.example
	mx.peer.example A 127.0.0.1
	END
	export BESACE_SMTP_PORT=$PEER_PORT
	rm -rf "$PEER/mail"/*
	: >"$PEER/mail.log"
}

teardown()
{
	[ -z "${SINK_PID-}" ] || kill "$SINK_PID" 2>/dev/null || true
	dns_stop
}

# Mail for peer.example is stored in Maildirs; nobody@ is unknown.
postfix_configure()
{
	mkdir -p "$PEER/etc" "$PEER/queue" "$PEER/data" "$PEER/mail"
	chown postfix:postfix "$PEER/data"
	chown 5000:5000 "$PEER/mail"
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 \
		-subj /CN=mx.peer.example -addext subjectAltName=DNS:mx.peer.example \
		-keyout "$PEER/etc/key.pem" -out "$PEER/etc/cert.pem" 2>/dev/null
	printf '%s\n' 'bob@peer.example bob/' 'carol@peer.example carol/' \
		'jörg@peer.example joerg/' >"$PEER/etc/boxes"
	cat >"$PEER/etc/main.cf" <<-END
	compatibility_level = 3.6
	myhostname = mx.peer.example
	mydestination =
	mynetworks =
	inet_interfaces = 127.0.0.1
	alias_maps =
	queue_directory = $PEER/queue
	data_directory = $PEER/data
	maillog_file = $PEER/mail.log
	maillog_file_prefixes = $PEER
	smtpd_relay_restrictions = reject_unauth_destination
	smtpd_peername_lookup = no
	smtpd_tls_security_level = may
	smtpd_tls_cert_file = $PEER/etc/cert.pem
	smtpd_tls_key_file = $PEER/etc/key.pem
	smtpd_tls_received_header = yes
	smtputf8_enable = yes
	smtp_dns_support_level = disabled
	virtual_mailbox_domains = peer.example
	virtual_mailbox_maps = texthash:$PEER/etc/boxes
	virtual_mailbox_base = $PEER/mail
	virtual_uid_maps = static:5000
	virtual_gid_maps = static:5000
	message_size_limit = 5000000
	END
	sed -e "s/^smtp  *inet .*/127.0.0.1:$PEER_PORT inet n - n - - smtpd/" \
		-e 's/^\([a-z0-9]\S*  *[a-z]*  *\S  *\S  *\)y /\1n /' \
		/usr/share/postfix/master.cf.dist >"$PEER/etc/master.cf"
	grep -q '^postlog' "$PEER/etc/master.cf" ||
		echo 'postlog unix-dgram n - n - 1 postlogd' >>"$PEER/etc/master.cf"
}

# boxed USER COUNT: so many messages are in the peer's mailbox.
boxed()
{
	[ "$(find "$PEER/mail/$1/new" -type f 2>/dev/null | wc -l)" -ge "$2" ]
}

@test "S60: Postfix takes our mail inside TLS, for those it knows" {
	mail_text one '.dots
..' | queue_put aaa peer.example "$ALICE" bob@peer.example nobody@peer.example carol@peer.example
	run -0 relay peer.example
	has "$output" '^new/aaa relayed bob@peer\.example "250 2\.0\.0 Ok: queued as [0-9A-Za-z]*"$'
	has "$output" '^new/aaa failed nobody@peer\.example "550 5\.1\.1 <nobody@peer\.example>: Recipient address rejected'
	logged 'result=relayed .*via=mx\.peer\.example\[127\.0\.0\.1\]:.* tls=TLSv1\.3:'
	wait_until 20 boxed bob 1
	wait_until 20 boxed carol 1
	has "$(cat "$PEER"/mail/bob/new/*)" 'using TLSv1\.3 with cipher'
	is '.dots
..' "$(sed '1,/^$/d' "$PEER"/mail/bob/new/*)"
}

@test "Postfix's certificate is verified, by its name" {
	setting smtp_tls_security_level verify
	mail_text | queue_put aaa peer.example "$ALICE" bob@peer.example
	run -0 relay peer.example
	has "$output" ' deferred bob@peer\.example "4\.7\.5 no TLS with .*certificate'
	setting smtp_tls_CAfile "$PEER/etc/cert.pem"
	run -0 relay peer.example
	has "$output" ' relayed '
	wait_until 20 boxed bob 1
}

@test "Postfix takes a message beyond ASCII, and one of 3 MB whole; none over its size" {
	printf 'Subject: grün\n\ngrün\n' |
		queue_put aaa peer.example 'alïce@example.test' jörg@peer.example -- 'Smtputf8: yes'
	{
		printf 'Subject: large\n\n'
		head -c 2200000 /dev/urandom | base64
	} >"$BATS_TEST_TMPDIR/large"
	queue_put bbb peer.example "$ALICE" bob@peer.example <"$BATS_TEST_TMPDIR/large"
	head -c 6000000 /dev/zero | tr '\0' '\n' | queue_put ccc peer.example "$ALICE" bob@peer.example
	run -0 relay peer.example
	has "$output" '^new/aaa relayed '
	has "$output" '^new/bbb relayed '
	has "$output" '^new/ccc failed bob@peer\.example "5\.3\.4 '
	wait_until 20 boxed joerg 1
	wait_until 20 boxed bob 1
	is "$(sed '1,/^$/d' "$BATS_TEST_TMPDIR/large" | md5sum)" \
		"$(sed '1,/^$/d' "$PEER"/mail/bob/new/* | md5sum)"
}

@test "a hundred messages to Postfix over one connection, each once" {
	local i
	for i in {100..199}; do
		mail_text "number $i" | queue_put "m$i" peer.example "$ALICE" bob@peer.example
	done
	run -0 relay peer.example
	is 100 "$(grep -c ' relayed ' <<<"$output")"
	wait_until 60 boxed bob 100
	is 100 "$(grep -h '^Subject: number' "$PEER"/mail/bob/new/* | sort -u | wc -l)"
	wait_until 10 grep -q 'disconnect from' "$PEER/mail.log"
	is 1 "$(grep -c ': connect from' "$PEER/mail.log")"
	is '' "$(ls "$BESACE_VAR/queue/new")"
}

# sink [OPTION]...: Postfix's smtp-sink on a port of its own.
sink()
{
	BESACE_SMTP_PORT=$(free_port)
	smtp-sink "$@" -u postfix "127.0.0.1:$BESACE_SMTP_PORT" 100 >"$BATS_TEST_TMPDIR/sink" 2>&1 3>&- &
	SINK_PID=$!
	wait_until 20 listening "$BESACE_SMTP_PORT"
}

# through_sink WORD OPTION...: what becomes of one message there.
through_sink()
{
	local word=$1
	shift
	sink "$@"
	mail_text | queue_put aaa peer.example "$ALICE" bob@peer.example carol@peer.example
	run -0 relay peer.example
	has "$output" " $word bob@peer\\.example "
	kill "$SINK_PID"
	wait "$SINK_PID" 2>/dev/null || true
	rm -f "$BESACE_VAR"/queue/*/aaa
}

@test "smtp-sink: without EHLO, without PIPELINING, with refusals and cuts at each command" {
	local command
	through_sink relayed
	through_sink relayed -e
	through_sink relayed -p
	through_sink relayed -8
	for command in CONNECT EHLO,HELO MAIL RCPT DATA .; do
		through_sink deferred -q "$command"
		through_sink deferred -Q "$command"
	done
	for command in MAIL RCPT DATA .; do
		through_sink failed -f "$command"
		through_sink deferred -r "$command"
	done
	through_sink deferred -f EHLO,HELO
	through_sink deferred -r CONNECT
}
