#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay and the MTA-STS policies of domains.

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
	authority stranger
	certificate forged.example.net stranger
	certificate mx.example.net ca -days -1
	mv "$CERTS/mx.example.net.pem" "$CERTS/expired.pem"
	mv "$CERTS/mx.example.net.key" "$CERTS/expired.key"
	# its name is only the subject's
	openssl x509 -req -in "$CERTS/mx.example.net.csr" -CA "$CERTS/ca.pem" -CAkey "$CERTS/ca.key" \
		-CAcreateserial -days 2 -out "$CERTS/subject.pem" 2>/dev/null
	cp "$CERTS/expired.key" "$CERTS/subject.key"
	certificate mx.example.net ca
	certificate mx2.example.net ca
	certificate mta-sts.example.net ca
	certificates_open
}

setup()
{
	instance_new -o "smtp_tls_CAfile=$CERTS/ca.pem" -o dns_timeout=20s
	queue_make
	KEPT=$BESACE_VAR/mta-sts
	zone 'v=STSv1; id=one;'
	policy_serve mta-sts.example.net
}

teardown()
{
	instance_stop
	relay_end
	policy_stop
}

# zone TXT [RECORD]...: the DNS from now on, with this _mta-sts.example.net; "":
# without. MX are its MX hosts.
zone()
{
	local txt=$1 mx n=0
	shift
	dns_stop || true
	for mx in ${MX-mx.example.net}; do
		n=$((n + 1))
		printf 'example.net MX %d0 %s\n%s A 127.0.0.1\n' $n "$mx" "$mx"
	done >"$BATS_TEST_TMPDIR/records"
	[ -z "$txt" ] || echo "_mta-sts.example.net TXT \"$txt\"" >>"$BATS_TEST_TMPDIR/records"
	printf '%s\n' 'mta-sts.example.net A 127.0.0.1' "$@" >>"$BATS_TEST_TMPDIR/records"
	dns_serve <"$BATS_TEST_TMPDIR/records"
}

tls_server()
{
	server_start --tls "$CERTS/$1.pem" "$CERTS/$1.key"
}

# one_mail [DOMAIN [LINE]...]: a message, sent; what relay says is in $output.
one_mail()
{
	rm -f "$BESACE_VAR"/queue/*/aaa
	mail_text | queue_put aaa "${1-example.net}" "$ALICE" "bob@${1-example.net}" "${@:2}"
	run -0 relay "${1-example.net}" aaa || { cat "$(log_file)"; return 1; }
}

# requests: how many the web server has had.
requests()
{
	wc -l <"$WEB/log"
}

# kept_value NAME
kept_value()
{
	sed -n "/^\$/q;s/^$1: //p" "$KEPT/example.net"
}

# kept_change SED: the file, changed by hand.
kept_change()
{
	sed -i "$1" "$KEPT/example.net"
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$KEPT/example.net"
}

# ago SECONDS: that time as the file has it.
ago()
{
	date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%SZ
}

@test "P36: enforce: mail goes to a listed host with a good certificate, and is logged as such" {
	tls_server mx.example.net </dev/null
	policy enforce mx.example.net
	one_mail
	has "$output" ' relayed '
	logged 'relay\[.* mta-sts domain=example\.net id=one mode=enforce max_age=604800'
	logged 'result=relayed .*tls=TLSv1\.3:TLS_.* tls-policy=mta-sts'
	is 1 "$(requests)"
	is 700 "$(stat -c %a "$KEPT")"
	is 600 "$(stat -c %a "$KEPT/example.net")"
	is one "$(kept_value Id)"
	sed '1,/^$/d' "$KEPT/example.net" | cmp - "$WEB/policy"
}

@test "P36: enforce: mail stays for an MX host that the policy does not list; queue show says so" {
	tls_server mx.example.net </dev/null
	policy enforce mx.example.org '*.mx.example.net'
	one_mail
	has "$output" ' deferred bob@example\.net "4\.7\.5 the MTA-STS policy of example\.net \(mode enforce, id one\) does not list its MX host mx\.example\.net"'
	is '' "$(cat "$SERVER_LOG")"
	run -0 "$BIN/besace" queue show aaa
	has "$output" 'the MTA-STS policy of example\.net \(mode enforce, id one\) does not list its MX host mx\.example\.net'
}

@test "P36: enforce: mail stays for certificates that do not show the host" {
	local file
	policy enforce mx.example.net
	for file in forged.example.net expired subject mx2.example.net; do
		tls_server $file </dev/null
		one_mail
		has "$output" ' deferred bob@example\.net "4\.7\.5 no TLS with mx\.example\.net\[127\.0\.0\.1\]:[0-9]+ as the MTA-STS policy of example\.net \(mode enforce, id one\) demands it: .*(certificate|name)'
		is 0 "$(received)"
		server_stop
		run -0 "$BIN/besace" queue show aaa
		has "$output" 'no TLS with mx\.example\.net'
	done
	has "$output" '[Hh]ostname mismatch'
	is 1 "$(requests)"
}

@test "P36: enforce: mail stays where STARTTLS is stripped, refused or broken" {
	local rule
	tls_server mx.example.net </dev/null
	policy enforce mx.example.net
	echo 'STARTTLS cut' >"$RULES"
	one_mail
	has "$output" ' deferred bob@example\.net "4\.4\.2 lost connection'
	for rule in 'EHLO reply 250 hostile.test' 'STARTTLS reply 454 4.7.0 not now' \
		'STARTTLS reply 502 5.5.1 what' 'STARTTLS after 220 go ahead'; do
		echo "$rule" >"$RULES"
		one_mail
		has "$output" ' deferred bob@example\.net "4\.7\.5 .* as the MTA-STS policy of example\.net .* demands it: '
	done
	is 0 "$(received)"
	is 0 "$(grep -c ' MAIL ' "$SERVER_LOG")"
}

@test "a wildcard stands for one label" {
	tls_server mx.example.net </dev/null
	policy enforce '*.example.net'
	one_mail
	has "$output" ' relayed '
	rm "$KEPT/example.net"
	policy enforce '*.net'
	one_mail
	has "$output" ' deferred .*does not list'
	is 1 "$(received)"
}

@test "enforce: the next MX host, when the first is not listed" {
	MX='mx.example.net mx2.example.net' zone 'v=STSv1; id=one;'
	tls_server mx2.example.net </dev/null
	policy enforce mx2.example.net
	one_mail
	has "$output" ' relayed '
	logged 'no-session via=mx\.example\.net.* status=4\.7\.5 answer="the MTA-STS policy'
	logged 'result=relayed .*via=mx2\.example\.net'
}

@test "enforce: the next MX host, when the certificate of the first is bad" {
	MX='mx.example.net mx2.example.net' zone 'v=STSv1; id=one;'
	tls_server mx2.example.net </dev/null
	policy enforce '*.example.net'
	one_mail
	has "$output" ' relayed '
	logged 'no-session via=mx\.example\.net.* answer="no TLS with mx\.example\.net.*mismatch'
	logged 'result=relayed .*via=mx2\.example\.net'
	is 1 "$(received)"
}

@test "enforce: names are compared without letter case" {
	MX=MX.Example.NET zone 'v=STSv1; id=one;'
	tls_server mx.example.net </dev/null
	policy enforce Mx.EXAMPLE.net
	one_mail Example.NET
	has "$output" ' relayed '
	[ -e "$KEPT/example.net" ]
}

@test "testing: mail goes as if there were no policy" {
	local file
	policy testing mx.example.net
	for file in forged.example.net expired mx.example.net; do
		tls_server $file </dev/null
		one_mail
		has "$output" ' relayed '
		server_stop
	done
	hasnt "$(cat "$(log_file)")" 'tls-policy=mta-sts'
	server_start </dev/null
	one_mail
	has "$output" ' relayed '
	rm "$KEPT/example.net"
	policy testing mx.example.org
	one_mail
	has "$output" ' relayed '
	logged ' mta-sts domain=example\.net id=one mode=testing'
}

@test "none: the same" {
	tls_server forged.example.net </dev/null
	policy none
	one_mail
	has "$output" ' relayed '
	logged ' mta-sts domain=example\.net id=one mode=none'
	one_mail
	is 1 "$(requests)"
}

@test "no record, several, broken ones: no policy, and the web server is not asked" {
	local txt
	tls_server forged.example.net </dev/null
	policy enforce mx.example.org
	for txt in '' 'v=STSv1; id=' 'v=STSv2; id=one' 'v=spf1 -all'; do
		zone "$txt"
		one_mail
		has "$output" ' relayed '
	done
	zone 'v=STSv1; id=one' '_mta-sts.example.net TXT "v=STSv1; id=two"'
	one_mail
	has "$output" ' relayed '
	zone '' '_mta-sts.example.net MODE servfail'
	one_mail
	has "$output" ' relayed '
	is 0 "$(requests)"
	is '' "$(find "$KEPT" -name 'example*')"
}

@test "the record may be an alias, and among others" {
	tls_server mx.example.net </dev/null
	zone '' '_mta-sts.example.net CNAME _mta-sts.host.test' \
		'_mta-sts.host.test TXT "v=spf1 -all"' \
		'_mta-sts.host.test TXT "v=STSv1; " "id=abc; x=y;"'
	policy enforce mx.example.org
	one_mail
	has "$output" ' deferred .*id abc'
}

@test "a policy is fetched again when its id changes" {
	tls_server mx.example.net </dev/null
	policy enforce mx.example.net
	one_mail
	policy enforce mx.example.org
	one_mail
	has "$output" ' relayed '
	is 1 "$(requests)"
	zone 'v=STSv1; id=two;'
	one_mail
	has "$output" ' deferred .*id two\) does not list'
	is 2 "$(requests)"
	is two "$(kept_value Id)"
	# and loosened
	policy none
	zone 'v=STSv1; id=three;'
	one_mail
	has "$output" ' relayed '
}

@test "what is kept counts when record and web server are gone" {
	tls_server forged.example.net </dev/null
	policy enforce mx.example.net
	one_mail
	has "$output" ' deferred '
	policy_stop
	zone ''
	one_mail
	has "$output" ' deferred .*4\.7\.5'
	zone '' '_mta-sts.example.net MODE servfail'
	one_mail
	has "$output" ' deferred .*4\.7\.5'
	# a new one is said to be there, and is not to be had
	zone 'v=STSv1; id=two;'
	one_mail
	has "$output" ' deferred .*4\.7\.5'
	logged ' mta-sts domain=example\.net id=two failure=sts-policy-fetch-error kept=one'
	is 'one two' "$(kept_value Id) $(kept_value Tried-Id)"
	is 0 "$(received)"
}

@test "what is kept counts until it expires" {
	tls_server forged.example.net </dev/null
	policy enforce mx.example.net
	one_mail
	has "$output" ' deferred '
	zone ''
	kept_change "s/^Expires: .*/Expires: $(ago 1)/"
	one_mail
	has "$output" ' relayed '
	is 1 "$(requests)"
	# and is fetched again where there is a record
	zone 'v=STSv1; id=one;'
	one_mail
	has "$output" ' deferred '
	is 2 "$(requests)"
}

@test "max_age: 0 counts once" {
	tls_server forged.example.net </dev/null
	MAX_AGE=0 policy enforce mx.example.net
	one_mail
	has "$output" ' deferred '
	zone ''
	one_mail
	has "$output" ' relayed '
}

@test "a policy is fetched again when it is a day old, or half as old as it can be" {
	tls_server mx.example.net </dev/null
	policy enforce mx.example.net
	one_mail
	kept_change "s/^Fetched: .*/Fetched: $(ago 86300)/"
	one_mail
	is 1 "$(requests)"
	kept_change "s/^Fetched: .*/Fetched: $(ago 86500)/"
	one_mail
	is 2 "$(requests)"
	kept_change "s/^Expires: .*/Expires: $(ago -900)/;s/^Fetched: .*/Fetched: $(ago 1000)/"
	zone '' # without the record, too
	one_mail
	is 3 "$(requests)"
	has "$output" ' relayed '
}

@test "a refresh that fails keeps the old, and is tried again an hour later" {
	tls_server mx.example.net </dev/null
	policy enforce mx.example.net
	one_mail
	web_rule status 500
	kept_change "s/^Fetched: .*/Fetched: $(ago 100000)/"
	one_mail
	has "$output" ' relayed '
	logged ' mta-sts domain=example\.net id=one failure=sts-policy-fetch-error kept=one'
	is sts-policy-fetch-error "$(kept_value Failure)"
	one_mail
	is 2 "$(requests)"
	kept_change "s/^Tried: .*/Tried: $(ago 3500)/"
	one_mail
	is 2 "$(requests)"
	web_rule
	kept_change "s/^Tried: .*/Tried: $(ago 3700)/"
	one_mail
	is 3 "$(requests)"
	is '' "$(kept_value Failure)"
}

@test "a policy that cannot be had is none, and not asked for again for five minutes" {
	tls_server forged.example.net </dev/null
	policy enforce mx.example.org
	web_rule status 404
	one_mail
	has "$output" ' relayed '
	logged 'mta-sts-fetch\[.* no-policy host=mta-sts\.example\.net reason="HTTP status 404"'
	logged ' mta-sts domain=example\.net id=one failure=sts-policy-fetch-error$'
	web_rule
	one_mail
	has "$output" ' relayed '
	is 1 "$(requests)"
	kept_change "s/^Tried: .*/Tried: $(ago 310)/"
	one_mail
	has "$output" ' deferred .*does not list'
	is 2 "$(requests)"
}

@test "a policy that cannot be had for long is asked for more and more rarely" {
	tls_server forged.example.net </dev/null
	policy enforce mx.example.org
	web_rule status 404
	one_mail
	kept_change "s/^Tried: .*/Tried: $(ago 310)/"
	kept_change "s/^Failing-Since: .*/Failing-Since: $(ago 910)/"
	one_mail
	is 1 "$(requests)"
	kept_change "s/^Tried: .*/Tried: $(ago 610)/"
	one_mail
	is 2 "$(requests)"
	web_rule
	kept_change "s/^Tried: .*/Tried: $(ago 3610)/"
	one_mail
	has "$output" ' deferred .*does not list'
	is 3 "$(requests)"
}

@test "a failure is about one id: another is asked for at once" {
	tls_server forged.example.net </dev/null
	policy enforce mx.example.org
	web_rule status 404
	one_mail
	zone 'v=STSv1; id=two;'
	web_rule
	one_mail
	has "$output" ' deferred .*id two\) does not list'
}

@test "a policy file that is none, or from a host that does not show that it is it" {
	tls_server forged.example.net </dev/null
	printf 'version: STSv1\nmode: enforce\nmax_age: 1000\n' >"$WEB/policy"
	one_mail
	has "$output" ' relayed '
	logged 'relay\[.* no-policy domain=example\.net reason="it has no mx"'
	is sts-policy-invalid "$(kept_value Failure)"
	rm "$KEPT/example.net"
	policy enforce mx.example.org
	web_certificate mx.example.net
	one_mail
	has "$output" ' relayed '
	is sts-webpki-invalid "$(kept_value Failure)"
	is 1 "$(requests)"
}

@test "a kept file that is damaged, foreign or hostile counts for nothing" {
	local content
	tls_server forged.example.net </dev/null
	policy enforce mx.example.net
	one_mail
	for content in '' 'x' 'Besace-Mta-Sts: 1' \
		$'Besace-Mta-Sts: 1\nId: one\nFetched: 2026-01-01T00:00:00Z\nExpires: 2036-01-01T00:00:00Z\n\nversion: STSv1\nmode: none\n' \
		$'Besace-Mta-Sts: 1\nId: one\nFetched: 2035-01-01T00:00:00Z\nExpires: 2036-01-01T00:00:00Z\n\nversion: STSv1\nmode: none\nmax_age: 1\n' \
		$'Besace-Mta-Sts: 1\nId: one\nFetched: never\n' \
		$'Besace-Mta-Sts: 2\nId: one\n'; do
		printf %s "$content" >"$KEPT/example.net"
		one_mail
		has "$output" ' deferred .*4\.7\.5'
		is one "$(kept_value Id)"
	done
	logged 'error what="read a kept policy" object=mta-sts for=example\.net reason="it is damaged"'
	rm "$KEPT/example.net"
	ln -s /etc/passwd "$KEPT/example.net"
	one_mail
	has "$output" ' deferred .*4\.7\.5'
	[ ! -L "$KEPT/example.net" ]
	head -c 70000 /dev/zero >"$KEPT/example.net"
	one_mail
	has "$output" ' deferred .*4\.7\.5'
	is 10 "$(requests)"
}

@test "without a place to keep it, a policy counts all the same" {
	tls_server forged.example.net </dev/null
	policy enforce mx.example.net
	: >"$KEPT"
	one_mail
	has "$output" ' deferred .*4\.7\.5'
	logged 'error what=open object=mta-sts'
}

@test "files whose time is over are removed, once a day" {
	tls_server mx.example.net </dev/null
	policy enforce mx.example.net
	one_mail
	touch -d '2 days ago' "$KEPT/old.example" "$KEPT/x.test.tmp.0123456789abcdef"
	touch -d 'tomorrow' "$KEPT/new.example"
	is 1 "$(($(stat -c %Y "$KEPT/example.net") - $(date +%s) > 600000))"
	rm "$KEPT/example.net"
	one_mail
	[ -e "$KEPT/old.example" ]
	rm "$KEPT/example.net"
	touch -d '25 hours ago' "$KEPT/.lock"
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$KEPT"/.lock "$KEPT"/*
	one_mail
	is "example.net new.example" "$(ls "$KEPT" | tr '\n' ' ' | sed 's/ $//')"
}

@test "many at once: one asks the web server, the others wait for it" {
	local i pids=()
	tls_server forged.example.net </dev/null
	policy enforce mx.example.net
	web_rule late 1
	for i in 1 2 3 4; do
		mail_text | queue_put "a$i" example.net "$ALICE" bob@example.net
	done
	for i in 1 2 3 4; do
		relay example.net "a$i" >"$BATS_TEST_TMPDIR/out$i" 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	is 4 "$(cat "$BATS_TEST_TMPDIR"/out? | grep -c ' deferred .*4\.7\.5')"
	is 1 "$(requests)"
}

@test "smtp_tls_mta_sts = no, a level that the route names, and hosts in brackets: no policy is asked for" {
	tls_server forged.example.net </dev/null
	policy enforce mx.example.net
	setting smtp_tls_mta_sts no
	one_mail
	has "$output" ' relayed '
	setting smtp_tls_mta_sts yes
	printf '%s\n' 'example.net - tls=encrypt' >"$BESACE_ETC/routes"
	"$BIN/besace" maps
	one_mail
	has "$output" ' relayed '
	printf '%s\n' "example.net [mx.example.net]:$BESACE_SMTP_PORT" >"$BESACE_ETC/routes"
	"$BIN/besace" maps
	one_mail
	has "$output" ' relayed '
	hasnt "$(cat "$DNS_LOG")" '_mta-sts'
	is 0 "$(requests)"
}

@test "DANE comes first, where the host has TLSA records" {
	local digest
	digest=$(openssl x509 -in "$CERTS/forged.example.net.pem" -outform DER | sha256sum)
	tls_server forged.example.net </dev/null
	policy enforce mx.example.org
	zone 'v=STSv1; id=one' 'net ZONE secure' \
		"_$BESACE_SMTP_PORT._tcp.mx.example.net TLSA 3 0 1 ${digest%% *}"
	one_mail
	has "$output" ' relayed '
	logged 'result=relayed .* tls-policy=dane'
	is 0 "$(requests)"
	# a policy does not make good what the records forbid
	server_stop
	tls_server mx.example.net </dev/null
	policy enforce mx.example.net
	zone 'v=STSv1; id=one' 'net ZONE secure' \
		"_$BESACE_SMTP_PORT._tcp.mx.example.net TLSA 3 0 1 ${digest%% *}"
	one_mail
	has "$output" ' deferred .*its certificate is in none of its TLSA records'
	# records of no use forbid nothing, and say nothing: the policy counts
	zone 'v=STSv1; id=one' 'net ZONE secure' \
		"_$BESACE_SMTP_PORT._tcp.mx.example.net TLSA 1 0 1 ${digest%% *}"
	one_mail
	has "$output" ' relayed '
	logged 'result=relayed .* tls-policy=mta-sts'
}

@test "REQUIRETLS is kept by an enforced policy" {
	tls_server mx.example.net <<-'END'
	EHLO+tls reply 250-hostile.test\n250 REQUIRETLS
	END
	policy enforce mx.example.net
	one_mail example.net -- 'Require-Tls: yes'
	has "$output" ' relayed '
	is 'MAIL FROM:<alice@example.test> REQUIRETLS' "$(sed -n 's/^[0-9]* MAIL //p' "$SERVER_LOG")"
	policy testing mx.example.net
	zone 'v=STSv1; id=two;'
	one_mail example.net -- 'Require-Tls: yes'
	has "$output" ' failed bob@example\.net "5\.7\.30 '
}

@test "domains that are no host names have no policy" {
	tls_server forged.example.net </dev/null
	zone 'v=STSv1; id=one' 'localdomain A 127.0.0.1' \
		'x..y A 127.0.0.1' 'xn--bcher-kva.test A 127.0.0.1' \
		'_mta-sts.xn--bcher-kva.test TXT v=STSv1; id=b' 'mta-sts.xn--bcher-kva.test A 127.0.0.1'
	policy enforce mx.example.net
	one_mail localdomain
	has "$output" ' relayed '
	hasnt "$(cat "$DNS_LOG")" '_mta-sts.localdomain'
	one_mail xn--bcher-kva.test
	has "$output" ' relayed '
	has "$(cat "$DNS_LOG")" '_mta-sts.xn--bcher-kva.test 16'
	is sts-webpki-invalid "$(sed -n 's/^Failure: //p' "$KEPT/xn--bcher-kva.test")"
	has "$(ls "$KEPT")" '^xn--bcher-kva.test$'
}
