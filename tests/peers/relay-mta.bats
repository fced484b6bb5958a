#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay sends to Postfix, Exim and OpenSMTPD, each with a configuration of its
# own on loopback. Debian 12's OpenSMTPD fails in every TLS handshake as a server
# (its key does not reach OpenSSL 3): it stands for the servers that offer
# STARTTLS and cannot do it.

load ../lib/helpers
load ../lib/certificates
load ../lib/dns
load ../lib/relay
load ../lib/policy
load ../lib/peer-mta

setup_file()
{
	needs_root "the servers start as root"
	export CERTS=$BATS_FILE_TMPDIR/certs
	mkdir "$CERTS"
	authority ca
	certificate mx.peer.example ca
	certificate mta-sts.peer.example ca
	certificates_open
	peers_start
}

teardown_file()
{
	peers_stop
}

setup()
{
	instance_new -o "smtp_tls_CAfile=$CERTS/ca.pem"
	queue_make
	peer_zone
	for_each_peer peer_forget
}

teardown()
{
	instance_stop
	dns_stop
	policy_stop
}

arrives()
{
	mail_text one '.dots
..' | queue_put aaa peer.example "$ALICE" {bob,nobody,carol}@peer.example
	run -0 relay peer.example
	has "$output" '^new/aaa relayed bob@peer\.example "250 '
	has "$output" '^new/aaa relayed carol@peer\.example "250 '
	has "$output" '^new/aaa failed nobody@peer\.example "5[0-9]* '
	peer_wait bob 1
	peer_wait carol 1
	is '.dots
..' "$(sed '1,/^$/d' "$PEER/mail/bob/new"/*)"
	case $1 in
	opensmtpd) logged 'result=relayed .*via=mx\.peer\.example\[127\.0\.0\.1\]:[0-9]*$' ;;
	*) logged 'result=relayed .*via=mx\.peer\.example\[127\.0\.0\.1\]:.* tls=TLSv1\.3:' ;;
	esac
	rm -f "$BESACE_VAR"/queue/new/aaa
	: >"$(log_file)"
}

@test "S60: a message for three, of whom one is unknown" {
	for_each_peer arrives
}

verified()
{
	setting smtp_tls_security_level verify
	if [ "$1" = opensmtpd ]; then
		mail_stays 'no TLS with mx\.peer\.example'
		return
	fi
	mail_goes verify
	setting smtp_tls_CAfile /nowhere
	mail_stays 'no TLS with .*smtp_tls_CAfile has no authority that can be read'
	setting smtp_tls_CAfile "$CERTS/ca.pem"
}

chunked()
{
	local i
	for i in aaa bbb; do
		printf 'Subject: %s\n\n.dots\n..\n' "$i" |
			queue_put "$i" peer.example "$ALICE" bob@peer.example
	done
	run -0 relay peer.example
	is 2 "$(grep -c ' relayed ' <<<"$output")"
	case $1${discarded-} in
	postfix) is 2 "$(grep -c ' bytes queued as ' <<<"$output")" ;;
	exim) is 2 "$(grep -c ' byte chunk, total ' <<<"$output")" ;;
	*) is 0 "$(grep -cE ' bytes queued as | byte chunk' <<<"$output")" ;;
	esac
	peer_wait bob 2
	is '.dots
..
.dots
..' "$(sed -s '1,/^$/d' "$PEER/mail/bob/new"/*)"
	peer_forget
}

@test "in chunks to Postfix and Exim, in one flight with the envelope; or by DATA" {
	local discarded
	for_each_peer chunked
	discarded=chunking
	setting smtp_discard_ehlo_keywords "$discarded"
	for_each_peer chunked
}

@test "the certificate is verified; without TLS there, mail stays" {
	for_each_peer verified
}

by_dane()
{
	peer_zone 'example ZONE secure' \
		"_$BESACE_SMTP_PORT._tcp.mx.peer.example TLSA $(tlsa 3 1 1 mx.peer.example)"
	if [ "$1" = opensmtpd ]; then
		mail_stays 'no TLS with mx\.peer\.example'
		return
	fi
	mail_goes dane
	peer_zone 'example ZONE secure' \
		"_$BESACE_SMTP_PORT._tcp.mx.peer.example TLSA $(tlsa 2 0 1 ca)"
	mail_goes dane
}

@test "DANE: by the key, by the authority; in clear never" {
	for_each_peer by_dane
}

against_dane()
{
	peer_zone 'example ZONE secure' \
		"_$BESACE_SMTP_PORT._tcp.mx.peer.example TLSA $(tlsa 3 1 1 ca)"
	local why='its certificate is in none of its TLSA records'
	[ "$1" != opensmtpd ] || why='no TLS with mx\.peer\.example'
	mail_stays "$why"
}

@test "DANE: a wrong TLSA record: mail stays, and besace queue says why" {
	for_each_peer against_dane
}

by_mta_sts()
{
	rm -rf "$BESACE_VAR"/mta-sts/*
	policy enforce mx.peer.example
	if [ "$1" = opensmtpd ]; then
		mail_stays 'no TLS with mx\.peer\.example'
		return
	fi
	mail_goes mta-sts
}

against_mta_sts()
{
	rm -rf "$BESACE_VAR"/mta-sts/*
	policy enforce mail.peer.example
	mail_stays 'MTA-STS policy of peer\.example .*does not list its MX host mx\.peer\.example'
}

@test "MTA-STS: enforced, the server listed; and one that is not: mail stays" {
	policy_serve mta-sts.peer.example
	peer_zone '_mta-sts.peer.example TXT "v=STSv1; id=1;"' 'mta-sts.peer.example A 127.0.0.1'
	for_each_peer by_mta_sts
	for_each_peer against_mta_sts
}

large()
{
	{
		printf 'Subject: large\n\n'
		head -c 2200000 /dev/urandom | base64
	} >"$BATS_TEST_TMPDIR/large"
	queue_put bbb peer.example "$ALICE" bob@peer.example <"$BATS_TEST_TMPDIR/large"
	head -c 6000000 /dev/zero | tr '\0' '\n' | queue_put ccc peer.example "$ALICE" bob@peer.example
	printf 'Subject: gr\303\274n\n\ngr\303\274n\n' |
		queue_put ddd peer.example "$ALICE" carol@peer.example
	run -0 relay peer.example
	has "$output" '^new/bbb relayed '
	has "$output" '^new/ccc failed bob@peer\.example "5\.3\.4 '
	has "$output" '^new/ddd relayed '
	peer_wait bob 1
	peer_wait carol 1
	is "$(sed '1,/^$/d' "$BATS_TEST_TMPDIR/large" | md5sum)" \
		"$(sed '1,/^$/d' "$PEER/mail/bob/new"/* | md5sum)"
	has "$(cat "$PEER/mail/carol/new"/*)" $'^gr\303\274n$'
	rm -f "$BESACE_VAR"/queue/new/*
}

addressed_in_utf8()
{
	printf 'Subject: gr\303\274n\n\nbody\n' |
		queue_put aaa peer.example 'alïce@example.test' bob@peer.example -- 'Smtputf8: yes'
	run -0 relay peer.example
	if [ "$1" = opensmtpd ]; then
		has "$output" '^new/aaa failed bob@peer\.example "5\.6\.7 '
		return
	fi
	has "$output" '^new/aaa relayed '
	peer_wait bob 1
	has "$(cat "$PEER/mail/bob/new"/*)" '<alïce@example\.test>'
}

@test "an address beyond ASCII, where SMTPUTF8 is offered" {
	for_each_peer addressed_in_utf8
}

@test "3 MB arrive whole, and 8-bit text; none over the server's size" {
	for_each_peer large
}

hundred()
{
	local i
	for i in {100..199}; do
		mail_text "number $i" | queue_put "m$i" peer.example "$ALICE" bob@peer.example
	done
	run -0 relay peer.example
	is 100 "$(grep -c ' relayed ' <<<"$output")"
	peer_wait bob 100
	is 100 "$(grep -h '^Subject: number' "$PEER/mail/bob/new"/* | sort -u | wc -l)"
	is '' "$(ls "$BESACE_VAR/queue/new")"
	case $1 in
	postfix)
		wait_until 10 grep -q 'disconnect from' "$PEER/log"
		is 1 "$(grep -c ': connect from' "$PEER/log")"
		;;
	opensmtpd) # the first is the one whose handshake failed
		is 2 "$(grep -c 'smtp connected' "$PEER/log")"
		;;
	esac
}

@test "a hundred messages by one connection, each once" {
	for_each_peer hundred
}
