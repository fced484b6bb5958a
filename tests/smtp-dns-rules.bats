#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The rules of port 25 that ask the DNS, against a server of ours: good answers,
# none, and hostile ones.

load lib/helpers
load lib/dns

setup_file()
{
	instance_new -o smtpd_hard_error_limit=1000 -o dns_timeout=2s
	cp "$BESACE_ETC/settings" "$BATS_FILE_TMPDIR/settings"
	dns_serve <<-'END'
	with-mx.test           MX    10 mail.with-mx.test
	with-a.test            A     192.0.2.10
	with-aaaa.test         AAAA  2001:db8::10
	alias.test             CNAME with-mx.test
	txt-only.test          TXT   "nothing for mail"
	null.test              MX    0 .
	null.test              A     192.0.2.11
	null-and-more.test     MX    0 .
	null-and-more.test     MX    10 mail.with-mx.test
	xn--bcher-kva.test     MX    10 mail.with-mx.test
	servfail.test          MODE  servfail
	refused.test           MODE  refused
	silent.test            MODE  drop
	garbage.test           MODE  garbage
	garbage.test           MX    10 mail.with-mx.test
	wrongid.test           MODE  wrongid
	wrongid.test           MX    10 mail.with-mx.test
	wrongname.test         MODE  wrongname
	wrongname.test         MX    10 mail.with-mx.test
	loop.test              MODE  loop
	short.test             MODE  short
	noise.test             MODE  noise
	tcpsilent.test         MODE  tcpsilent
	truncate.test          MODE  truncate
	truncate.test          MX    10 mail.with-mx.test
	huge.test              MODE  huge
	huge.test              MX    10 mail.with-mx.test
	huge.test              A     192.0.2.12

	# names of clients
	1.2.0.192.in-addr.arpa PTR   one.client.test
	one.client.test        A     192.0.2.1
	2.2.0.192.in-addr.arpa PTR   forged.client.test
	forged.client.test     A     192.0.2.99
	3.2.0.192.in-addr.arpa PTR   no.client.test
	3.2.0.192.in-addr.arpa PTR   forged.client.test
	3.2.0.192.in-addr.arpa PTR   three.client.test
	three.client.test      A     192.0.2.98
	three.client.test      A     192.0.2.3
	three.client.test      AAAA  2001:db8::3
	5.2.0.192.in-addr.arpa MODE  servfail
	6.2.0.192.in-addr.arpa MODE  drop
	7.2.0.192.in-addr.arpa MODE  loop
	8.2.0.192.in-addr.arpa MODE  noise
	9.2.0.192.in-addr.arpa PTR   silent.test
	10.2.0.192.in-addr.arpa PTR  odd(name).client.test
	odd(name).client.test  A     192.0.2.10
	11.2.0.192.in-addr.arpa MODE huge
	11.2.0.192.in-addr.arpa PTR  eleven.client.test
	eleven.client.test     A     192.0.2.11
	12.2.0.192.in-addr.arpa PTR  192.0.2.12
	13.2.0.192.in-addr.arpa PTR  x\x0d\x0aSubject:\x20evil.client.test
	x\x0d\x0aSubject:\x20evil.client.test A 192.0.2.13
	15.2.0.192.in-addr.arpa CNAME 15.0-31.2.0.192.in-addr.arpa
	15.0-31.2.0.192.in-addr.arpa PTR fifteen.client.test
	fifteen.client.test    A     192.0.2.15
	14.2.0.192.in-addr.arpa PTR  nul\x00byte.client.test
	3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa PTR three.client.test

	# lists
	1.2.0.192.block.test   A     127.0.0.2
	1.2.0.192.block.test   TXT   "Spam seen, see https://block.test/192.0.2.1"
	2.2.0.192.block.test   A     127.0.0.9
	3.2.0.192.block.test   A     127.255.255.254
	4.2.0.192.block.test   A     203.0.113.5
	5.2.0.192.block.test   A     127.0.0.2
	5.2.0.192.block.test   TXT   two\x0d\x0alines\x00\xe9
	1.2.0.192.allow.test   A     127.0.5.1
	6.2.0.192.block.test   MODE  drop
	7.2.0.192.block.test   MODE  servfail
	8.2.0.192.block.test   MODE  huge
	8.2.0.192.block.test   A     127.0.0.4
	9.2.0.192.block.test   MODE  loop
	3.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.block.test A 127.0.0.2

	# HELO names
	known.helo.test        A     192.0.2.20
	END
}

teardown_file()
{
	dns_stop
}

setup()
{
	mail_clear
	cp "$BATS_FILE_TMPDIR/settings" "$BESACE_ETC/settings"
	"$BIN/besace" maps
	: >"$DNS_LOG"
	export TCPREMOTEIP=192.0.2.200
}

teardown()
{
	instance_stop
}

# mail_from REPLY ADDRESS...: the reply to MAIL FROM of each.
mail_from()
{
	local reply=$1 address
	shift
	{
		printf 'S* 220\nC: EHLO client.example\nS* 250\n'
		for address; do
			printf 'C: MAIL FROM:<%s>\nS* %s\nC: RSET\nS* 250\n' \
				"$address" "$reply"
		done
		printf 'C: QUIT\nS* 221\n'
	} | smtp_dialogue -s "${SERVICE:-smtp}"
}

# rcpt_to IP REPLY [ADDRESS]: the reply to RCPT TO for a client.
rcpt_to()
{
	TCPREMOTEIP=$1 smtp_dialogue -s smtp <<-END
	S* 220
	C: EHLO ${HELO:-client.example}
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<${3:-bob@example.test}>
	S* $2
	C: QUIT
	S* 221
	END
}

# received IP: the Received field of a message from there.
received()
{
	mail_clear
	mail_text | TCPREMOTEIP=$1 send_plain "$BOB" >/dev/null
	message bob | sed -n '/^Received:/,/^\S/p' | head -2
}

@test "a trial instance asks no DNS" {
	mail_from 250 a@no-such.invalid
	rcpt_to 192.0.2.1 250
	is '' "$(cat "$DNS_LOG")"
	# a server does
	local defaults
	defaults=$("$BIN/besace" settings)
	has "$defaults" 'default: yes' # of what the trial turned off
	sed -i '/^reject_unknown_sender_domain/d' "$BESACE_ETC/settings"
	"$BIN/besace" maps
	has "$("$BIN/besace" settings)" '^reject_unknown_sender_domain = yes$'
}

@test "S46 reject_unknown_sender_domain: a domain needs an MX or an address" {
	setting reject_unknown_sender_domain yes
	mail_from '450 4\.1\.8' a@no-such.invalid a@sub.with-mx.test a@txt-only.test
	logged 'refused ip=192\.0\.2\.200 from=a@no-such\.invalid rule=reject_unknown_sender_domain answer="450 4\.1\.8'
	mail_from 250 a@with-mx.test a@with-a.test a@with-aaaa.test a@alias.test \
		A@WITH-MX.TEST '' 'a@[192.0.2.1]'
	setting unknown_address_reject_code 550
	mail_from '550 5\.1\.8' a@no-such.invalid
	run ! setting unknown_address_reject_code 250
}

@test "S46 only strangers are asked for it" {
	setting reject_unknown_sender_domain yes
	setting reject_authenticated_sender_login_mismatch no
	setting reject_sender_login_mismatch no
	smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: MAIL FROM:<alice@no-such.invalid>
	S* 250
	C: QUIT
	S* 221
	END
	setting mynetworks 192.0.2.200
	mail_from 250 a@no-such.invalid
}

@test "S46 a domain that takes no mail sends none (RFC 7505)" {
	setting reject_unknown_sender_domain yes
	mail_from '550 5\.7\.27' a@null.test
	mail_from 250 a@null-and-more.test
}

@test "S46 an internationalized domain is asked for by its A-label" {
	setting reject_unknown_sender_domain yes
	mail_from 250 a@xn--bcher-kva.test
	: >"$DNS_LOG"
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<a@bücher.test> SMTPUTF8
	S* 250
	C: QUIT
	S* 221
	END
	has "$(cat "$DNS_LOG")" ' xn--bcher-kva\.test 15$'
}

@test "a DNS failure is never for good: 450" {
	setting reject_unknown_sender_domain yes
	setting unknown_address_reject_code 550
	mail_from '450 4\.4\.3' a@servfail.test a@refused.test a@loop.test \
		a@short.test a@noise.test
	mail_from '450 4\.4\.3' a@garbage.test
	mail_from '450 4\.4\.3' a@wrongid.test
	mail_from '450 4\.4\.3' a@wrongname.test
	mail_from '450 4\.4\.3' a@tcpsilent.test
	mail_from 250 a@truncate.test a@huge.test
	# the session is whole after all of them
	mail_from 250 a@with-mx.test
}

@test "no DNS server at all: 450, and port 25 goes on" {
	setting reject_unknown_sender_domain yes
	setting smtpd_peername_lookup yes
	BESACE_RESOLVER=127.0.0.1:1 mail_from '450 4\.4\.3' a@with-mx.test
	BESACE_RESOLVER=nonsense mail_from '450 4\.4\.3' a@with-mx.test
	logged 'what="use the resolver" object=nonsense'
	setting reject_unknown_sender_domain no
	BESACE_RESOLVER=127.0.0.1:1 received 192.0.2.1
}

@test "a silent DNS server holds a session up for dns_timeout, not longer" {
	setting reject_unknown_sender_domain yes
	setting smtpd_peername_lookup yes
	setting reject_rbl_client block.test
	local start=$SECONDS
	mail_from '450 4\.4\.3' a@silent.test
	((SECONDS - start >= 1 && SECONDS - start < 40))
	# name and list are asked at once
	setting reject_unknown_sender_domain no
	has "$(received 192.0.2.6)" '\(unknown \[192\.0\.2\.6\]\)'
}

@test "while the DNS is silent commands are answered" {
	setting smtpd_peername_lookup yes
	setting dns_timeout 60s
	setting reject_rbl_client block.test
	TCPREMOTEIP=192.0.2.6 smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: NOOP
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RSET
	S* 250
	C: QUIT
	S* 221
	S$
	EXIT 0
	END
}

@test "the client's name: PTR, confirmed, in Received and for the filters" {
	setting smtpd_peername_lookup yes
	local facts=$BATS_TEST_TMPDIR/facts
	chmod o+x "$BATS_TEST_TMPDIR"
	: >"$facts"
	chmod 666 "$facts"
	printf '#!/bin/sh\nenv >%s\nexec cat\n' "$facts" >"$BATS_TEST_TMPDIR/filter"
	chmod 755 "$BATS_TEST_TMPDIR/filter"
	setting inbound_filters "$BATS_TEST_TMPDIR/filter"
	has "$(received 192.0.2.1)" 'from client\.example \(one\.client\.test \[192\.0\.2\.1\]\)'
	has "$(cat "$facts")" '^TCPREMOTEHOST=one\.client\.test$'
	logged ' accepted ip=192\.0\.2\.1 name=one\.client\.test '
	has "$(received 192.0.2.4)" '\(unknown \[192\.0\.2\.4\]\)'
	hasnt "$(cat "$facts")" TCPREMOTEHOST
	# a name that leads elsewhere is nobody's
	has "$(received 192.0.2.2)" '\(unknown \[192\.0\.2\.2\]\)'
}

@test "S58 several names and addresses of both families: the one that leads back counts" {
	setting smtpd_peername_lookup yes
	has "$(received 192.0.2.3)" '\(three\.client\.test \[192\.0\.2\.3\]\)'
	has "$(received 2001:db8::3)" '\(three\.client\.test \[IPv6:2001:db8::3\]\)'
}

@test "a PTR by way of a CNAME (RFC 2317)" {
	setting smtpd_peername_lookup yes
	has "$(received 192.0.2.15)" '\(fifteen\.client\.test \[192\.0\.2\.15\]\)'
}

@test "resolver names the DNS servers, several, and the port" {
	setting smtpd_peername_lookup yes
	setting resolver "127.0.0.1:1, $BESACE_RESOLVER"
	BESACE_RESOLVER='' has "$(received 192.0.2.1)" '\(one\.client\.test '
}

@test "behind a proxy it is the client's address that is asked about" {
	setting smtpd_peername_lookup yes
	setting reject_rbl_client block.test
	setting haproxy_trusted_networks 198.51.100.0/24
	TCPREMOTEIP=198.51.100.1 TCPREMOTEHOST=proxy.test smtp_dialogue -s smtp <<-'END'
	C: PROXY TCP4 192.0.2.1 198.51.100.9 4000 25
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 554 5\.7\.1 .*192\.0\.2\.1
	C: RCPT TO:<postmaster@example.test>
	S* 250
	C: DATA
	S* 354
	C: Subject: proxied
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	has "$(message alice)" '\(one\.client\.test \[192\.0\.2\.1\]\)'
	hasnt "$(cat "$DNS_LOG")" ' 1\.100\.51\.198\.'
}

@test "S58 /etc/hosts with IPv4 and IPv6 lines of one name" {
	needs unshare
	unshare -m true || skip 'no namespaces here'
	setting smtpd_peername_lookup yes
	printf '%s\n' '127.0.0.1 localhost' '192.0.2.77 dual.test dual' \
		'2001:db8::77 dual.test dual' >"$BATS_TEST_TMPDIR/hosts"
	local ip
	for ip in 192.0.2.77 2001:db8::77; do
		mail_clear
		# shellcheck disable=SC2016 # the inner shell expands it
		mail_text | TCPREMOTEIP=$ip HOSTS=$BATS_TEST_TMPDIR/hosts LOG=$(log_file) \
			unshare -m bash -c 'mount --bind "$HOSTS" /etc/hosts &&
			"$LIB/smtp-send" carol@elsewhere.test "$BOB" -- "$BIN/smtp-session" -s smtp 2>>"$LOG"'
		has "$(message bob)" '^Received: from client\.example \(dual\.test \['
	done
	logged ' accepted ip=192\.0\.2\.77 name=dual\.test '
}

@test "hostile answers for the client's name leave it unknown" {
	setting smtpd_peername_lookup yes
	local n
	for n in 5 7 8 9 10 12 13 14; do
		has "$(received "192.0.2.$n")" "\(unknown \[192\.0\.2\.$n\]\)"
	done
	has "$(received 192.0.2.11)" '\(eleven\.client\.test \[192\.0\.2\.11\]\)'
}

@test "who says the client's name before us is believed" {
	setting smtpd_peername_lookup yes
	has "$(TCPREMOTEHOST=given.test received 192.0.2.1)" '\(given\.test \[192'
	is '' "$(cat "$DNS_LOG")"
}

@test "reject_unknown_client_hostname and reject_unknown_reverse_client_hostname" {
	setting reject_unknown_reverse_client_hostname yes
	rcpt_to 192.0.2.4 '450 4\.7\.25'
	logged 'rule=reject_unknown_reverse_client_hostname '
	rcpt_to 192.0.2.5 '450 4\.7\.25'
	rcpt_to 192.0.2.2 250
	setting reject_unknown_client_hostname yes
	rcpt_to 192.0.2.2 '450 4\.7\.25'
	logged 'rule=reject_unknown_client_hostname '
	rcpt_to 192.0.2.1 250
	rcpt_to 192.0.2.3 250
	# complaints are taken from anybody, and users are no strangers
	rcpt_to 192.0.2.4 250 postmaster@example.test
}

@test "reject_rbl_client: refused at RCPT with the list's reason; postmaster and abuse are not" {
	setting reject_rbl_client 'other.test block.test'
	rcpt_to 192.0.2.1 '554 5\.7\.1 .*192\.0\.2\.1 .*block\.test: Spam seen, see https://block\.test/192\.0\.2\.1'
	logged 'refused ip=192\.0\.2\.1 from=carol@elsewhere\.test to=bob@example\.test rule=reject_rbl_client answer="554 5\.7\.1'
	rcpt_to 192.0.2.1 250 postmaster@example.test
	rcpt_to 192.0.2.1 250 Abuse@example.test
	# no relay by that way
	rcpt_to 192.0.2.1 554 postmaster@elsewhere.test
	rcpt_to 2001:db8::3 '554 5\.7\.1 .*2001:db8::3 .*block\.test$'
	rcpt_to 192.0.2.200 250
	setting mynetworks 192.0.2.1
	rcpt_to 192.0.2.1 250
}

@test "reject_rbl_client: a filter of answers; answers that are none" {
	setting reject_rbl_client 'block.test=127.0.0.[2..4]'
	rcpt_to 192.0.2.1 554
	rcpt_to 192.0.2.2 250
	setting reject_rbl_client block.test
	rcpt_to 192.0.2.2 554
	# the list says it will not answer; a parked domain
	rcpt_to 192.0.2.3 250
	logged 'object=block\.test reason="it does not serve this resolver"'
	rcpt_to 192.0.2.4 250
	rcpt_to 192.0.2.8 554
	run ! setting reject_rbl_client 'block.test=127.0.0.x'
	has "$output" 'zones are needed'
}

@test "reject_rbl_client: a list that does not answer does not count; its words cannot break a reply" {
	setting reject_rbl_client block.test
	local n
	for n in 6 7 9; do
		rcpt_to "192.0.2.$n" 250
	done
	logged 'error what="ask the DNS list" object=block\.test reason="no good answer"'
	rcpt_to 192.0.2.5 '554 5\.7\.1 .*block\.test: two\?\?lines\?\?$'
}

@test "permit_dnswl_client: a list that allows comes before those that block, and HELO" {
	setting reject_rbl_client block.test
	setting permit_dnswl_client 'allow.test=127.0.[0..255].[1..3]'
	rcpt_to 192.0.2.1 250
	HELO=not..valid rcpt_to 192.0.2.1 250
	rcpt_to 192.0.2.2 554
	setting permit_dnswl_client 'allow.test=127.0.[0..255].[2..3]'
	rcpt_to 192.0.2.1 554
}

@test "all questions are under way at the greeting" {
	setting smtpd_peername_lookup yes
	setting reject_rbl_client 'one.test two.test'
	setting permit_dnswl_client three.test
	printf 'S* 220\nC: NOOP\nS* 250\nSLEEP 0.3\nC: QUIT\nS* 221\n' |
		TCPREMOTEIP=192.0.2.1 smtp_dialogue -s smtp
	has "$(cat "$DNS_LOG")" ' 1\.2\.0\.192\.in-addr\.arpa 12$'
	has "$(cat "$DNS_LOG")" ' 1\.2\.0\.192\.one\.test 1$'
	has "$(cat "$DNS_LOG")" ' 1\.2\.0\.192\.two\.test 1$'
	has "$(cat "$DNS_LOG")" ' 1\.2\.0\.192\.three\.test 1$'
}

@test "users on the submission ports are asked about nowhere" {
	setting smtpd_peername_lookup yes
	setting reject_unknown_client_hostname yes
	setting reject_rbl_client block.test
	TCPREMOTEIP=192.0.2.1 smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO not..valid
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: MAIL FROM:<alice@example.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: QUIT
	S* 221
	END
	is '' "$(cat "$DNS_LOG")"
}

@test "reject_invalid_helo_hostname and reject_non_fqdn_helo_hostname" {
	local name
	for name in 'a..b' '-a.example' 'a!b' 192.0.2.1 '[192.0.2]' '[x]'; do
		HELO=$name rcpt_to 192.0.2.200 '501 5\.5\.2'
	done
	logged 'rule=reject_invalid_helo_hostname '
	for name in host mail.example '[192.0.2.1]' '[IPv6:2001:db8::1]' my_host.example; do
		HELO=$name rcpt_to 192.0.2.200 250
	done
	HELO=a..b rcpt_to 192.0.2.200 250 postmaster@example.test
	setting reject_non_fqdn_helo_hostname yes
	HELO=host rcpt_to 192.0.2.200 '504 5\.5\.2'
	logged 'rule=reject_non_fqdn_helo_hostname '
	HELO=mail.example rcpt_to 192.0.2.200 250
	setting reject_invalid_helo_hostname no
	setting reject_non_fqdn_helo_hostname no
	HELO=a..b rcpt_to 192.0.2.200 250
}

@test "reject_unknown_helo_hostname" {
	setting reject_unknown_helo_hostname yes
	HELO=nobody.helo.test rcpt_to 192.0.2.200 '450 4\.7\.1'
	logged 'rule=reject_unknown_helo_hostname '
	HELO=known.helo.test rcpt_to 192.0.2.200 250
	HELO=with-mx.test rcpt_to 192.0.2.200 250
	HELO=servfail.test rcpt_to 192.0.2.200 '450 4\.4\.3'
	HELO='[192.0.2.1]' rcpt_to 192.0.2.200 250
}

@test "smtpd_helo_required" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: MAIL FROM:<carol@elsewhere.test>
	S* 503 5\.5\.1
	C: QUIT
	S* 221
	END
	setting smtpd_helo_required no
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: Subject: no greeting
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	has "$(message bob)" '^Received: from unknown \('
}

@test "all rules of a server on: real clients get through, who is patient and known" {
	needs swaks curl msmtp python3
	setting postscreen_greet_wait 1s
	setting reject_unknown_sender_domain yes
	setting smtpd_peername_lookup yes
	setting reject_rbl_client block.test
	unset TCPREMOTEIP
	instance_serve
	local from=carol@with-mx.test
	swaks --server "127.0.0.1:$SMTP" --from "$from" --to "$BOB" >/dev/null
	swaks --server "127.0.0.1:$SMTP" --from "$from" --to "$BOB" --pipeline -tls >/dev/null
	mail_text | crlf | curl -sS --url "smtp://127.0.0.1:$SMTP" --mail-from "$from" \
		--mail-rcpt "$BOB" -T -
	mail_text | crlf | curl -sS -k --ssl-reqd --url "smtp://127.0.0.1:$SMTP" \
		--mail-from "$from" --mail-rcpt "$BOB" -T -
	mail_text | msmtp --host=127.0.0.1 --port="$SMTP" --from="$from" --auth=off \
		--tls=off "$BOB"
	python3 -c 'import smtplib, sys
server = smtplib.SMTP("127.0.0.1", int(sys.argv[1]))
server.sendmail(sys.argv[2], [sys.argv[3]], "Subject: x\r\n\r\nhi\r\n")
server.quit()' "$SMTP" "$from" "$BOB"
	is 6 "$(count bob)"
	run swaks --server "127.0.0.1:$SMTP" --from carol@no-such.invalid --to "$BOB"
	has "$output" '450 4\.1\.8'
	instance_stop
}
