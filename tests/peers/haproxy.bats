#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Behind a haproxy with a configuration of its own: both versions of its header,
# its health checks, and TLS that it only passes on.

load ../lib/helpers

setup_file()
{
	needs haproxy
	instance_new -o haproxy_trusted_networks=127.0.0.1
	instance_serve
	export PROXY_V1 PROXY_V2 PROXY_TLS PROXY_IMAPS
	PROXY_V1=$(free_port) PROXY_V2=$(free_port)
	PROXY_TLS=$(free_port) PROXY_IMAPS=$(free_port)
	cat >"$INSTANCE/haproxy.cfg" <<-END
	defaults
		mode tcp
		timeout connect 5s
		timeout client 30s
		timeout server 30s
	listen v1
		bind 127.0.0.1:$PROXY_V1
		source 127.0.0.1
		server s 127.0.0.1:$SMTP send-proxy
	listen v2
		bind 127.0.0.1:$PROXY_V2
		server s 127.0.0.1:$SMTP send-proxy-v2-ssl-cn proxy-v2-options unique-id,crc32c check inter 300ms check-send-proxy
	listen tls
		bind 127.0.0.1:$PROXY_TLS
		server s 127.0.0.1:$SUBMISSIONS send-proxy-v2
	listen imaps
		bind 127.0.0.1:$PROXY_IMAPS
		server s 127.0.0.1:$IMAPS send-proxy
	END
	haproxy -db -f "$INSTANCE/haproxy.cfg" >"$INSTANCE/haproxy.log" 2>&1 3>&- &
	export HAPROXY_PID=$!
	wait_until 10 listening "$PROXY_IMAPS"
}

teardown_file()
{
	[ -z "${HAPROXY_PID-}" ] || kill "$HAPROXY_PID"
	instance_stop
}

setup()
{
	mail_clear
	: >"$INSTANCE/log/mail.log"
}

# The client comes from 127.0.0.2, the proxy from 127.0.0.1.
from_client()
{
	curl -sS -k --interface 127.0.0.2 -m 20 "$@"
}

deliver_by()
{
	mail_text | crlf | from_client --url "$1" --mail-from carol@elsewhere.test \
		--mail-rcpt "$BOB" -T -
	has "$(message bob)" '^Received: from .*\[127\.0\.0\.2\]\)$'
	serve_logged ' connect ip=127\.0\.0\.2 service=smtp proxy=127\.0\.0\.1$'
}

@test "send-proxy" {
	deliver_by "smtp://127.0.0.1:$PROXY_V1"
}

@test "send-proxy-v2 with extensions; its health checks are the proxy's own" {
	deliver_by "smtp://127.0.0.1:$PROXY_V2"
	wait_until 10 serve_logged ' connect ip=127\.0\.0\.1 service=smtp$'
}

@test "submissions and IMAPS, TLS passed through, with a login" {
	mail_text | crlf | from_client --url "smtps://127.0.0.1:$PROXY_TLS" \
		--user "$ALICE:$ALICE_PASSWORD" --mail-from "$ALICE" \
		--mail-rcpt "$BOB" -T -
	serve_logged ' login result=ok ip=127\.0\.0\.2 '
	run -0 from_client --url "imaps://127.0.0.1:$PROXY_IMAPS/INBOX" \
		--user "$BOB:$BOB_PASSWORD" -X 'STATUS INBOX (MESSAGES)'
	has "$output" 'MESSAGES 1'
	serve_logged ' connect ip=127\.0\.0\.2 service=imaps proxy=127\.0\.0\.1$'
}

@test "whoever goes past the proxy, from its own machine, is turned away" {
	run ! curl -s -m 20 "smtp://127.0.0.1:$SMTP"
	serve_logged ' proxy-failed ip=127\.0\.0\.1 '
}
