#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Who speaks when: the wait before the greeting, and who does not wait for it.

load lib/helpers

setup()
{
	instance_new -o postscreen_greet_wait=1s
	export TCPREMOTEIP=192.0.2.1
}

# milliseconds COMMAND...: how long it takes.
milliseconds()
{
	local start=${EPOCHREALTIME/./}
	"$@" || return 1
	TOOK=$(((${EPOCHREALTIME/./} - start) / 1000))
}

greeted()
{
	printf 'S* 220\nC: QUIT\nS* 221\n' | smtp_dialogue "$@"
}

# socket_dialogue [OPTION]...: over a socket, as strangers come.
socket_dialogue()
{
	"$LIB/transcript" --socket --log "$(log_file)" - -- "$BIN/smtp-session" "$@"
}

@test "S51 a stranger waits a second for the greeting" {
	milliseconds greeted -s smtp
	((TOOK >= 1000))
	# the default of a server; a trial instance has none
	has "$("$BIN/besace" settings)" '\(default: 1s\)'
	instance_new -d "$BATS_TEST_TMPDIR/other"
	has "$(cat "$BESACE_ETC/settings")" '^postscreen_greet_wait = 0$'
}

@test "S51 no wait for users, trusted networks and pipes" {
	# each dialogue gives up after 20 seconds
	setting postscreen_greet_wait 60s
	greeted -s submission
	TCPREMOTEIP='' greeted -s smtp
	setting mynetworks 192.0.2.0/24
	greeted -s smtp
	setting mynetworks ''
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: MAIL FROM:<alice@example.test>
	S* 250
	C: QUIT
	S* 221
	END
}

@test "S52 who speaks before the greeting is told 503 and sent away at once" {
	setting postscreen_greet_wait 60s
	smtp_dialogue -s smtp <<-'END'
	C: EHLO client.example
	S: 503 5.5.0
	S$
	END
	logged 'refused ip=192\.0\.2\.1 rule=reject_unauth_pipelining answer="503 5\.5\.0'
}

@test "S52 without a wait, too, what is there before the greeting counts" {
	setting postscreen_greet_wait 0
	printf 'GET / HTTP/1.1\r\n\r\n' >"$BATS_TEST_TMPDIR/early"
	run -0 smtp_session -s smtp <"$BATS_TEST_TMPDIR/early"
	has "$output" '^503 5\.5\.0'
	hasnt "$output" '^(220|500)'
}

@test "S52 MAIL in the same packet as HELO, or EHLO: 503, the end" {
	setting postscreen_greet_wait 0
	local hello
	for hello in 'HELO client.example' 'EHLO client.example'; do
		smtp_dialogue -s smtp <<-END
		S* 220
		C| $hello
		C: MAIL FROM:<carol@elsewhere.test>
		S: 503 5.5.0
		S$
		END
		# half a command is too much, too
		smtp_dialogue -s smtp <<-END
		S* 220
		C> $hello\\r\\nM
		S: 503 5.5.0
		S$
		END
	done
}

@test "S52 after HELO nothing may be sent behind a command; after EHLO a group may" {
	setting postscreen_greet_wait 0
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: HELO client.example
	S* 250
	C| MAIL FROM:<carol@elsewhere.test>
	C: RCPT TO:<bob@example.test>
	S: 503 5.5.0
	S$
	END
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C| MAIL FROM:<carol@elsewhere.test>
	C| RCPT TO:<bob@example.test>
	C: DATA
	S* 250
	S* 250
	S* 354
	C| Subject: grouped
	C| 
	C| .
	C| MAIL FROM:<carol@elsewhere.test>
	C: QUIT
	S* 250
	S* 250
	S* 221
	END
	is 1 "$(count bob)"
}

@test "S52 a message before 354: 503, nothing is stored" {
	setting postscreen_greet_wait 0
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C| DATA
	C| Subject: early
	C| 
	C: .
	S: 503 5.5.0
	S$
	END
	no_mail_at_all
}

@test "S52 users, trusted networks and pipes may send ahead" {
	local who
	for who in '-s submission' '-s smtp'; do
		[ "$who" = '-s submission' ] || export TCPREMOTEIP=''
		# shellcheck disable=SC2086
		smtp_dialogue $who <<-'END'
		C| EHLO client.example
		C| NOOP
		C: QUIT
		S* 220
		S* 250
		S* 250
		S* 221
		END
	done
	setting mynetworks 192.0.2.0/24
	TCPREMOTEIP=192.0.2.1 greeted -s smtp
	setting reject_unauth_pipelining no
	setting mynetworks ''
	export TCPREMOTEIP=192.0.2.1
	smtp_dialogue -s smtp <<-'END'
	C| EHLO client.example
	C| NOOP
	C: QUIT
	S* 220
	S* 250
	S* 250
	S* 221
	END
}

@test "S52 over a socket: in the same packet, or in the next before the answer" {
	setting postscreen_greet_wait 0
	socket_dialogue -s smtp <<-'END'
	S* 220
	C| HELO client.example
	C: MAIL FROM:<carol@elsewhere.test>
	S: 503 5.5.0
	S$
	END
	setting postscreen_greet_wait 60s
	socket_dialogue -s smtp <<-'END'
	C: EHLO client.example
	S: 503 5.5.0
	S$
	END
}

@test "S52 inside TLS, too" {
	setting postscreen_greet_wait 0
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250 STARTTLS
	C: STARTTLS
	S* 220
	TLS
	C| EHLO client.example
	C: MAIL FROM:<carol@elsewhere.test>
	S: 503 5.5.0
	S$
	END
}

@test "S51 a client that leaves before the greeting is gone at once" {
	setting postscreen_greet_wait 60s
	run -0 timeout 20 "$BIN/smtp-session" -s smtp </dev/null
	hasnt "$output" '^220'
}

@test "S52 behind a proxy it is the client who waits" {
	setting haproxy_trusted_networks 127.0.0.0/8
	printf 'PROXY TCP4 192.0.2.1 192.0.2.2 4000 25\r\nQUIT\r\n' >"$BATS_TEST_TMPDIR/early"
	TCPREMOTEIP=127.0.0.1 run -0 smtp_session -s smtp <"$BATS_TEST_TMPDIR/early"
	has "$output" '^503 5\.5\.0'
	hasnt "$output" '^220'
	setting postscreen_greet_wait 0
	TCPREMOTEIP=127.0.0.1 smtp_dialogue -s smtp <<-'END'
	C: PROXY TCP4 192.0.2.1 192.0.2.2 4000 25
	S* 220
	C: QUIT
	S* 221
	END
}
