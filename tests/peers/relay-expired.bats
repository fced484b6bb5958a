#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay and servers whose certificate has expired: Postfix and Exim.

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
	certificate mx.peer.example ca -days -1
	certificate mta-sts.peer.example ca
	certificates_open
	peers_start postfix exim
}

teardown_file()
{
	peers_stop
}

setup()
{
	instance_new -o "smtp_tls_CAfile=$CERTS/ca.pem"
	queue_make
	policy_serve mta-sts.peer.example
	policy enforce mx.peer.example
}

teardown()
{
	instance_stop
	dns_stop
	policy_stop
}

expired()
{
	rm -rf "$BESACE_VAR"/mta-sts/*
	peer_zone
	mail_goes may
	setting smtp_tls_security_level verify
	mail_stays 'no TLS with mx\.peer\.example.*certificate has expired'
	setting smtp_tls_security_level may
	peer_zone 'example ZONE secure' \
		"_$BESACE_SMTP_PORT._tcp.mx.peer.example TLSA $(tlsa 2 0 0 ca)"
	mail_stays 'no TLS with mx\.peer\.example.*certificate has expired'
	peer_zone 'example ZONE secure' \
		"_$BESACE_SMTP_PORT._tcp.mx.peer.example TLSA $(tlsa 3 1 1 mx.peer.example)"
	mail_goes dane
	peer_zone '_mta-sts.peer.example TXT "v=STSv1; id=1;"' 'mta-sts.peer.example A 127.0.0.1'
	mail_stays 'no TLS with mx\.peer\.example.*certificate has expired'
}

@test "a certificate that has expired: mail stays, but for no policy and DANE-EE" {
	for_each_peer expired
}
