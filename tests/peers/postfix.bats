#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Postfix sends to us what it was given: by PIPELINING, with SIZE, 8BITMIME,
# SMTPUTF8 and DSN, inside TLS and in clear. It runs with a configuration of its
# own on loopback, not as a service.

load ../lib/helpers
load ../lib/facts

POSTFIX=/usr/sbin/postfix

setup_file()
{
	needs_root "Postfix's master starts as root"
	[ -x "$POSTFIX" ] || skip "postfix is not installed"
	instance_new -d "$(mktemp -d /tmp/besace-peer.XXXXXX)/i" -o outbound_filters=
	chmod 755 "${INSTANCE%/i}"
	printf '%s\n' bücher.test >>"$BESACE_ETC/domains"
	printf '%s\n' 'jörg@bücher.test bücher.test/jörg/' >>"$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	facts_setup
	instance_serve
	export PEER=${INSTANCE%/i}/postfix
	PEER_PORT=$(free_port)
	export PEER_PORT
	postfix_configure
	"$POSTFIX" -c "$PEER/etc" start >"$PEER/log" 2>&1 3>&-
	wait_until 20 listening "$PEER_PORT"
}

teardown_file()
{
	[ -z "${PEER-}" ] || "$POSTFIX" -c "$PEER/etc" stop >/dev/null 2>&1 || true
	instance_stop
	[ -z "${INSTANCE-}" ] || rm -rf "${INSTANCE%/i}"
}

setup()
{
	mail_clear
	facts_clear
}

postfix_configure()
{
	mkdir -p "$PEER/etc" "$PEER/queue" "$PEER/data"
	chown postfix:postfix "$PEER/data"
	cat >"$PEER/etc/main.cf" <<-END
	compatibility_level = 3.6
	myhostname = peer.example
	mydestination =
	mynetworks = 127.0.0.0/8
	inet_interfaces = 127.0.0.1
	alias_maps =
	queue_directory = $PEER/queue
	data_directory = $PEER/data
	maillog_file = $PEER/mail.log
	maillog_file_prefixes = $PEER
	relayhost = [127.0.0.1]:$SMTP
	smtpd_relay_restrictions = permit_mynetworks reject
	smtputf8_enable = yes
	smtp_tls_security_level = may
	smtp_dns_support_level = disabled
	smtp_host_lookup = native
	maximal_backoff_time = 1s
	minimal_backoff_time = 1s
	queue_run_delay = 1s
	message_size_limit = 100000000
	END
	# Debian's own services, without chroot, and a log; one port, ours
	sed -e "s/^smtp  *inet .*/127.0.0.1:$PEER_PORT inet n - n - - smtpd/" \
		-e 's/^\([a-z0-9]\S*  *[a-z]*  *\S  *\S  *\)y /\1n /' \
		/usr/share/postfix/master.cf.dist >"$PEER/etc/master.cf"
	grep -q '^postlog' "$PEER/etc/master.cf" ||
		echo 'postlog unix-dgram n - n - 1 postlogd' >>"$PEER/etc/master.cf"
}

# posted RECIPIENT...: Postfix has passed the last message on to all of these.
posted()
{
	local to
	for to; do
		grep -q "to=<$to>.*status=sent (250" "$PEER/mail.log" || return 1
	done
}

# by_postfix PYTHON: with s, a session to Postfix.
by_postfix()
{
	: >"$PEER/mail.log"
	python3 - "$PEER_PORT" <<-END
	import smtplib, sys
	s = smtplib.SMTP("127.0.0.1", int(sys.argv[1]), "client.example", 20)
	s.ehlo()
	$1
	s.quit()
	END
}

peer_log()
{
	cat "$PEER/mail.log"
}

@test "Postfix relays a message to us inside TLS, with its DSN options" {
	by_postfix 's.sendmail("carol@elsewhere.test", ["bob@example.test", "alice@example.test"],
	    "Subject: by postfix\r\n\r\n.dots\r\n..\r\n", ["RET=HDRS", "ENVID=p+2B1"],
	    ["NOTIFY=FAILURE,DELAY"])'
	wait_until 20 posted bob@example.test alice@example.test || peer_log
	is '[HDRS]' "$(fact DSN_RET)"
	is '[p+2B1]' "$(fact ENVELOPE_ID)"
	has "$(fact RECIPIENT_OPTIONS)" '^\[?NOTIFY=FAILURE,DELAY ORCPT=rfc822;(bob|alice)@example\.test$'
	is '.dots
..' "$(message bob | sed '1,/^$/d')"
	has "$(message bob | sed -z 's/\n[ \t]/ /g')" '^Received: from peer\.example .*with ESMTPS id'
}

@test "Postfix relays a message beyond ASCII to us" {
	by_postfix 's.sendmail("carøl@äpfel.test", ["jörg@bücher.test"],
	    "Subject: grüße\r\n\r\ngrüße\r\n".encode(), ["SMTPUTF8", "BODY=8BITMIME"])'
	wait_until 20 grep -q 'status=sent (250' "$PEER/mail.log" || peer_log
	is '[1][8BITMIME]' "$(fact SMTPUTF8)$(fact BODY)"
	has "$(fact SENDER)" '^\[carøl@(äpfel|xn--pfel-koa)\.test\]$'
	is 1 "$(find "$MAIL/bücher.test/jörg/new" -type f | wc -l)"
	grep -q 'with UTF8SMTPS id' "$MAIL"/bücher.test/jörg/new/*
}

@test "Postfix bounces what we refuse: an unknown user, and a message over our size" {
	by_postfix 's.sendmail("carol@elsewhere.test", ["nobody@example.test"], "Subject: x\r\n\r\nx\r\n")'
	wait_until 20 grep -q 'status=bounced (host .*550 5\.1\.1' "$PEER/mail.log" || peer_log
	by_postfix 's.sendmail("carol@elsewhere.test", ["bob@example.test"], "Subject: x\r\n\r\n" + ("x" * 70 + "\r\n") * 800000)'
	wait_until 20 grep -qE 'status=bounced .*(552 5\.3\.4|size limit)' "$PEER/mail.log" || peer_log
	no_mail_at_all
}

@test "Postfix sends fifty messages, over few connections, each once" {
	by_postfix 'for i in range(50):
	    s.sendmail("carol@elsewhere.test", ["bob@example.test"], "Subject: number %d\r\n\r\nx\r\n" % i)'
	fifty()
	{
		[ "$(count bob)" -ge 50 ]
	}
	wait_until 60 fifty || peer_log
	is 50 "$(messages bob | xargs grep -h '^Subject: number' | sort -u | wc -l)"
	is 50 "$(count bob)"
}
