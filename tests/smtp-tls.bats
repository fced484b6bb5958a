#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# TLS on the SMTP side: STARTTLS, TLS from the first byte. What all services
# have in common is in tls.bats.

load lib/helpers

setup_file()
{
	instance_new
}

setup()
{
	mail_clear
}

teardown()
{
	instance_stop
	[ -z "${LISTENER-}" ] || kill "$LISTENER" 2>/dev/null || true
}

# listen [OPTION]...: smtp-session behind tcpserver on a free port: $PORT.
listen()
{
	PORT=$(free_port)
	tcpserver -HRl0 127.0.0.1 "$PORT" "$BIN/smtp-session" "$@" \
		2>>"$(log_file)" 3>&- &
	LISTENER=$!
	wait_until 5 listening "$PORT"
}

@test "STARTTLS: once, without parameter; the state before it is forgotten" {
	"$LIB/transcript" --log "$(log_file)" \
		"$TRANSCRIPTS/smtp-starttls.txt" -- "$BIN/smtp-session" -s smtp
	is 1 "$(count bob)"
}

@test "STARTTLS: commands sent in clear behind it are never run" {
	run "$BIN/smtp-session" -s smtp < <(printf '%s\r\n' \
		'EHLO client.example' STARTTLS 'EHLO client.example' \
		'MAIL FROM:<carol@elsewhere.test>' 'RCPT TO:<bob@example.test>' \
		DATA 'Subject: injected' '' . QUIT)
	has "$output" '^220 2\.0\.0'
	hasnt "$output" '^(250 2\.1|354)'
	no_mail_at_all
}

@test "S54 TLS from the first byte on submissions" {
	smtp_tls_dialogue <<-'END'
	S~ 220 \S+ ESMTP
	C: EHLO client.example
	S! 250 STARTTLS
	C: STARTTLS
	S* 503
	C: QUIT
	S* 221
	END
}

@test "S54 openssl s_client shows the banner of submissions" {
	listen -s submissions
	run -0 timeout 20 openssl s_client -quiet -connect "127.0.0.1:$PORT" \
		< <(sleep 0.5; printf 'QUIT\r\n')
	has "$output" '^220 '
	has "$output" '^221 '
}

@test "clear text on the TLS port gets no mail in and ends" {
	run timeout 10 "$BIN/smtp-session" -s submissions < <(printf '%s\r\n' \
		'EHLO client.example' 'MAIL FROM:<carol@elsewhere.test>' QUIT)
	[ "$status" -ne 124 ]
	hasnt "$output" '^2[0-9][0-9]'
}

@test "a handshake that never comes ends in time" {
	instance_new -o smtpd_timeout=1s
	run timeout 10 "$BIN/smtp-session" -s submissions < <(sleep 8)
	[ "$status" -ne 124 ]
}
