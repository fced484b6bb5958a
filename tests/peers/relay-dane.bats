#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay and DANE with Postfix, Exim and OpenSMTPD, whose certificate has expired.
# OpenSMTPD of Debian 12 offers STARTTLS and fails in every handshake.

load ../lib/helpers
load ../lib/certificates
load ../lib/dns
load ../lib/relay
load ../lib/peer-mta

setup_file()
{
	needs_root "the servers start as root"
	export CERTS=$BATS_FILE_TMPDIR/certs
	mkdir "$CERTS"
	authority ca
	authority stranger
	certificate mx.peer.example ca -days -1
	peers_start
}

teardown_file()
{
	peers_stop
}

setup()
{
	instance_new
	queue_make
	for_each_peer peer_forget
}

teardown()
{
	dns_stop
}

# peer_with TLSA: the DNS of the signed peer.example.
peer_with()
{
	dns_stop
	dns_serve <<-END
	example ZONE secure
	peer.example MX 10 mx.peer.example
	mx.peer.example A 127.0.0.1
	_$BESACE_SMTP_PORT._tcp.mx.peer.example TLSA $1
	END
	rm -f "$BESACE_VAR"/queue/new/aaa
	mail_text | queue_put aaa peer.example "$ALICE" bob@peer.example
	run -0 relay peer.example
}

# stays REASON: and besace says why, in the same words.
stays()
{
	has "$output" "^new/aaa deferred bob@peer\\.example \".*$1"
	has "$("$BIN/besace" queue show aaa)" "$1"
	[ -z "$(peer_boxed bob)" ]
}

by_key()
{
	peer_with "$(tlsa 3 1 1 mx.peer.example)"
	if [ "$1" = opensmtpd ]; then
		stays 'no TLS with mx\.peer\.example'
		return
	fi
	has "$output" ' relayed '
	peer_wait bob 1
	logged 'result=relayed .* tls-policy=dane$'
	: >"$(log_file)"
}

@test "a TLSA record of the server's key" {
	for_each_peer by_key
}

wrong()
{
	peer_with "$(tlsa 3 1 1 stranger)"
	if [ "$1" = opensmtpd ]; then
		stays 'no TLS with mx\.peer\.example'
	else
		stays 'its certificate is in none of its TLSA records'
	fi
}

@test "a TLSA record of another key: mail stays" {
	for_each_peer wrong
}

expired()
{
	# the whole authority: servers need not send it
	peer_with "$(tlsa 2 0 0 ca)"
	if [ "$1" = opensmtpd ]; then
		stays 'no TLS with mx\.peer\.example'
	else
		stays 'certificate has expired'
	fi
}

@test "a TLSA record of its authority, and an expired certificate: mail stays" {
	for_each_peer expired
}
