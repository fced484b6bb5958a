#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Reports about TLS to the domains that ask for them (RFC 8460): what relay
# notes, and what tls-report makes of it.

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
	authority stranger
	certificate reports.example stranger
	mv "$CERTS/reports.example.pem" "$CERTS/forged.pem"
	mv "$CERTS/reports.example.key" "$CERTS/forged.key"
	certificate reports.example ca
	certificates_open
}

setup()
{
	DAY=$(date -u -d '1 day ago' +%F)
	REPORTS=
}

teardown()
{
	instance_stop
	policy_stop
	relay_end
}

RUA='_smtp._tls.example.net TXT v=TLSRPTv1; rua=mailto:tls@reports.example'

# reporter [OPTION]... < RECORDS: an instance that writes to others and reports.
reporter()
{
	relay_new -o "smtp_tls_CAfile=$CERTS/ca.pem" -o smtp_tlsrpt_enable=yes \
		-o default_transport=smtp "$@"
	REPORTS=$BESACE_VAR/tls-reports
	# the owner of the mail must reach it
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" \
		"$INSTANCE" 2>/dev/null || true
}

one_mail()
{
	rm -f "$BESACE_VAR"/queue/*/aaa
	mail_text | queue_put aaa "${1-example.net}" "$ALICE" "${2-bob@example.net}"
	run -0 relay "${1-example.net}" aaa
}

# sessions: what relay has noted, of all days.
sessions()
{
	cat "$REPORTS"/????-??-?? 2>/dev/null
}

# day_ends: what relay noted today was noted on $DAY, which is over; its clock
# is ours, so that the file is named anew.
day_ends()
{
	sessions >"$BATS_TEST_TMPDIR/day"
	rm -f "$REPORTS"/????-??-??
	day_is <"$BATS_TEST_TMPDIR/day"
}

# day_is < LINES: the sessions of $DAY.
day_is()
{
	mkdir -p "$REPORTS"
	cat >"$REPORTS/$DAY"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$REPORTS"
}

# session DOMAIN RESULT [FIELD]...: a line of it.
session()
{
	printf 'domain=%s\tpolicy-type=no-policy-found\tpolicy-domain=%s\tresult=%s' "$1" "$1" "$2"
	shift 2
	(($# == 0)) || printf '\t%s' "$@"
	echo
}

tls_report()
{
	timeout 120 "$BIN/tls-report" "$@" 2>>"$(log_file)"
}

# web_reporter URI... [-- RECORD...]: the reports about example.net go there, and
# there is one about $DAY; reports.example is our web server.
web_reporter()
{
	local uris=$1
	shift
	while (($#)) && [ "$1" != -- ]; do
		uris+=,$1
		shift
	done
	reporter < <(
		printf '%s\n' "_smtp._tls.example.net TXT v=TLSRPTv1; rua=$uris" \
			'reports.example A 127.0.0.1' "${@:2}"
	)
	policy_serve reports.example
	session example.net success | day_is
}

# posts: the paths that something was posted to, in order.
posts()
{
	sed -n 's/^[^ ]* [^ ]* POST \([^ ]*\) .*/\1/p' "$WEB/log" | tr '\n' ' '
}

# not_taken REASON: the report is not taken, for now.
not_taken()
{
	: >"$(log_file)"
	run -75 tls_report
	logged "tls-report-post\\[.*not-taken host=reports\\.example reason=\"?$1"
	logged 'tls-report day=[0-9-]* domain=example\.net to=https://reports\.example/[^ ]* result=deferred answer='
}

# reports [DOMAIN]: names of the queue files that have reports, for a domain.
reports()
{
	grep -lsx "Group: ${1-reports.example}" "$BESACE_VAR"/queue/new/* || true
}

# report [DOMAIN]: its one message.
report()
{
	local file
	file=$(reports "$@")
	[ -f "$file" ] || {
		echo "not one report: $file"
		return 1
	}
	sed '1,/^$/d' "$file"
}

@test "sessions with TLS, without, and with a failed handshake" {
	reporter <<<"$RUA"
	server_start --tls "$CERTS/mx.example.net.pem" "$CERTS/mx.example.net.key" </dev/null
	one_mail
	one_mail
	is 2 "$(sessions | grep -c 'result=success$')"
	is $'domain=example.net\tpolicy-type=no-policy-found\tpolicy-domain=example.net\tresult=success' \
		"$(sessions | sort -u)"
	echo 'EHLO reply 250 hostile.test' >"$RULES"
	one_mail
	echo 'STARTTLS after 220 go ahead' >"$RULES"
	one_mail
	has "$output" ' relayed '
	is 4 "$(sessions | wc -l)"
	day_ends
	run -0 tls_report -d "$DAY"
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" '^policies\.0\.policy\.policy-type = no-policy-found$'
	has "$output" '^policies\.0\.policy\.policy-domain = example\.net$'
	has "$output" '^policies\.0\.summary\.total-successful-session-count = 2$'
	has "$output" '^policies\.0\.summary\.total-failure-session-count = 2$'
	has "$output" '^policies\.0\.failure-details\.0\.result-type = starttls-not-supported$'
	has "$output" '^policies\.0\.failure-details\.1\.result-type = validation-failure$'
	has "$output" '^policies\.0\.failure-details\.1\.sending-mta-ip = 127\.0\.0\.1$'
	has "$output" '^policies\.0\.failure-details\.1\.receiving-ip = 127\.0\.0\.1$'
	has "$output" '^policies\.0\.failure-details\.1\.receiving-mx-hostname = mx\.example\.net$'
	has "$output" '^policies\.0\.failure-details\.1\.failure-reason-code = no TLS with '
}

@test "nothing is noted of none, of relayhost and routes, of what did not come to TLS" {
	reporter <<<"$RUA"
	server_start --tls "$CERTS/mx.example.net.pem" "$CERTS/mx.example.net.key" </dev/null
	setting smtp_tls_security_level none
	one_mail
	setting smtp_tls_security_level may
	echo "example.net [mx.example.net]:$BESACE_SMTP_PORT" >"$BESACE_ETC/routes"
	"$BIN/besace" maps
	one_mail
	: >"$BESACE_ETC/routes"
	setting relayhost "[mx.example.net]:$BESACE_SMTP_PORT"
	one_mail
	has "$output" ' relayed '
	setting relayhost ''
	echo 'greeting reply 421 4.3.2 not now' >"$RULES"
	one_mail
	echo 'connect cut' >"$RULES"
	one_mail
	: >"$RULES"
	setting smtp_tlsrpt_enable no
	one_mail
	has "$output" ' relayed '
	one_mail '[127.0.0.1]' 'bob@[127.0.0.1]'
	is '' "$(sessions)"
}

@test "a certificate that only our own level asks for is no failure of theirs" {
	reporter -o smtp_tls_security_level=verify <<<"$RUA"
	certificate other.example ca
	server_start --tls "$CERTS/other.example.pem" "$CERTS/other.example.key" </dev/null
	one_mail
	has "$output" ' deferred '
	is '' "$(sessions)"
}

@test "the mail: signed, from our postmaster, addressed and named as RFC 8460 has it" {
	reporter -o tls_report_organization='Müller "&" \Söhne' <<<"$RUA"
	session example.net success | day_is
	run -0 tls_report
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" '^From: <?postmaster@example\.test>?$'
	has "$output" '^To: <?tls@reports\.example>?$'
	has "$output" '^DKIM-Signature: .*d=example\.test;'
	has "$output" '^TLS-Report-Domain: example\.net$'
	has "$output" '^TLS-Report-Submitter: example\.test$'
	has "$output" '^TLS-Required: No$'
	has "$output" '^Auto-Submitted: auto-generated$'
	has "$output" '^Message-ID: <.*@example\.test>$'
	local start
	start=$(date -u -d "$DAY" +%s)
	has "$output" "^filename = example\.test!example\.net!$start!$((start + 86399))\.json\.gz\$"
	has "$output" "^date-range\.start-datetime = ${DAY}T00:00:00Z\$"
	has "$output" '^contact-info = postmaster@example\.test$'
	has "$output" '^organization-name = M\\xfcller "&" \\\\S\\xf6hne$'
	has "$output" "^report-id = $DAY\.example\.net@example\.test\$"
	local file
	file=$(reports)
	is postmaster@example.test "$(queue_value "${file##*/}" Sender)"
	is NEVER "$(queue_value "${file##*/}" Notify)"
	logged 'tls-report day=[0-9-]* domain=example\.net to=tls@reports\.example uid=[^ ]* result=sent$'
}

@test "the mail arrives, through the queue and relay" {
	reporter < <(
		echo "$RUA"
		echo 'reports.example MX 10 mx.example.net'
	)
	server_start </dev/null
	session example.net success | day_is
	run -0 tls_report
	run -0 relay reports.example
	has "$output" ' relayed tls@reports\.example '
	run -0 "$LIB/tlsrpt" < <(sed '1,/^$/d; s/\r$//' "$SERVER_MAIL"/*)
	has "$output" '^policies\.0\.summary\.total-successful-session-count = 1$'
}

@test "who asks for no report gets none, and is not asked about twice" {
	local domain
	reporter <<-'END'
		_smtp._tls.one.example TXT v=spf1 -all
		_smtp._tls.two.example TXT v=TLSRPTv1; rua=mailto:a@reports.example
		_smtp._tls.two.example TXT v=TLSRPTv1; rua=mailto:b@reports.example
		_smtp._tls.three.example TXT v=TLSRPTv1; rua=mailto:a b@reports.example
		_smtp._tls.four.example TXT v=TLSRPTv1; rua=http://reports.example/
		_smtp._tls.five.example TXT v=TLSRPTv1; rua=mailto:no-address
		_smtp._tls.six.example A 127.0.0.1
		six.example A 127.0.0.1
	END
	for domain in one two three four five six seven; do
		session $domain.example success
	done | day_is
	run -0 tls_report
	is '' "$(ls "$BESACE_VAR/queue/new")"
	logged 'domain=three\.example result=none reason=.*malformed'
	: >"$DNS_LOG"
	run -0 tls_report
	is '' "$(cat "$DNS_LOG")"
}

@test "all addresses of a record, in one message; other records beside it do not count" {
	reporter <<-'END'
		_smtp._tls.example.net TXT something else
		_smtp._tls.example.net TXT "v=TLSRPTv1; rua=mailto:a%2Bx@reports.example," "http://reports.example/x , mailto:b@reports.example; new=thing;"
	END
	session example.net success | day_is
	run -0 tls_report
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" '^To: <?a\+x@reports\.example>?, <?b@reports\.example>?$'
	has "$output" '^To: '
	is 2 "$(grep -c '^Recipient: ' "$(reports)")"
	is 2 "$(grep -c '^Notify: NEVER$' "$(reports)")"
}

@test "hostile text of a server, in the record and in the notes, stays text" {
	reporter <<-'END'
		_smtp._tls.example.net TXT v=TLSRPTv1; rua=mailto:a%0aBcc:x@evil.example,mailto:b@reports.example
		_smtp._tls.evil.example TXT v=TLSRPTv1; rua=mailto:a@reports.example\x0aX: y
		_smtp._tls.null.example TXT v=TLSRPTv1; rua=mailto:a\x00b@reports.example
		_smtp._tls.noise.example MODE noise
		_smtp._tls.huge.example MODE huge
	END
	{
		session example.net validation-failure 'receiving-mx-hostname="]}' \
			'failure-reason-code=a%0D%0A%00%09"\u0000 '$'\xff\xc3\xa4'
		session evil.example success
		session null.example success
	} | day_is
	run -0 tls_report
	is 1 "$(reports | wc -l)"
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" '^To: <?b@reports\.example>?$'
	has "$output" '^policies\.0\.failure-details\.0\.receiving-mx-hostname = "\]\}$'
	has "$output" '^policies\.0\.failure-details\.0\.failure-reason-code = a\\r\\n\\x00\\t"\\\\u0000 \\ufffd\\xe4$'
	{
		session noise.example success
		session huge.example success
	} | day_is
	rm "$REPORTS/$DAY.done"
	run tls_report
	[[ $status = 0 || $status = 75 ]]
	is 1 "$(reports | wc -l)"
}

@test "a server's words reach the report escaped" {
	reporter <<<"$RUA"
	server_start --tls "$CERTS/mx.example.net.pem" "$CERTS/mx.example.net.key" <<-'END'
		EHLO+tls raw 421 4.3.2 "\\}]\x01\xff\tbye\r\n
	END
	one_mail
	server_stop
	export BESACE_SMTP_PORT=1
	day_ends
	run -0 tls_report
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" '^policies\.0\.summary\.total-.*-session-count = 1$'
}

@test "policies are told apart, equal failures counted together" {
	local tlsa=$'policy-type=tlsa\tpolicy-domain=mx.example.net\tpolicy-string=3 1 1 00ff\tpolicy-string=2 0 1 aa'
	local sts=$'policy-type=sts\tpolicy-domain=example.net\tpolicy-string=version: STSv1\tpolicy-string=mode: enforce\tmx-host=*.example.net'
	local expired=$'result=certificate-expired\tsending-mta-ip=192.0.2.1\treceiving-mx-hostname=mx.example.net\treceiving-ip=192.0.2.2'
	reporter <<<"$RUA"
	{
		printf 'domain=example.net\t%s\tresult=success\n' "$sts" "$tlsa" "$sts" "$sts"
		printf "domain=example.net\t$sts\t%s\n" "$expired" "${expired%2}3" "$expired"
		session example.net.au success
		session example.ne success
	} | day_is
	run -0 tls_report
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" '^policies\.0\.policy\.policy-type = sts$'
	has "$output" '^policies\.0\.policy\.policy-string\.1 = mode: enforce$'
	has "$output" '^policies\.0\.policy\.mx-host\.0 = \*\.example\.net$'
	has "$output" '^policies\.0\.summary\.total-successful-session-count = 3$'
	has "$output" '^policies\.0\.summary\.total-failure-session-count = 3$'
	has "$output" '^policies\.0\.failure-details\.0\.failed-session-count = 2$'
	has "$output" '^policies\.0\.failure-details\.1\.receiving-ip = 192\.0\.2\.3$'
	has "$output" '^policies\.0\.failure-details\.1\.failed-session-count = 1$'
	has "$output" '^policies\.1\.policy\.policy-type = tlsa$'
	has "$output" '^policies\.1\.policy\.policy-domain = mx\.example\.net$'
	has "$output" '^policies\.1\.policy\.policy-string\.0 = 3 1 1 00ff$'
	has "$output" '^policies\.1\.summary\.total-successful-session-count = 1$'
	hasnt "$output" '^policies\.2\.'
}

@test "more kinds of failures than a report has room for are counted" {
	local i
	reporter <<<"$RUA"
	for i in {1..150}; do
		session example.net validation-failure "failure-reason-code=reason $i"
	done | day_is
	run -0 tls_report
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" '^policies\.0\.summary\.total-failure-session-count = 150$'
	is 100 "$(grep -c '\.failed-session-count = 1$' <<<"$output")"
}

@test "a line that was cut harms no other" {
	reporter <<<"$RUA"
	{
		printf 'domain=example.net\tpolicy-type=no-pol'
		session example.net success
		session example.net success
		printf 'domain=example.net\tresult=success\n\nwhat\n\0\377\n'
		session example.net success | tr -d '\n'
	} | day_is
	run -0 tls_report
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" '^policies\.0\.summary\.total-successful-session-count = 1$'
}

@test "sessions that end at the same time are each noted whole" {
	local i pids=()
	reporter <<<"$RUA"
	server_start --tls "$CERTS/mx.example.net.pem" "$CERTS/mx.example.net.key" <<-'END'
		STARTTLS@3 after 220 go ahead
		EHLO@7 reply 250 hostile.test
	END
	for i in {1..12}; do
		mail_text | queue_put "m$i" example.net "$ALICE" bob@example.net
	done
	for i in {1..12}; do
		relay example.net "m$i" >/dev/null 3>&- &
		pids+=($!)
	done
	wait "${pids[@]}"
	is 12 "$(received)"
	is 12 "$(sessions | wc -l)"
	is 12 "$(sessions | grep -c $'^domain=example\\.net\tpolicy-type=[a-z-]*\tpolicy-domain=example\\.net\tresult=[a-z-]*\\(\t[a-z-]*=[^\t]*\\)*$')"
}

@test "a day's file has a limit; mail goes on" {
	reporter <<<"$RUA"
	server_start --tls "$CERTS/mx.example.net.pem" "$CERTS/mx.example.net.key" </dev/null
	one_mail
	local today
	today=$(echo "$REPORTS"/????-??-??)
	{
		cat "$today"
		head -c $((32 * 1024 * 1024 - 50)) /dev/zero
		echo
	} >"$BATS_TEST_TMPDIR/full"
	cat "$BATS_TEST_TMPDIR/full" >"$today"
	one_mail
	has "$output" ' relayed '
	is $(($(wc -c <"$BATS_TEST_TMPDIR/full"))) "$(cat "$REPORTS"/????-??-?? | wc -c)"
	hasnt "$(cat "$(log_file)")" 'event=error| error '
	day_ends
	run -0 tls_report
	logged 'day=[0-9-]* warning=.*more sessions'
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" '^policies\.0\.summary\.total-successful-session-count = 1$'
}

@test "mail goes out though nothing can be noted" {
	reporter <<<"$RUA"
	server_start --tls "$CERTS/mx.example.net.pem" "$CERTS/mx.example.net.key" </dev/null
	echo 'in the way' >"$REPORTS"
	one_mail
	has "$output" ' relayed '
	logged 'error what="note the TLS of a session"'
}

@test "without an answer of the DNS it is tried again" {
	reporter -o dns_timeout=1s <<-'END'
		_smtp._tls.example.net MODE servfail
		_smtp._tls.silent.example MODE drop
		_smtp._tls.other.example TXT v=TLSRPTv1; rua=mailto:tls@reports.example
	END
	{
		session example.net success
		session other.example success
		session silent.example success
	} | day_is
	run -75 tls_report
	logged 'domain=example\.net result=deferred answer="no answer of the DNS"'
	is 1 "$(reports | wc -l)"
	dns_stop || true
	dns_serve <<<"$RUA"
	run -0 tls_report
	is 2 "$(reports | wc -l)"
	run -0 tls_report
	is 2 "$(reports | wc -l)"
}

@test "domains without an answer do not keep others from their reports" {
	local i
	reporter < <(
		echo "$RUA"
		printf '_smtp._tls.a%d.example MODE servfail\n' {100..139}
	)
	{
		for i in {100..139}; do
			session "a$i.example" success
		done
		session example.net success
	} | day_is
	run -75 tls_report
	is 1 "$(reports | wc -l)"
}

@test "a report is sent once; killed before that is written down, again" {
	reporter <<<"$RUA"
	session example.net success | day_is
	run -0 tls_report
	run -0 tls_report
	run -0 tls_report -d "$DAY"
	is 1 "$(reports | wc -l)"
	printf '#!/bin/sh\n"%s/deliver" "$@" && kill -9 $PPID\n' "$BIN" >"$INSTANCE/killer"
	chmod 755 "$INSTANCE/killer"
	setting virtual_transport "$INSTANCE/killer"
	rm "$REPORTS/$DAY.done"
	run tls_report
	[ "$status" != 0 ]
	is 2 "$(reports | wc -l)"
	setting virtual_transport deliver
	run -0 tls_report
	is 3 "$(reports | wc -l)"
	# who gets them sees that they are the same
	is 1 "$(reports | xargs grep -h '^ Report-ID:' | sort -u | wc -l)"
	run -0 tls_report
	is 3 "$(reports | wc -l)"
}

@test "what the delivery refuses for now is tried again, for good not" {
	reporter <<<"$RUA"
	session example.net success | day_is
	setting outbound_filters false
	printf '#!/bin/sh\nexit 75\n' >"$INSTANCE/filter"
	chmod 755 "$INSTANCE/filter"
	setting outbound_filters "$INSTANCE/filter"
	run -75 tls_report
	logged 'domain=example\.net .* result=deferred '
	printf '#!/bin/sh\nexit 77\n' >"$INSTANCE/filter"
	run -0 tls_report
	logged 'domain=example\.net .* result=refused '
	setting outbound_filters dkimsign
	run -0 tls_report
	is '' "$(reports)"
}

@test "only days that are over, by -d or all of them; old ones go" {
	local tomorrow yesterday=$DAY old
	tomorrow=$(date -u -d '1 day' +%F)
	old=$(date -u -d '6 days ago' +%F)
	reporter <<<"$RUA"
	for DAY in "$tomorrow" "$yesterday" "$old"; do
		session example.net success | day_is
	done
	touch "$REPORTS/$old.done" "$REPORTS/something"
	run -64 tls_report -d "$tomorrow"
	run -64 tls_report -d 2026-11-31
	run -64 tls_report -d yesterday
	run -0 tls_report -n -d 2026-01-01
	logged 'day=2026-01-01 result=none reason="nothing was noted on that day"'
	run -64 tls_report tomorrow
	run -0 tls_report
	is 1 "$(reports | wc -l)"
	run -0 "$LIB/tlsrpt" < <(report)
	has "$output" "^report-id = $yesterday\\."
	is "$yesterday $yesterday.done $tomorrow something" \
		"$(cd "$REPORTS" && echo *)"
}

@test "-n shows the reports, asks nobody and sends nothing" {
	reporter -o tls_report_address=tls@example.test -o smtp_tlsrpt_enable=no </dev/null
	{
		session example.net success
		session example.org starttls-not-supported 'receiving-ip=192.0.2.1'
	} | day_is
	run -0 tls_report -n -d "$DAY"
	run -0 "$LIB/tlsrpt" --json <<<"$output"
	has "$output" '^contact-info = tls@example\.test$'
	is 2 "$(grep -c '^report-id = ' <<<"$output")"
	is '' "$(cat "$DNS_LOG")"
	is '' "$(ls "$BESACE_VAR/queue/new")"
	is "$DAY" "$(ls "$REPORTS")"
}

@test "a trial instance asks and sends nothing" {
	relay_new <<<"$RUA"
	REPORTS=$BESACE_VAR/tls-reports
	session example.net success | day_is
	run -0 tls_report
	logged 'tls-report result=none reason="smtp_tlsrpt_enable is no"'
	is '' "$(cat "$DNS_LOG")"
	is '' "$(ls "$BESACE_VAR/queue/new")"
}

@test "the sender: of the first domain above myhostname that is ours, or as it is set" {
	reporter -o myhostname=mx.mail.example.test <<<"$RUA"
	session example.net success | day_is
	run -0 tls_report -n
	run -0 "$LIB/tlsrpt" --json <<<"$output"
	has "$output" '^contact-info = postmaster@example\.test$'
	setting myhostname mx.elsewhere.example
	run -0 tls_report -n
	run -0 "$LIB/tlsrpt" --json <<<"$output"
	has "$output" '^contact-info = postmaster@mx\.elsewhere\.example$'
	setting tls_report_address 'nobody'
	run -75 tls_report -n
	logged 'object=tls_report_address'
}

@test "a report to a web server: the JSON, compressed, once" {
	web_reporter 'https://reports.example/v1/tls?a=%2C&b'
	run -0 tls_report
	is "reports.example reports.example POST /v1/tls?a=%2C&b application/tlsrpt+gzip $(wc -c <"$WEB/posted")" \
		"$(cat "$WEB/log")"
	gunzip <"$WEB/posted" >"$BATS_TEST_TMPDIR/json"
	tls_report -n -d "$DAY" | cmp - "$BATS_TEST_TMPDIR/json"
	run -0 "$LIB/tlsrpt" --json <"$BATS_TEST_TMPDIR/json"
	has "$output" '^policies\.0\.policy\.policy-domain = example\.net$'
	logged 'tls-report day=[0-9-]* domain=example\.net to="?https://reports\.example/v1/tls\?a=%2C&b"? result=sent$'
	run -0 tls_report
	is 1 "$(wc -l <"$WEB/log")"
	is '' "$(ls "$BESACE_VAR/queue/new")"
}

@test "a web server has the report with 2xx, whatever else it says" {
	web_reporter https://reports.example/{a,b,c,d}
	echo 'status 201' >"$WEB/rule.a"
	echo huge >"$WEB/rule.b"
	echo cut >"$WEB/rule.c"
	echo headers >"$WEB/rule.d"
	run -0 tls_report
	run -0 tls_report
	is '/a /b /c /d ' "$(posts)"
}

@test "a web server that does not take the report is tried again" {
	local code
	web_reporter https://reports.example/tls
	for code in 302 307 308; do
		web_rule status $code "https://reports.example:$BESACE_HTTPS_PORT/other"
		not_taken "HTTP status $code"
	done
	for code in 404 503; do
		web_rule status $code
		not_taken "HTTP status $code"
	done
	web_rule noise
	not_taken ''
	web_rule reset
	not_taken ''
	is '/tls /tls /tls /tls /tls /tls ' "$(posts)"
	rm "$WEB/rule"
	web_certificate forged
	not_taken 'SSL certificate problem'
	logged 'answer="its certificate is not good"'
	web_certificate mx.example.net
	not_taken 'SSL certificate problem'
	is 6 "$(wc -l <"$WEB/log")"
	web_certificate reports.example
	run -0 tls_report
	run -0 tls_report
	is 7 "$(wc -l <"$WEB/log")"
}

@test "a web server that hangs is given up, and tried again" {
	local program
	web_reporter https://reports.example/tls mailto:tls@reports.example
	web_rule stall
	"$BIN/tls-report" 2>>"$(log_file)" 3>&- &
	program=$!
	wait_until 20 [ -s "$WEB/log" ]
	# what its clock does to it after a minute
	kill -ALRM "$(pgrep -P $program)"
	wait $program && status=0 || status=$?
	is 75 "$status"
	logged 'to=https://reports\.example/tls result=deferred'
	is 1 "$(reports | wc -l)"
	rm "$WEB/rule"
	run -0 tls_report
	is '/tls /tls ' "$(posts)"
	is 1 "$(reports | wc -l)"
}

@test "of several ways to send a report only those that failed are tried again" {
	web_reporter https://reports.example/a mailto:tls@reports.example https://reports.example/b
	echo 'status 500' >"$WEB/rule.b"
	run -75 tls_report
	is '/a /b ' "$(posts)"
	run -75 tls_report
	is '/a /b /b ' "$(posts)"
	is "example.net,https://reports.example/a sent
example.net,mailto: sent" "$(sort "$REPORTS/$DAY.done")"
	rm "$WEB/rule.b"
	run -0 tls_report
	is '/a /b /b /b ' "$(posts)"
	: >"$DNS_LOG"
	run -0 tls_report
	is '' "$(cat "$DNS_LOG")"
	is '/a /b /b /b ' "$(posts)"
	is 1 "$(reports | wc -l)"
	# a new way for a report that is not done
	sed -i '/ done$/d; /\/b sent$/d' "$REPORTS/$DAY.done"
	run -0 tls_report
	is '/a /b /b /b /b ' "$(posts)"
	is 1 "$(reports | wc -l)"
}

@test "web servers that are not on the Internet, have no address or no good URI" {
	web_reporter https://reports.example/tls https://none.example/tls
	unset BESACE_HTTPS_PORT
	not_taken 'its address is not one of the Internet'
	logged 'not-taken host=none\.example reason="it has no address"'
	is '' "$(posts)"
	dns_stop
	dns_serve <<-'END'
		_smtp._tls.example.net TXT v=TLSRPTv1; rua=https://127.0.0.1/,https://a@reports.example/,https://localhost/,http://reports.example/
	END
	run -0 tls_report
	is "example.net unwanted" "$(cat "$REPORTS/$DAY.done")"
}

@test "tls-report-post by hand: the port of the URI, and what is no URI" {
	local uri
	web_reporter https://reports.example/
	uri=https://reports.example:$BESACE_HTTPS_PORT/
	BESACE_HTTPS_PORT=1
	run -69 "$BIN/tls-report-post" https://reports.example/ <<<report
	run -0 "$BIN/tls-report-post" "$uri" <<<report
	is report "$(cat "$WEB/posted")"
	run -0 "$BIN/tls-report-post" "$uri" </dev/null
	is 0 "$(awk 'END { print $NF }' "$WEB/log")"
	head -c 3000000 /dev/urandom >"$BATS_TEST_TMPDIR/large"
	rm "$WEB/posted"
	run -0 "$BIN/tls-report-post" "$uri" <"$BATS_TEST_TMPDIR/large"
	cmp "$BATS_TEST_TMPDIR/large" "$WEB/posted"
	for uri in '' http://reports.example/ https://127.0.0.1/ https://x@reports.example/; do
		run -64 "$BIN/tls-report-post" "$uri" </dev/null
		has "$output" '^usage: '
	done
	run -64 "$BIN/tls-report-post" </dev/null
}

@test "what could not be written down as sent is not sent" {
	web_reporter https://reports.example/tls mailto:tls@reports.example
	head -c $((32 * 1024 * 1024 - 500)) /dev/zero >"$REPORTS/$DAY.done"
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$REPORTS/$DAY.done"
	run -75 tls_report
	logged 'error what="mark a report of"'
	is '' "$(posts)"
	is '' "$(reports)"
	truncate -s 100 "$REPORTS/$DAY.done"
	run -0 tls_report
	is '/tls ' "$(posts)"
	is 1 "$(reports | wc -l)"
	run -0 tls_report
	is '/tls ' "$(posts)"
	is 1 "$(reports | wc -l)"
}
