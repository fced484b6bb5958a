#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Where relay sends mail: MX records and addresses, relayhost, routes.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new <<-END
	order.example MX 30 c.order.example
	order.example MX 10 a.order.example
	order.example MX 20 b.order.example
	a.order.example A 127.0.0.1
	b.order.example A 127.0.0.1
	c.order.example A 127.0.0.1
	equal.example MX 10 a.order.example
	equal.example MX 10 b.order.example
	plain.example A 127.0.0.1
	null.example MX 0 .
	gone.example MX 10 nowhere.example
	empty.example TXT nothing
	servfail.example MODE servfail
	drop.example MODE drop
	badhost.example MX 10 servfail.example
	alias.example CNAME example.net
	cname.example MX 10 alias2.example
	alias2.example CNAME mx.example.net
	both.example MX 10 mx.both.example
	mx.both.example A 127.0.0.1
	mx.both.example AAAA ::1
	odd.example MX 5 127.0.0.1
	odd.example MX 10 mx.example.net
	many.example MX 10 many.many.example
	many.many.example A 127.0.0.2
	many.many.example A 127.0.0.3
	many.many.example A 127.0.0.4
	ours.example MX 10 a.order.example
	ours.example MX 20 mail.ours.example
	ours.example MX 30 c.order.example
	mail.ours.example A 127.0.0.1
	better.example MX 10 servfail.example
	better.example MX 20 mail.ours.example
	nonsense.example MX 10 127.0.0.1
	nonsense.example MX 20 a..b
	nonsense.example MX 30 -x.example
	nonsense.example A 127.0.0.1
	nulls.example MX 0 .
	nulls.example MX 10 mx.example.net
	sixes.example MX 10 many.sixes.example
	many.sixes.example A 127.0.0.2
	many.sixes.example A 127.0.0.3
	many.sixes.example A 127.0.0.4
	many.sixes.example AAAA ::1
	xn--bcher-kva.example MX 10 mx.example.net
	mapped.example MX 10 h.mapped.example
	h.mapped.example AAAA ::ffff:127.0.0.1
	$(printf 'hundred.example MX 50 %s.nowhere.example\n' {1..100})
	hundred.example MX 10 mx.example.net
	END
	server_start </dev/null
}

teardown()
{
	relay_end
}

# try DESTINATION [ID]: one mail there; its result is in $output.
try()
{
	rm -f "$BESACE_VAR"/queue/*/"${2-aaa}"
	mail_text | queue_put "${2-aaa}" "$1" "$ALICE" "bob@$1"
	run -0 relay "$1" "${2-aaa}"
}

# goes DESTINATION VIA: a mail arrives, by this host.
goes()
{
	local before
	before=$(received)
	try "$1"
	is $((before + 1)) "$(received)"
	has "$(tail -n 1 "$(log_file)")" "result=relayed .*via=\"?$2:$BESACE_SMTP_PORT"
}

# fails DESTINATION RESULT TEXT
fails()
{
	local before
	before=$(received)
	try "$1"
	has "$output" "^new/aaa $2 [^ ]* \"$3"
	is "$before" "$(received)"
}

@test "MX hosts by preference; the next when one cannot be had" {
	goes order.example 'a\.order\.example\[127\.0\.0\.1\]'
	echo 'greeting@2 cut' >"$RULES"
	goes order.example 'b\.order\.example\[127\.0\.0\.1\]'
	printf '%s\n' 'greeting@4 reply 421 busy' 'EHLO@5 after 421 busy' >"$RULES"
	goes order.example 'c\.order\.example\[127\.0\.0\.1\]'
	logged 'no-session via=a\.order\.example.* code=421 '
	logged 'no-session via=b\.order\.example.* code=421 '
}

@test "more MX records than are kept: the best count; an IPv4 address in IPv6 clothes" {
	goes hundred.example 'mx\.example\.net\[127\.0\.0\.1\]'
	goes mapped.example 'h\.mapped\.example\[127\.0\.0\.1\]'
}

@test "hosts of one preference in random order" {
	local i
	for i in {1..16}; do
		try equal.example
	done
	logged 'via=a\.order\.example'
	logged 'via=b\.order\.example'
}

@test "no MX record: the domain itself; CNAMEs; MX records that name no host" {
	goes plain.example 'plain\.example\[127\.0\.0\.1\]'
	goes alias.example 'mx\.example\.net\[127\.0\.0\.1\]'
	goes cname.example 'alias2\.example\[127\.0\.0\.1\]'
	goes odd.example 'mx\.example\.net\[127\.0\.0\.1\]'
	goes xn--bcher-kva.example 'mx\.example\.net\[127\.0\.0\.1\]'
	goes bücher.example 'mx\.example\.net\[127\.0\.0\.1\]'
	# no null MX beside others (RFC 7505 section 3)
	goes nulls.example 'mx\.example\.net\[127\.0\.0\.1\]'
}

@test "what the DNS says for good, and what it does not say" {
	fails null.example failed '5\.1\.10 null\.example takes no mail'
	fails nothere.example failed '5\.1\.2 there is no domain'
	fails gone.example failed '5\.4\.4 no host'
	fails empty.example failed '5\.4\.4 no host'
	# there are MX records: the address of the domain itself is none
	fails nonsense.example failed '5\.4\.4 no host'
	fails 192.0.2.1 failed '5\.1\.2 192\.0\.2\.1 is no domain'
	fails a..b failed '5\.1\.2 '
	fails servfail.example deferred '4\.4\.3 no answer from the DNS'
	fails badhost.example deferred '4\.4\.3 no answer from the DNS'
	setting dns_timeout 1s
	fails drop.example deferred '4\.4\.3 no answer from the DNS'
	export BESACE_RESOLVER=127.0.0.1:1
	fails example.net deferred '4\.4\.3 no answer from the DNS'
}

@test "smtp_address_preference, and the other family when the first does not answer" {
	setting smtp_address_preference ipv4
	goes both.example 'mx\.both\.example\[127\.0\.0\.1\]'
	hasnt "$(cat "$(log_file)")" '::1'
	setting smtp_address_preference ipv6
	goes both.example 'mx\.both\.example\[127\.0\.0\.1\]'
	logged 'no-session via=mx\.both\.example\[::1\]:'
}

@test "smtp_mx_address_limit" {
	setting smtp_mx_address_limit 2
	fails many.example deferred '4\.4\.1 connection to many\.many\.example'
	is 2 "$(grep -c no-session "$(log_file)")"
	# with the other family among them
	setting smtp_address_preference ipv4
	fails sixes.example deferred '4\.4\.1 connection to many\.sixes\.example'
	is 4 "$(grep -c no-session "$(log_file)")"
	is 1 "$(grep -c 'no-session via=many\.sixes\.example\[::1\]' "$(log_file)")"
}

@test "a host that is dead is not tried for each message again" {
	local i
	for i in aaa bbb ccc; do
		mail_text | queue_put "$i" many.example "$ALICE" bob@many.example
	done
	run -0 relay many.example
	is 3 "$(grep -c '4.4.1' <<<"$output")"
	is 3 "$(grep -c no-session "$(log_file)")"
}

@test "an address literal" {
	goes '[127.0.0.1]' '\[127\.0\.0\.1\]'
	goes '[IPv6:::ffff:127.0.0.1]' '\[127\.0\.0\.1\]'
	fails '[192.0.2.1' failed '5\.1\.2'
}

@test "a loop to ourselves: by name, by address, by the greeting" {
	setting myhostname mail.ours.example
	goes ours.example 'a\.order\.example\[127\.0\.0\.1\]'
	echo 'greeting cut' >"$RULES"
	fails ours.example deferred '4\.4\.2 lost connection'
	fails better.example deferred '4\.4\.3 no answer from the DNS about the hosts'
	hasnt "$(cat "$(log_file)")" 'via=(mail\.ours|c\.order)'
	: >"$RULES"
	setting myhostname mx.example.net
	fails example.net failed '5\.4\.6 mail loop'
	setting myhostname hostile.test
	fails order.example failed '5\.4\.6 mail loop: [abc]\.order\.example'
	unset BESACE_SMTP_PORT
	setting myhostname example.test
	fails example.net failed '5\.4\.6 mail loop'
	fails plain.example failed '5\.4\.6 mail loop'
	fails '[127.0.0.1]' failed '5\.4\.6 mail loop'
}

@test "relayhost takes everything; a mistake in it loses nothing" {
	setting relayhost "[127.0.0.1]:$BESACE_SMTP_PORT"
	goes nothere.example '\[127\.0\.0\.1\]'
	goes 192.0.2.1 '\[127\.0\.0\.1\]'
	setting relayhost "[mx.example.net]:$BESACE_SMTP_PORT"
	goes null.example 'mx\.example\.net\[127\.0\.0\.1\]'
	setting relayhost "order.example:$BESACE_SMTP_PORT"
	goes example.net 'a\.order\.example\[127\.0\.0\.1\]'
	setting relayhost nothere.example
	fails example.net deferred '4\.1\.2 there is no domain nothere\.example'
	setting relayhost null.example
	fails example.net deferred '4\.1\.10 '
	setting relayhost '[nothere.example]'
	fails example.net deferred '4\.4\.4 no host of nothere\.example'
}

@test "routes: the nearest counts, before relayhost; - is the domain itself" {
	local port=$BESACE_SMTP_PORT
	cat >"$BESACE_ETC/routes" <<-END
	gone.example        [a.order.example]:$port
	.gone.example       [b.order.example]
	deep.gone.example   -
	example.net         -
	*                   [c.order.example]
	END
	setting relayhost '[127.0.0.9]'
	goes gone.example 'a\.order\.example\[127\.0\.0\.1\]'
	goes x.gone.example 'b\.order\.example\[127\.0\.0\.1\]'
	goes y.x.gone.example 'b\.order\.example\[127\.0\.0\.1\]'
	goes example.net 'mx\.example\.net\[127\.0\.0\.1\]'
	fails deep.gone.example failed '5\.1\.2'
	goes elsewhere.example 'c\.order\.example\[127\.0\.0\.1\]'
	BESACE_SMTP_PORT=1
	try gone.example
	has "$output" ' relayed '
}

@test "no map, no mail: later" {
	rm "$BESACE_ETC/routes.cdb"
	mail_text | queue_put aaa example.net "$ALICE" bob@example.net
	run -75 relay example.net
	logged 'error what="open map"'
	is 'waiting - -' "$(queue_state aaa)"
}

@test "relay's arguments" {
	run -64 "$BIN/relay"
	run -64 "$BIN/relay" local </dev/null
	run -64 "$BIN/relay" a b
	run -0 "$BIN/relay" example.net </dev/null
}
