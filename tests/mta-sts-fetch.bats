#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# mta-sts-fetch: what is taken from a web server, and what is not.

load lib/helpers
load lib/dns
load lib/certificates
load lib/policy

setup_file()
{
	local host=mta-sts.example.net
	export CERTS=$BATS_FILE_TMPDIR/certs
	mkdir "$CERTS"
	authority ca
	authority stranger
	certificate "$host" stranger
	mv "$CERTS/$host.pem" "$CERTS/forged.pem"
	mv "$CERTS/$host.key" "$CERTS/forged.key"
	certificate "$host" ca -days -1
	mv "$CERTS/$host.pem" "$CERTS/expired.pem"
	cp "$CERTS/$host.key" "$CERTS/expired.key"
	openssl x509 -req -in "$CERTS/$host.csr" -CA "$CERTS/ca.pem" -CAkey "$CERTS/ca.key" \
		-CAcreateserial -days 2 -out "$CERTS/cn-only.pem" 2>/dev/null
	mv "$CERTS/$host.key" "$CERTS/cn-only.key"
	certificate "$host" ca
	certificate '*.example.net' ca
	certificate mta-sts.example.com ca
	certificates_open
}

setup()
{
	instance_new -o "smtp_tls_CAfile=$CERTS/ca.pem"
	dns_serve <<-'END'
	mta-sts.example.net A 127.0.0.1
	mta-sts.alias.test CNAME mta-sts.example.net
	mta-sts.servfail.test MODE servfail
	mta-sts.private.test A 10.0.0.1
	mta-sts.private.test A 169.254.169.254
	mta-sts.private.test AAAA ::ffff:127.0.0.1
	mta-sts.private.test AAAA fe80::1
	END
	policy_serve mta-sts.example.net
	policy enforce mx.example.net
}

teardown()
{
	instance_stop
	policy_stop
	dns_stop
}

# fetch [DOMAIN]: its status in $status, the file in $output, the log in $stderr.
fetch()
{
	run --separate-stderr "$BIN/mta-sts-fetch" "${1-example.net}"
}

# no_policy STATUS REASON [DOMAIN]
no_policy()
{
	fetch "${@:3}"
	is "$1:" "$status:$output"
	has "$stderr" "^mta-sts-fetch\[[0-9]+\]: - no-policy host=mta-sts\.[a-z.]+ reason=\"?$2"
	is 1 "$(wc -l <<<"$stderr")"
}

@test "P36: a policy file is fetched, octet by octet, by the name of the host" {
	fetch
	is "0:$(cat "$WEB/policy")" "$status:$output"
	is '' "$stderr"
	is 'mta-sts.example.net mta-sts.example.net GET /.well-known/mta-sts.txt' "$(cat "$WEB/log")"
	"$BIN/mta-sts-fetch" example.net | cmp - "$WEB/policy"
}

@test "P36: the certificate has to show the host, by an authority, in its time" {
	local file
	web_certificate '*.example.net'
	fetch
	is 0 "$status"
	for file in expired mta-sts.example.com cn-only forged; do
		web_certificate "$file"
		no_policy 77 'SSL certificate problem'
	done
	has "$stderr" 'unable to get local issuer'
	is 1 "$(wc -l <"$WEB/log")"
}

@test "status 200 and text/plain only; no redirect is followed" {
	local to=https://mta-sts.example.net:$BESACE_HTTPS_PORT/.well-known/mta-sts.txt
	for code in 204 404 500; do
		web_rule status $code
		no_policy 69 "HTTP status $code"
	done
	for code in 301 302 307 308; do
		web_rule status $code "$to"
		no_policy 69 "HTTP status $code"
	done
	is 7 "$(wc -l <"$WEB/log")"
	web_rule type text/html
	no_policy 69 'its file is text/html, not text/plain'
	web_rule type
	no_policy 69 'its file is untyped'
	web_rule type text/plainer
	no_policy 69 'its file is text/plainer'
	web_rule type 'Text/Plain ;charset=x'
	fetch
	is 0 "$status"
}

@test "64 KB and not more, announced or without end, of the file or its header" {
	web_rule long 65536
	fetch
	is 0 "$status"
	web_rule long 65537
	no_policy 69 'its answer is longer than 64 KB'
	web_rule huge
	no_policy 69 'its answer is longer than 64 KB'
	web_rule headers
	no_policy 69 'its answer is longer than 64 KB'
}

@test "an answer that is late, cut, reset, or no HTTP" {
	web_rule late 0.5
	fetch
	is 0 "$status"
	web_rule cut
	no_policy 69 '.*100 bytes remaining'
	web_rule noise
	no_policy 69 ''
	web_rule reset
	no_policy 69 ''
	policy_stop
	no_policy 69 'Failed to connect'
}

@test "addresses by our own resolver, no other" {
	web_certificate mta-sts.example.com
	no_policy 69 'it has no address' none.test
	no_policy 69 'no answer from the DNS' servfail.test
	has "$(cat "$DNS_LOG")" 'mta-sts.none.test 1$'
	is 0 "$(wc -l <"$WEB/log")"
	no_policy 77 'SSL certificate problem' alias.test
}

@test "addresses that are not of the Internet are left out, unless a port is given" {
	unset BESACE_HTTPS_PORT
	no_policy 69 'its address is not one of the Internet'
	no_policy 69 'its address is not one of the Internet' private.test
}

@test "nothing of the environment changes where it goes or whom it trusts" {
	export https_proxy=http://127.0.0.1:1 ALL_PROXY=http://127.0.0.1:1
	export SSLKEYLOGFILE=$BATS_TEST_TMPDIR/keys HOME=$BATS_TEST_TMPDIR
	export SSL_CERT_FILE=$CERTS/stranger.pem CURL_CA_BUNDLE=$CERTS/stranger.pem
	echo 'machine mta-sts.example.net login x password y' >"$HOME/.netrc"
	fetch
	is 0 "$status"
	[ ! -e "$SSLKEYLOGFILE" ]
	web_certificate forged
	no_policy 77 'SSL certificate problem'
}

@test "wrong arguments, and authorities that cannot be read" {
	local domain
	for domain in '' localhost ../x 127.0.0.1 example.net. 'a b.test' "$(printf 'a%.0s' {1..64}).test"; do
		run -64 "$BIN/mta-sts-fetch" "$domain"
		has "$output" '^usage: '
	done
	run -64 "$BIN/mta-sts-fetch"
	setting smtp_tls_CAfile /nowhere
	fetch
	is 75 "$status"
	has "$stderr" 'error what="read the authorities" object=/nowhere'
}
