#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay and DANE: RFC 7672, as far as relay asks the DNS and looks at
# certificates.

load lib/helpers
load lib/certificates
load lib/dns
load lib/relay

setup_file()
{
	export CERTS=$BATS_FILE_TMPDIR/certs
	mkdir "$CERTS"
	authority ca
	authority stranger
	certificate mx.example.net ca
	certificate other.example ca
	certificate example.net ca
	certificate expired.example ca -days -1
	# as servers send it, with what signed it
	local name
	for name in mx.example.net other.example example.net expired.example; do
		cat "$CERTS/$name.pem" "$CERTS/ca.pem" >"$CERTS/$name.chain"
	done
}

setup()
{
	instance_new
	queue_make
	tls_server mx.example.net </dev/null
}

teardown()
{
	relay_end
}

tls_server()
{
	server_stop
	server_start --tls "$CERTS/$1.chain" "$CERTS/$1.key"
}

# mx_with TLSA...: example.net is signed, its one server has these records.
mx_with()
{
	zone 'net ZONE secure' "${@/#/_PORT._tcp.mx.example.net TLSA }"
}

# zone LINE...: the DNS, where example.net has a server; PORT is the server's.
zone()
{
	dns_stop
	printf '%s\n' 'example.net MX 10 mx.example.net' 'mx.example.net A 127.0.0.1' \
		"$@" | sed "s/_PORT/_$BESACE_SMTP_PORT/" >"$BATS_TEST_TMPDIR/records"
	dns_serve <"$BATS_TEST_TMPDIR/records"
}

one_mail()
{
	rm -f "$BESACE_VAR"/queue/*/aaa
	mail_text | queue_put aaa "${1-example.net}" "$ALICE" "bob@${1-example.net}" "${@:2}"
	run -0 relay "${1-example.net}" aaa || { cat "$(log_file)"; return 1; }
}

# goes [POLICY] [DESTINATION]: mail arrives, by this policy ("": in clear).
goes()
{
	one_mail "${2-example.net}"
	has "$output" ' relayed '
	if [ -n "${1-dane}" ]; then
		has "$(tail -n 1 "$(log_file)")" "result=relayed .* tls-policy=${1-dane}\$"
	else
		hasnt "$(tail -n 1 "$(log_file)")" ' tls='
	fi
}

# stays REASON [DESTINATION]: it does not; nothing of it was said to a server.
stays()
{
	local before
	before=$(grep -c ' MAIL ' "$SERVER_LOG" || true)
	one_mail "${2-example.net}"
	has "$output" " deferred [^ ]* \"$1"
	is "$before" "$(grep -c ' MAIL ' "$SERVER_LOG" || true)"
}

# routes LINE...
routes()
{
	printf '%s\n' "$@" >"$BESACE_ETC/routes"
	"$BIN/besace" maps
}

@test "TLSA: each usage, selector and matching type that mail servers have" {
	local usage selector matching who
	for usage in 2 3; do
		who=mx.example.net
		[ $usage = 3 ] || who=ca
		for selector in 0 1; do
			for matching in 0 1 2; do
				mx_with "$(tlsa $usage $selector $matching $who)"
				goes dane
				mx_with "$(tlsa $usage $selector $matching stranger)"
				stays '4\.7\.5 no TLS with mx\.example\.net\[127\.0\.0\.1\]:[0-9]* as DANE demands it: its certificate is in none of its TLSA records'
			done
		done
	done
}

@test "TLSA: one of several is enough, old and new key, with some of no use" {
	mx_with "$(tlsa 3 1 1 stranger)" "$(tlsa 3 1 1 mx.example.net)"
	goes dane
	mx_with "$(tlsa 2 1 1 stranger)" "$(tlsa 3 1 2 mx.example.net)"
	goes dane
	# PKIX-EE, a number without a meaning, a short digest
	mx_with "$(tlsa 1 1 1 mx.example.net)" '3 1 7 00' '3 1 1 0011' "$(tlsa 3 1 1 mx.example.net)"
	goes dane
	mx_with "$(tlsa 1 1 1 mx.example.net)" "$(tlsa 3 1 1 stranger)"
	stays '4\.7\.5 '
}

@test "TLSA: an answer that is too long for UDP" {
	local i records=()
	for i in {10..39}; do
		records+=("3 1 1 $(printf '%064d' "$i")")
	done
	mx_with "$(tlsa 3 1 1 mx.example.net)" "${records[@]}" "$(tlsa 2 0 0 stranger)"
	goes dane
	has "$(cat "$DNS_LOG")" '^tcp _[0-9]*\._tcp\.mx\.example\.net 52$'
}

@test "TLSA: none of use: TLS all the same, with any certificate, or not at all" {
	local data
	for data in "$(tlsa 1 1 1 stranger)" "$(tlsa 0 0 1 stranger)" '3 1 7 00' '3 1 1 0011' \
		'4 1 1 00' '3 2 1 00' '3 1 0 0011'; do
		mx_with "$data"
		goes encrypt
	done
	mx_with "$(tlsa 1 1 1 stranger)"
	echo 'EHLO reply 250 hostile.test' >"$RULES"
	stays '4\.7\.5 no TLS with .* as DANE demands it: it does not offer it'
}

@test "STARTTLS stripped or broken where there are TLSA records: never in clear" {
	local rule
	mx_with "$(tlsa 3 1 1 mx.example.net)"
	for rule in 'EHLO reply 250 hostile.test' 'STARTTLS reply 454 4.7.0 not now' \
		'STARTTLS reply 502 5.5.1 what' 'STARTTLS after 220 go ahead' \
		'STARTTLS cut' 'EHLO+tls cut'; do
		echo "$rule" >"$RULES"
		stays '4\.'
	done
	echo 'EHLO reply 250 hostile.test' >"$RULES"
	stays '4\.7\.5 no TLS with .* as DANE demands it: it does not offer it'
	has "$("$BIN/besace" queue show aaa)" 'no TLS with .* as DANE demands it: it does not offer it'
	: >"$RULES"
	goes dane
}

@test "DANE-EE asks for no name and no date, DANE-TA for both" {
	tls_server other.example </dev/null
	mx_with "$(tlsa 3 1 1 other.example)"
	goes dane
	mx_with "$(tlsa 2 0 1 ca)"
	stays '4\.7\.5 no TLS with .*: its certificate is for another name'
	# the destination itself is as good a name as its host
	tls_server example.net </dev/null
	mx_with "$(tlsa 2 0 1 ca)"
	goes dane
	tls_server expired.example </dev/null
	mx_with "$(tlsa 3 0 1 expired.example)"
	goes dane
	zone 'net ZONE secure' 'example ZONE secure' 'dated.example MX 10 expired.example' \
		'expired.example A 127.0.0.1' "_PORT._tcp.expired.example TLSA $(tlsa 2 0 1 ca)"
	stays '4\.7\.5 no TLS with .*: certificate has expired' dated.example
	has "$("$BIN/besace" queue show aaa)" 'no TLS with .*: certificate has expired'
}

@test "a TLSA record that is no answer: the host is not used, another is" {
	zone 'net ZONE secure' 'example.net MX 20 second.example.net' 'second.example.net A 127.0.0.1' \
		'_PORT._tcp.mx.example.net MODE servfail' \
		"_PORT._tcp.second.example.net TLSA $(tlsa 3 1 1 mx.example.net)"
	goes dane
	logged 'no-session via=mx\.example\.net.* status=4\.4\.3 answer="no answer from the DNS about the TLSA records of mx\.example\.net"'
	logged 'result=relayed .* via=second\.example\.net'
	zone 'net ZONE secure' '_PORT._tcp.mx.example.net MODE servfail'
	stays '4\.4\.3 no answer from the DNS about the TLSA records of mx\.example\.net'
	has "$("$BIN/besace" queue show aaa)" 'no answer from the DNS about the TLSA records of mx\.example\.net'
	setting dns_timeout 1s
	zone 'net ZONE secure' '_PORT._tcp.mx.example.net MODE drop'
	stays '4\.4\.3 no answer from the DNS about the TLSA records of mx\.example\.net'
	zone 'net ZONE secure' '_PORT._tcp.mx.example.net MODE noise'
	stays '4\.4\.3 no answer from the DNS about the TLSA records of mx\.example\.net'
}

@test "what is not signed counts for nothing" {
	zone "_PORT._tcp.mx.example.net TLSA $(tlsa 3 1 1 stranger)"
	goes may
	is 0 "$(grep -c ' 52$' "$DNS_LOG")"
	# TLSA records in a zone of their own that is not
	zone 'net ZONE secure' '_tcp.mx.example.net ZONE insecure' \
		"_PORT._tcp.mx.example.net TLSA $(tlsa 3 1 1 stranger)"
	goes may
	# nothing there, and that is signed
	mx_with
	goes may
	echo 'EHLO reply 250 hostile.test' >"$RULES"
	goes ''
}

@test "MX records that are not signed, for a host that is" {
	zone 'mx.example.net ZONE secure' "_PORT._tcp.mx.example.net TLSA $(tlsa 3 1 1 mx.example.net)"
	goes dane
	zone 'mx.example.net ZONE secure' "_PORT._tcp.mx.example.net TLSA $(tlsa 3 1 1 stranger)"
	stays '4\.7\.5 '
	routes 'example.net - tls=dane-only'
	stays '4\.7\.5 no DANE with example\.net: its MX records are not signed'
}

@test "aliases: records of where they lead, then of where they begin" {
	# the fixture's zone: alias.example.net is an MX host
	alias_zone()
	{
		zone 'net ZONE secure' 'org ZONE secure' 'alias.net MX 10 alias.example.net' \
			'alias.example.net CNAME mx.example.org' 'mx.example.org A 127.0.0.1' "$@"
	}
	alias_zone "_PORT._tcp.mx.example.org TLSA $(tlsa 3 1 1 mx.example.net)" \
		"_PORT._tcp.alias.example.net TLSA $(tlsa 3 1 1 stranger)"
	goes dane alias.net
	alias_zone "_PORT._tcp.alias.example.net TLSA $(tlsa 3 1 1 mx.example.net)"
	goes dane alias.net
	alias_zone "_PORT._tcp.alias.example.net TLSA $(tlsa 3 1 1 stranger)"
	stays '4\.7\.5 ' alias.net
	alias_zone '_PORT._tcp.mx.example.org MODE servfail' \
		"_PORT._tcp.alias.example.net TLSA $(tlsa 3 1 1 mx.example.net)"
	stays '4\.4\.3 no answer from the DNS about the TLSA records of mx\.example\.org' alias.net
	# a signed alias into a zone that is not
	alias_zone 'example.org ZONE insecure' "_PORT._tcp.mx.example.org TLSA $(tlsa 3 1 1 stranger)" \
		"_PORT._tcp.alias.example.net TLSA $(tlsa 3 1 1 mx.example.net)"
	goes dane alias.net
	alias_zone 'example.org ZONE insecure' "_PORT._tcp.mx.example.org TLSA $(tlsa 3 1 1 stranger)"
	goes may alias.net
	# an alias that is not signed
	alias_zone 'example.net ZONE insecure' "_PORT._tcp.alias.example.net TLSA $(tlsa 3 1 1 stranger)"
	goes may alias.net
	# the records themselves are elsewhere
	zone 'net ZONE secure' '_PORT._tcp.mx.example.net CNAME _dane.example.net' \
		"_dane.example.net TLSA $(tlsa 3 1 1 mx.example.net)"
	goes dane
}

@test "the name that records are of is that which the server is asked for" {
	server_stop
	server_start --tls "$CERTS/mx.example.net.chain" "$CERTS/mx.example.net.key" \
		--names "$BATS_TEST_TMPDIR/names" </dev/null
	zone 'net ZONE secure' 'alias.net MX 10 alias.example.net' \
		'alias.example.net CNAME mx.example.net' \
		"_PORT._tcp.mx.example.net TLSA $(tlsa 2 0 1 ca)"
	goes dane alias.net
	is mx.example.net "$(cat "$BATS_TEST_TMPDIR/names")"
}

@test "dane-only: nothing but DANE" {
	setting smtp_tls_security_level dane-only
	mx_with "$(tlsa 3 1 1 mx.example.net)"
	goes dane
	mx_with
	stays '4\.7\.5 no DANE with mx\.example\.net: it has no signed TLSA records'
	has "$("$BIN/besace" queue show aaa)" 'no DANE with mx\.example\.net: it has no signed TLSA records'
	mx_with "$(tlsa 1 1 1 mx.example.net)"
	stays '4\.7\.5 no DANE with mx\.example\.net: none of its TLSA records is of use'
	# a certificate that is none: only TLS sees that
	mx_with '3 0 0 0011'
	stays '4\.7\.5 no TLS with mx\.example\.net.*: none of its TLSA records is of use'
	setting smtp_dns_support_level enabled
	mx_with "$(tlsa 3 1 1 mx.example.net)"
	stays '4\.7\.5 no DANE with example\.net: smtp_dns_support_level is not dnssec'
	stays '4\.7\.5 no DANE with 127\.0\.0\.1' '[127.0.0.1]'
}

@test "an administrator's word: none, encrypt, verify for a route; a server by name" {
	mx_with "$(tlsa 3 1 1 stranger)"
	routes 'example.net - tls=encrypt'
	goes encrypt
	routes 'example.net - tls=none'
	goes ''
	routes 'example.net - tls=verify'
	setting smtp_tls_CAfile "$CERTS/ca.pem"
	goes verify
	routes 'example.net - tls=may'
	stays '4\.7\.5 '
	routes
	setting smtp_tls_security_level encrypt
	stays '4\.7\.5 '
	setting smtp_tls_security_level may
	routes 'example.com [mx.example.net]'
	stays '4\.7\.5 ' example.com
	mx_with "$(tlsa 3 1 1 mx.example.net)"
	goes dane example.com
	setting smtp_dns_support_level enabled
	mx_with "$(tlsa 3 1 1 stranger)"
	goes may
}

@test "REQUIRETLS is kept by DANE, where the MX records are signed" {
	local data
	echo 'EHLO+tls reply 250-hostile.test\n250 REQUIRETLS' >"$RULES"
	mx_with "$(tlsa 3 1 1 mx.example.net)"
	one_mail example.net -- 'Require-Tls: yes'
	has "$output" ' relayed '
	is 'MAIL FROM:<alice@example.test> REQUIRETLS' "$(sed -n 's/^[0-9]* MAIL //p' "$SERVER_LOG")"
	# of no use as they are written, and as only TLS sees
	for data in "$(tlsa 1 1 1 mx.example.net)" '3 0 0 0011'; do
		mx_with "$data"
		one_mail example.net -- 'Require-Tls: yes'
		has "$output" ' failed [^ ]* "5\.7\.30 '
	done
	zone 'mx.example.net ZONE secure' "_PORT._tcp.mx.example.net TLSA $(tlsa 3 1 1 mx.example.net)"
	one_mail example.net -- 'Require-Tls: yes'
	has "$output" ' failed [^ ]* "5\.7\.30 '
}

@test "a resolver beyond this machine is not believed, unless it is said" {
	[ "$(id -u)" = 0 ] && unshare -n true 2>/dev/null || skip "the kernel gives no network of its own"
	mx_with '3 1 1 00'
	cp "$BATS_TEST_TMPDIR/records" "$BATS_TEST_TMPDIR/zone"
	echo "_$BESACE_SMTP_PORT._tcp.mx.example.net MODE servfail" >>"$BATS_TEST_TMPDIR/zone"
	# nobody is there to take mail: the reason says how far it went
	cat >"$BATS_TEST_TMPDIR/elsewhere" <<-'END'
	ip link set lo up && ip addr add 192.0.2.53/32 dev lo || exit 1
	mkfifo "$BATS_TEST_TMPDIR/elsewhere-port"
	"$LIB/dns-fixture" --address 192.0.2.53 "$BATS_TEST_TMPDIR/zone" >"$BATS_TEST_TMPDIR/elsewhere-port" 3>&- &
	read -r port <"$BATS_TEST_TMPDIR/elsewhere-port"
	rm "$BATS_TEST_TMPDIR/elsewhere-port"
	echo new/aaa | BESACE_RESOLVER=192.0.2.53:$port "$BIN/relay" example.net
	kill %1
	END
	elsewhere()
	{
		rm -f "$BESACE_VAR"/queue/*/aaa
		mail_text | queue_put aaa example.net "$ALICE" bob@example.net
		run -0 unshare -n bash "$BATS_TEST_TMPDIR/elsewhere"
	}
	elsewhere
	has "$output" ' deferred .*4\.4\.1 connection to mx\.example\.net'
	routes 'example.net - tls=dane-only'
	elsewhere
	has "$output" ' deferred .*4\.7\.5 no DANE with example\.net: the DNS server is not trusted'
	setting resolver_trust_ad yes
	elsewhere
	has "$output" ' deferred .*4\.4\.3 no answer from the DNS about the TLSA records of mx\.example\.net'
}

# noted POLICY RESULT: so, for the report of the day, was the last session.
noted()
{
	has "$(tail -n 1 "$BESACE_VAR"/tls-reports/20*)" $'^domain=example\\.net\tpolicy-type='"$1"$'\t.*\tresult='"$2"$'(\t|$)'
}

@test "what a report says of DANE that failed, in the classes of RFC 8460" {
	setting smtp_tlsrpt_enable yes
	mx_with "$(tlsa 3 1 1 mx.example.net)"
	goes dane
	noted tlsa success
	mx_with "$(tlsa 3 1 1 stranger)"
	stays '4\.7\.5 '
	noted tlsa validation-failure
	mx_with "$(tlsa 1 1 1 stranger)"
	goes encrypt
	noted tlsa tlsa-invalid
	zone 'net ZONE secure' '_PORT._tcp.mx.example.net MODE servfail'
	stays '4\.4\.3 '
	noted tlsa dnssec-invalid
	routes 'example.net - tls=dane-only'
	mx_with
	stays '4\.7\.5 '
	noted tlsa dane-required
	tls_server other.example </dev/null
	mx_with "$(tlsa 2 0 1 ca)"
	stays '4\.7\.5 '
	noted tlsa certificate-host-mismatch
	echo 'EHLO reply 250 hostile.test' >"$RULES"
	stays '4\.7\.5 '
	noted tlsa starttls-not-supported
}
