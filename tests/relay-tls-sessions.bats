#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What relay notes of a domain's policies (DANE, MTA-STS) for its report, and
# TLS-Required: No (RFC 8689), which sets them aside.

load lib/helpers
load lib/dns
load lib/relay
load lib/certificates
load lib/policy

setup_file()
{
	export CERTS=$BATS_FILE_TMPDIR/certs
	mkdir "$CERTS"
	authority ca
	certificate mx.example.net ca
	certificate other.example ca
	certificate mta-sts.example.net ca
	certificates_open
}

setup()
{
	instance_new -o "smtp_tls_CAfile=$CERTS/ca.pem" -o smtp_tlsrpt_enable=yes
	queue_make
}

teardown()
{
	relay_end
	policy_stop
}

# zone [RECORD]...: the DNS from now on; _PORT is the server's.
zone()
{
	dns_stop || true
	printf '%s\n' 'example.net MX 10 mx.example.net' 'mx.example.net A 127.0.0.1' \
		"$@" | sed "s/_PORT/_$BESACE_SMTP_PORT/" >"$BATS_TEST_TMPDIR/records"
	dns_serve <"$BATS_TEST_TMPDIR/records"
}

tls_server()
{
	server_stop
	server_start --tls "$CERTS/$1.pem" "$CERTS/$1.key"
}

# spki NAME: the data of a TLSA record for its key.
spki()
{
	echo "3 1 1 $(openssl x509 -in "$CERTS/$1.pem" -noout -pubkey |
		openssl pkey -pubin -outform DER | openssl dgst -sha256 -r | cut -d ' ' -f 1)"
}

# dane [RECORD]...: example.net is signed, its server has these TLSA records.
dane()
{
	zone 'net ZONE secure' "${@/#/_PORT._tcp.mx.example.net TLSA }"
}

one_mail()
{
	rm -f "$BESACE_VAR"/queue/*/aaa
	mail_text | queue_put aaa example.net "$ALICE" bob@example.net
	run -0 relay example.net aaa
}

# lax_put ID: a message that had rather go without TLS than not at all.
lax_put()
{
	{
		echo 'tls-required:  NO'
		mail_text
	} | queue_put "$1" example.net "$ALICE" bob@example.net "${@:2}"
}

# last: the last session that was noted, its fields with blanks between.
last()
{
	tail -qn 1 "$BESACE_VAR"/tls-reports/????-??-?? 2>/dev/null | tr '\t' ' '
}

# sessions: how many.
sessions()
{
	cat "$BESACE_VAR"/tls-reports/????-??-?? 2>/dev/null | wc -l
}

@test "DANE: the host's records are the policy, in an order of ours" {
	local other='3 1 1 00000000000000000000000000000000000000000000000000000000000000ff' wanted
	tls_server mx.example.net </dev/null
	wanted="domain=example.net policy-type=tlsa policy-domain=mx.example.net policy-string=$other policy-string=$(spki mx.example.net) result=success"
	dane "$(spki mx.example.net)" "$other"
	one_mail
	is "$wanted" "$(last)"
	dane "$other" "$(spki mx.example.net)"
	one_mail
	is "$wanted" "$(last)"
	is 2 "$(sessions)"
}

@test "DANE: what fails is noted with its type" {
	tls_server mx.example.net </dev/null
	dane "$(spki other.example)"
	one_mail
	has "$output" ' deferred '
	has "$(last)" "^domain=example\.net policy-type=tlsa policy-domain=mx\.example\.net policy-string=$(spki other.example) result=(validation-failure|certificate-not-trusted) sending-mta-ip=127\.0\.0\.1 receiving-mx-hostname=mx\.example\.net receiving-ip=127\.0\.0\.1 failure-reason-code=no TLS with"
	echo 'EHLO reply 250 hostile.test' >"$RULES"
	one_mail
	has "$(last)" ' policy-type=tlsa .* result=starttls-not-supported '
	zone 'net ZONE secure' '_PORT._tcp.mx.example.net MODE servfail'
	one_mail
	has "$output" ' deferred '
	has "$(last)" '^domain=example\.net policy-type=tlsa policy-domain=mx\.example\.net result=dnssec-invalid receiving-mx-hostname=mx\.example\.net '
	is 3 "$(sessions)"
}

@test "MTA-STS: the policy is noted line by line, and what fails with its type" {
	tls_server mx.example.net </dev/null
	policy_serve mta-sts.example.net
	zone '_mta-sts.example.net TXT v=STSv1; id=one;' 'mta-sts.example.net A 127.0.0.1'
	policy enforce mx.example.net '*.example.org'
	one_mail
	has "$output" ' relayed '
	is 'domain=example.net policy-type=sts policy-domain=example.net policy-string=version: STSv1 policy-string=mode: enforce policy-string=max_age: 604800 policy-string=mx: mx.example.net policy-string=mx: *.example.org mx-host=mx.example.net mx-host=*.example.org result=success' "$(last)"
	tls_server other.example </dev/null
	one_mail
	has "$output" ' deferred '
	has "$(last)" ' policy-type=sts .* result=certificate-host-mismatch '
	rm -r "$BESACE_VAR/mta-sts"
	policy testing mx.example.org
	one_mail
	has "$output" ' relayed '
	has "$(last)" ' policy-type=sts .*policy-string=mode: testing .* result=validation-failure '
	rm -r "$BESACE_VAR/mta-sts"
	web_rule status 404
	one_mail
	has "$output" ' relayed '
	has "$(last)" '^domain=example\.net policy-type=sts policy-domain=example\.net result=sts-policy-fetch-error '
	is 4 "$(sessions)"
}

@test "TLS-Required: No: DANE does not hold the message up, and nothing is noted" {
	tls_server mx.example.net </dev/null
	dane "$(spki other.example)"
	lax_put lax
	run -0 relay example.net lax
	has "$output" ' relayed '
	logged 'result=relayed .*tls=TLSv1\.3:TLS_'
	echo 'EHLO reply 250 hostile.test' >"$RULES"
	lax_put lax
	run -0 relay example.net lax
	has "$output" ' relayed '
	is 0 "$(sessions)"
	# the level of this server counts all the same
	setting smtp_tls_security_level encrypt
	lax_put lax
	run -0 relay example.net lax
	has "$output" ' deferred '
}

@test "TLS-Required: No: not with REQUIRETLS, and no other value" {
	tls_server mx.example.net </dev/null
	dane "$(spki other.example)"
	lax_put lax -- 'Require-Tls: yes'
	run -0 relay example.net lax
	hasnt "$output" ' relayed '
	local value
	for value in Yes No, '' 'No x'; do
		{
			echo "TLS-Required: $value"
			mail_text
		} | queue_put other example.net "$ALICE" bob@example.net
		run -0 relay example.net other
		has "$output" ' deferred '
	done
	is 0 "$(received)"
}

@test "TLS-Required: No: of messages on their way together, it counts for its own" {
	tls_server mx.example.net </dev/null
	dane "$(spki other.example)"
	mail_text | queue_put first example.net "$ALICE" bob@example.net
	lax_put second
	lax_put third
	mail_text | queue_put fourth example.net "$ALICE" bob@example.net
	run -0 relay example.net first second third fourth
	has "$output" '^new/first deferred '
	has "$output" '^new/second relayed '
	has "$output" '^new/third relayed '
	has "$output" '^new/fourth deferred '
	is 2 "$(received)"
}
