#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# TLS on the SMTP side: STARTTLS, TLS from the first byte, versions, names.

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

@test "TLS 1.2 and 1.3 are spoken, 1.1 is not" {
	listen -s smtp
	local version
	for version in 1_2 1_3; do
		run -0 timeout 20 openssl s_client -starttls smtp "-tls$version" \
			-connect "127.0.0.1:$PORT" </dev/null
		has "$output" "Protocol *: TLSv${version/_/.}|New, TLSv${version/_/.}"
	done
	run timeout 20 openssl s_client -starttls smtp -tls1_1 \
		-cipher DEFAULT@SECLEVEL=0 -connect "127.0.0.1:$PORT" </dev/null
	has "$output" 'Cipher is \(NONE\)'
}

@test "the certificate is chosen by the name the client asks for" {
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
		-nodes -days 2 -subj /CN=other.test -keyout "$BESACE_ETC/other.key" \
		-out "$BESACE_ETC/other.pem" 2>/dev/null
	has "$(cat "$BESACE_ETC/certificates")" '^\*'
	printf 'other.test other.pem other.key\n' >>"$BESACE_ETC/certificates"
	"$BIN/besace" maps
	listen -s submissions
	run timeout 20 openssl s_client -connect "127.0.0.1:$PORT" \
		-servername other.test </dev/null
	has "$output" 'subject=CN = other.test'
	run timeout 20 openssl s_client -connect "127.0.0.1:$PORT" \
		-servername unknown.test </dev/null
	hasnt "$output" 'subject=CN = other.test'
	has "$output" 'subject='
}

@test "a handshake that never comes ends in time" {
	instance_new -o smtpd_timeout=1s
	run timeout 10 "$BIN/smtp-session" -s submissions < <(sleep 8)
	[ "$status" -ne 124 ]
}
