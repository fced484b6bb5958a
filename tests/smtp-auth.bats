#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Logins on the SMTP side, and what they allow.

load lib/helpers

setup_file()
{
	instance_new -o default_transport=smtp -o disable_plaintext_auth=yes -o smtpd_hard_error_limit=100
}

setup()
{
	mail_clear
}

@test "AUTH is not offered and not taken in clear" {
	smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO client.example
	S! 250 AUTH
	C: AUTH PLAIN ${ALICE_PLAIN}
	S~ 5
	C: AUTH LOGIN
	S~ 5
	C: MAIL FROM:<alice@example.test>
	S* 530
	C: QUIT
	S* 221
	END
}

@test "disable_plaintext_auth = no allows a login in clear" {
	instance_new
	smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO client.example
	S* 250 AUTH .*PLAIN
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235 2\.7\.0
	C: QUIT
	S* 221
	END
}

@test "AUTH PLAIN with and without initial response" {
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250 AUTH .*PLAIN.*LOGIN|AUTH .*LOGIN.*PLAIN
	C: auth plain ${ALICE_PLAIN}
	S* 235 2\.7\.0
	C: QUIT
	S* 221
	END
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN
	S~ 334 ?$
	C: ${BOB_PLAIN}
	S* 235
	C: QUIT
	S* 221
	END
}

@test "AUTH LOGIN" {
	USER64=$(printf %s "$ALICE" | base64)
	PASS64=$(printf %s "$ALICE_PASSWORD" | base64)
	export USER64 PASS64
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH LOGIN
	S= 334 VXNlcm5hbWU6
	C: ${USER64}
	S= 334 UGFzc3dvcmQ6
	C: ${PASS64}
	S* 235 2\.7\.0
	C: QUIT
	S* 221
	END
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH LOGIN ${USER64}
	S= 334 UGFzc3dvcmQ6
	C: ${PASS64}
	S* 235
	C: QUIT
	S* 221
	END
}

@test "S88 the login's letter case does not matter, the password's does" {
	UPPER=$(auth_plain ALICE@Example.Test "$ALICE_PASSWORD")
	WRONG=$(auth_plain "$ALICE" "$(tr 'a-zA-Z' 'A-Za-z' <<<"$ALICE_PASSWORD")")
	export UPPER WRONG
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${WRONG}
	S* 535
	C: AUTH PLAIN ${UPPER}
	S* 235
	C: QUIT
	S* 221
	END
}

@test "a wrong password and an unknown user look the same" {
	WRONG=$(auth_plain "$ALICE" wrong)
	UNKNOWN=$(auth_plain nobody@example.test "$ALICE_PASSWORD")
	BAD_NAME=$(auth_plain "$(printf 'alice@example.test\t%s\n' x)" wrong)
	EMPTY=$(auth_plain "$ALICE" '')
	export WRONG UNKNOWN BAD_NAME EMPTY
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${WRONG}
	S~ 535 5\.7\.8 
	C: AUTH PLAIN ${UNKNOWN}
	S~ 535 5\.7\.8 
	C: AUTH PLAIN ${BAD_NAME}
	S~ 5(35|01)
	C: AUTH PLAIN ${EMPTY}
	S~ 5(35|01)
	C: MAIL FROM:<alice@example.test>
	S* 530
	C: QUIT
	S* 221
	END
	is 1 "$(smtp_tls_replies "$WRONG" "$UNKNOWN" | grep '^535' | sort -u | wc -l)"
}

# The replies to AUTH PLAIN with each argument, one session.
smtp_tls_replies()
{
	local port listener argument
	port=$(free_port)
	tcpserver -HRl0 127.0.0.1 "$port" "$BIN/smtp-session" -s submissions \
		2>/dev/null 3>&- &
	listener=$!
	wait_until 5 listening "$port"
	{
		printf 'EHLO a.example\r\n'
		for argument; do
			printf 'AUTH PLAIN %s\r\n' "$argument"
		done
		printf 'QUIT\r\n'
		sleep 2
	} | timeout 10 openssl s_client -quiet -connect "127.0.0.1:$port" 2>/dev/null
	kill "$listener"
}

@test "a failed and a good login have one log line each, without password" {
	LOG=$(log_file)
	WRONG=$(auth_plain "$ALICE" s3cr3tguess)
	export WRONG
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${WRONG}
	S* 535
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: QUIT
	S* 221
	END
	hasnt "$(cat "$LOG")" s3cr3tguess
	hasnt "$(cat "$LOG")" "$WRONG"
	hasnt "$(cat "$LOG")" "$ALICE_PASSWORD"
	logged 'smtp-session\[[0-9]+\]: .*alice@example\.test'
	is 2 "$(grep -c 'smtp-session.*login.*alice@example\.test' "$LOG")"
}

@test "S94: the log has the reason of each failed login, the client has not" {
	printf '%s:{PLAIN}phone-word::::::label=phone scope=imap\n' "$BOB" \
		>>"$BESACE_ETC/passwords"
	"$BIN/besace" maps
	WRONG=$(auth_plain "$BOB" wrong-word)
	UNKNOWN=$(auth_plain nobody@example.test wrong-word)
	SCOPE=$(auth_plain "$BOB" phone-word)
	TAB=$(printf '\0bob\texample.test\0x' | base64)
	export WRONG UNKNOWN SCOPE TAB
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${WRONG}
	S= 535 5.7.8 Authentication failed
	C: AUTH PLAIN ${UNKNOWN}
	S= 535 5.7.8 Authentication failed
	C: AUTH PLAIN ${SCOPE}
	S= 535 5.7.8 Authentication failed
	C: AUTH PLAIN ${TAB}
	S= 535 5.7.8 Authentication failed
	C: QUIT
	S* 221
	END
	logged 'login result=failed .*user=bob@.* reason="wrong password"'
	logged 'login result=failed .*user=nobody@.* reason="unknown user"'
	logged 'login result=failed .*user=bob@.* reason="password is not for this service"'
	logged 'login result=failed .* reason="malformed user name"'
	hasnt "$(cat "$(log_file)")" '-word'
}

@test "AUTH: wrong parameters" {
	LONG=$(head -c 20000 /dev/zero | tr '\0' A)
	export LONG
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH
	S* 501
	C: AUTH CRAM-SHA
	S* 504 5\.5\.4
	C: AUTH PLAIN not*base64
	S* 501 5\.5\.2
	C: AUTH PLAIN ====
	S~ 501
	C: AUTH PLAIN =
	S~ 5
	C: AUTH PLAIN
	S* 334
	C: *
	S* 501
	C: AUTH LOGIN
	S* 334
	C: *
	S* 501
	C: AUTH PLAIN
	S* 334
	C: ${LONG}
	S~ 5
	C: NOOP
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN} and more
	S~ 501
	C: QUIT
	S* 221
	END
}

@test "AUTH: wrong states" {
	smtp_tls_dialogue <<-'END'
	S* 220
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 503
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 503 5\.5\.1
	C: MAIL FROM:<alice@example.test>
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 503
	C: QUIT
	S* 221
	END
}

@test "acting for another user is refused" {
	FOR_BOB=$(printf 'bob@example.test\0%s\0%s' "$ALICE" "$ALICE_PASSWORD" | base64 -w0)
	FOR_SELF=$(printf '%s\0%s\0%s' "$ALICE" "$ALICE" "$ALICE_PASSWORD" | base64 -w0)
	export FOR_BOB FOR_SELF
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${FOR_BOB}
	S~ 535
	C: AUTH PLAIN ${FOR_SELF}
	S* 235
	C: QUIT
	S* 221
	END
}

@test "S55 on submissions nothing is sent before a login" {
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<alice@example.test>
	S* 530 5\.7\.0
	C: RCPT TO:<bob@example.test>
	S~ 5[03][03]
	C: DATA
	S~ 5[03][03]
	C: NOOP
	S* 250
	C: QUIT
	S* 221
	END
}

@test "on submission nothing is sent before a login, in clear or in TLS" {
	smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO client.example
	S* 250 STARTTLS
	C: MAIL FROM:<alice@example.test>
	S* 530
	C: STARTTLS
	S* 220
	TLS
	C: EHLO client.example
	S* 250 AUTH 
	C: MAIL FROM:<alice@example.test>
	S* 530 5\.7\.0
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: MAIL FROM:<alice@example.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: From: alice@example.test
	C: Subject: submitted
	C: 
	C: text
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	has "$(message bob)" '^Subject: submitted$'
}

@test "S32 after a login any recipient is taken, here and elsewhere" {
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: MAIL FROM:<alice@example.test>
	S* 250
	C: RCPT TO:<dave@elsewhere.test>
	S* 250
	C: RSET
	S* 250
	C: MAIL FROM:<alice@example.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: RCPT TO:<nobody@example.test>
	S* 550 5\.1\.1
	C: QUIT
	S* 221
	END
}

@test "a login does not outlive STARTTLS" {
	instance_new
	smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: STARTTLS
	S~ (220|503)
	C: QUIT
	END
}

@test "a guess costs time: auth_failure_delay" {
	instance_new -o auth_failure_delay=2s
	WRONG=$(auth_plain "$ALICE" wrong)
	export WRONG
	smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${WRONG}
	QUIET 1.5
	S* 535
	C: QUIT
	S* 221
	END
}
