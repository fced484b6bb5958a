#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Before the login: the front's verbs, mechanisms, TLS, limits.

load lib/helpers

setup()
{
	instance_new
}

@test "capabilities say what works now" {
	imap_dialogue <<-'END'
	S~ \* OK \[CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL\+ SASL-IR ID ENABLE IDLE STARTTLS AUTH=PLAIN AUTH=LOGIN\]
	C: a CAPABILITY
	S= * CAPABILITY IMAP4rev1 IMAP4rev2 LITERAL+ SASL-IR ID ENABLE IDLE STARTTLS AUTH=PLAIN AUTH=LOGIN
	S: a OK
	END
}

@test "without TLS no login, unless the setting allows it" {
	setting disable_plaintext_auth yes
	imap_dialogue <<-'END'
	S~ .*STARTTLS LOGINDISABLED\]
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a NO [PRIVACYREQUIRED]
	C: b AUTHENTICATE PLAIN ${BOB_PLAIN}
	S: b NO [PRIVACYREQUIRED]
	C: c STARTTLS
	S: c OK
	TLS
	C: d CAPABILITY
	S~ \* CAPABILITY .* AUTH=PLAIN AUTH=LOGIN$
	S: d OK
	C: e STARTTLS
	S: e BAD
	C: f LOGIN ${BOB} ${BOB_PASSWORD}
	S: f OK [CAPABILITY
	C: g SELECT INBOX
	S.. g OK
	C: h LOGOUT
	S: * BYE
	S: h OK
	END
}

@test "what comes in clear behind STARTTLS is never run" {
	imap_dialogue <<-'END'
	S: * OK
	C| a STARTTLS
	C: b LOGIN ${BOB} ${BOB_PASSWORD}
	S: a OK
	TLS
	QUIET 0.5
	C: c NOOP
	S: c OK
	C: d SELECT INBOX
	S: d BAD
	END
}

@test "LOGIN: atoms, strings, literals; letter case; what is wrong" {
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN
	S: a BAD
	C: b LOGIN ${BOB}
	S: b BAD
	C: c LOGIN ${BOB} wrong
	S: c NO [AUTHENTICATIONFAILED]
	C: d LOGIN nobody@example.test wrong
	S: d NO [AUTHENTICATIONFAILED]
	C: e LOGIN "" ""
	S: e NO [AUTHENTICATIONFAILED]
	C: f LOGIN BOB@Example.TEST {20}
	S: + 
	C: ${BOB_PASSWORD}
	S: f OK [CAPABILITY
	C: g LOGIN ${BOB} ${BOB_PASSWORD}
	S: g BAD
	C: h LOGOUT
	S: * BYE
	S: h OK
	S$
	END
	logged 'login result=failed .*user=bob@example.test'
	logged 'login result=ok .*'
	hasnt "$(cat "$(log_file)")" "$BOB_PASSWORD"
}

@test "S89: AUTHENTICATE: PLAIN and LOGIN, with and without a first response" {
	local mechanism
	export BOB64 PASSWORD64
	BOB64=$(printf %s "$BOB" | base64 -w0)
	PASSWORD64=$(printf %s "$BOB_PASSWORD" | base64 -w0)
	imap_dialogue <<-'END'
	S: * OK
	C: a AUTHENTICATE PLAIN
	S= + 
	C: *
	S: a BAD
	C: b AUTHENTICATE PLAIN
	S= + 
	C: not base64!
	S: b BAD
	C: c AUTHENTICATE PLAIN =
	S: c NO
	C: d AUTHENTICATE BOGUS
	S: d NO
	C: e AUTHENTICATE
	S: e BAD
	C: f AUTHENTICATE PLAIN ${BOB_PLAIN}
	S: f OK [CAPABILITY
	END
	imap_dialogue <<-'END'
	S: * OK
	C: a AUTHENTICATE PLAIN
	S= + 
	C: ${BOB_PLAIN}
	S: a OK [CAPABILITY
	END
	imap_dialogue <<-'END'
	S: * OK
	C: a AUTHENTICATE LOGIN
	S= + VXNlcm5hbWU6
	C: ${BOB64}
	S= + UGFzc3dvcmQ6
	C: ${PASSWORD64}
	S: a OK [CAPABILITY
	END
	imap_dialogue <<-'END'
	S: * OK
	C: a authenticate login ${BOB64}
	S= + UGFzc3dvcmQ6
	C: ${PASSWORD64}
	S: a OK [CAPABILITY
	END
}

@test "commands pipelined behind LOGIN are run after it, in clear and in TLS" {
	imap_dialogue <<-'END'
	S: * OK
	C| a LOGIN ${BOB} ${BOB_PASSWORD}
	C| b SELECT INBOX
	C: c LOGOUT
	S: a OK
	S.. b OK
	S: * BYE
	S: c OK
	S$
	END
	"$LIB/transcript" --tls --log "$(log_file)" - -- "$BIN/imap-session" -t <<-'END'
	S: * OK
	C| a LOGIN ${BOB} ${BOB_PASSWORD}
	C| b SELECT INBOX
	C: c LOGOUT
	S: a OK
	S.. b OK
	S: * BYE
	S: c OK
	END
}

@test "a stranger's limits: command, literal, depth, errors, failed logins" {
	{
		echo 'S: * OK'
		printf 'C: a LOGIN %s x\nS: a BAD [TOOBIG]\n' "$(printf 'x%.0s' {1..9000})"
		printf 'C: b LOGIN {5000}\nS: b BAD [TOOBIG]\n'
		printf 'C: c LOGIN {2000+}\nC: %s x\nS: c BAD\n' "$(printf 'x%.0s' {1..2000})"
		printf 'C: d %s\nS: d BAD\n' "$(printf '(%.0s' {1..5000})"
		printf 'C: e LOGIN {99999999999+}\nS: * BYE\nS$\n'
	} | imap_dialogue
	{
		echo 'S: * OK'
		printf 'C: a X\nS: a BAD\n%.0s' {1..10}
		echo 'S: * BYE'
		echo 'S$'
	} | imap_dialogue
	{
		echo 'S: * OK'
		printf 'C: a LOGIN %s wrong\nS: a NO\n' x x x x x
		echo 'S: * BYE'
		echo 'S$'
	} | imap_dialogue
}

@test "control octets in names never reach a map or the log raw" {
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN {5+}
	C: b\r\nob x
	S: a NO
	C: b LOGIN {4+}
	C: b\0ob x
	S: b BAD
	C: c LOGIN "a\x1b[31mb" x
	S: c NO
	END
	hasnt "$(cat "$(log_file)")" $'\x1b'
}

@test "failed logins wait, and no map at all is not a wrong password" {
	setting auth_failure_delay 1s
	local start
	start=$(date +%s%N)
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} wrong
	S: a NO [AUTHENTICATIONFAILED]
	END
	[ $((($(date +%s%N) - start) / 1000000)) -ge 1000 ]
	setting auth_failure_delay 0s
	mv "$BESACE_ETC/passwords.cdb" "$BESACE_ETC/away"
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a NO [UNAVAILABLE]
	END
	mv "$BESACE_ETC/away" "$BESACE_ETC/passwords.cdb"
	: >"$BESACE_ETC/mailboxes.cdb"
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S: a NO [UNAVAILABLE]
	END
}

@test "a silent client is sent away" {
	setting imap_login_timeout 1s
	imap_dialogue <<-'END'
	S: * OK
	S: * BYE
	S$
	END
	logged 'timeout'
	setting imap_login_timeout 60s
	setting imap_idle_timeout 1s
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	S: * BYE
	S$
	END
}

@test "options that are none, and a user without a mailbox" {
	run -64 "$BIN/imap-session" -x
	run -64 "$BIN/imap-session" -t -u "$BOB"
	run -64 "$BIN/imap-session" more
	run -75 "$BIN/imap-session" -u nobody@example.test </dev/null
	has "$output" '^\* BYE'
	run -75 "$BIN/imap-session" -u ../../etc </dev/null
}

@test "imap_separator = /" {
	setting imap_separator /
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a NAMESPACE
	S= * NAMESPACE (("" "/")) NIL NIL
	S: a OK
	C: b CREATE Work/Sub
	S: b OK
	C: c CREATE a.b
	S: c NO
	C: d LIST "" Work/%
	S= * LIST (\\HasNoChildren) "/" Work/Sub
	S: d OK
	END
	[ -d "$(maildir bob Work.Sub)/cur" ]
}
