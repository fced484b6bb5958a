#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# One command to a running mail server: what "besace serve" prints works when
# it is pasted.

load lib/helpers

setup_file()
{
	instance_new
	instance_serve
	# the last thing it prints is how to end it or to watch the log
	wait_until 10 grep -qE '\blog\b' "$SERVE_OUT"
	wait_until 10 prints_no_more
	commands >"$BATS_FILE_TMPDIR/commands"
}

teardown_file()
{
	instance_stop
}

setup()
{
	mail_clear
}

prints_no_more()
{
	local size
	size=$(stat -c %s "$SERVE_OUT")
	sleep 0.3
	[ "$(stat -c %s "$SERVE_OUT")" = "$size" ]
}

# The printed commands, one a line: lines that begin with a client's name, in
# or out of a pipe, with their continuations joined.
commands()
{
	sed -e ':a' -e '/\\$/{N;s/\\\n[[:space:]]*/ /;ta}' "$SERVE_OUT" |
		sed -E 's/^[[:space:]]*(\$ )?//' |
		grep -E '^(swaks|curl|printf|echo|cat|tail|less|[A-Z_]+=)( |.*(swaks|curl))'
}

# command_with PATTERN...: the first printed command that all of these match.
command_with()
{
	local pattern text
	text=$(cat "$BATS_FILE_TMPDIR/commands")
	for pattern; do
		text=$(grep -E -- "$pattern" <<<"$text")
	done
	[ -n "$text" ] || {
		echo "no printed command like: $*" >&2
		cat "$SERVE_OUT" >&2
		return 1
	}
	head -1 <<<"$text"
}

# paste COMMAND: as a person does, from any directory.
paste_it()
{
	echo "\$ $1"
	(cd / && env -u BESACE_ETC -u BESACE_VAR timeout 60 bash -c "$1" </dev/null)
}

@test "the printed commands send a mail as alice to bob over submissions and read it over imaps" {
	local send read
	send=$(command_with "$SUBMISSIONS" alice bob)
	read=$(command_with "$IMAPS" bob curl)
	run -0 paste_it "$send"
	is 1 "$(count bob)"
	has "$(message bob)" '^Delivered-To: bob@example\.test$'
	run -0 paste_it "$read"
	has "$output" '^Subject: '
}

@test "the printed command of a local program sends a mail, as the user" {
	local send
	send=$(command_with "sendmail' bob")
	run -0 paste_it "$send"
	has "$(message bob)" '^Hello$'
	has "$(message bob)" "^Received: by .* from userid $(id -u)\)"
}

@test "S151 GTUBE, sent to port 25 of the instance, lands in .Junk" {
	{
		printf 'S* 220\nC: EHLO a.example\nS* 250\nC: MAIL FROM:<carol@elsewhere.test>\nS* 250\n'
		printf 'C: RCPT TO:<bob@example.test>\nS* 250\nC: DATA\nS* 354\n'
		printf 'C: Subject: spam\nC: \nC: %s\nC: .\nS* 250\nC: QUIT\nS* 221\n' "$GTUBE"
	} | "$LIB/transcript" --connect "127.0.0.1:$SMTP" -
	is 0 "$(count bob)"
	is 1 "$(count bob Junk)"
	has "$(message bob Junk)" '^X-Spam-Flag: YES$'
}

@test "a printed command that sends GTUBE, if there is one, sends it to .Junk" {
	local send
	send=$(command_with 'GTUBE|XJS\*C4JDBQADN1' 2>/dev/null) ||
		skip 'none is printed'
	run -0 paste_it "$send"
	is 0 "$(count bob)"
	is 1 "$(count bob Junk)"
}

@test "it prints the ports, where the accounts are, and how to watch the log" {
	local port
	for port in "$SMTP" "$SUBMISSION" "$SUBMISSIONS" "$IMAP" "$IMAPS"; do
		has "$(cat "$SERVE_OUT")" "\b$port\b"
	done
	has "$(cat "$SERVE_OUT")" "$ALICE_PASSWORD|/accounts"
	has "$(cat "$SERVE_OUT")" '\blog\b'
}

@test "accounts: one address and password a line, mode 0600" {
	is 600 "$(stat -c %a "$INSTANCE/accounts")"
	has "$(cat "$INSTANCE/accounts")" '^alice@example\.test [^ ]+$'
	has "$(cat "$INSTANCE/accounts")" '^bob@example\.test [^ ]+$'
	[ "$ALICE_PASSWORD" != "$BOB_PASSWORD" ]
	((${#ALICE_PASSWORD} >= 8))
}

@test "a change of a table is live at the next connection" {
	run swaks --server 127.0.0.1 --port "$SMTP" --to new@example.test \
		--from carol@elsewhere.test --timeout 20
	has "$output" '550 5\.1\.1'
	echo "new@example.test bob@example.test" >>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	run -0 swaks --server 127.0.0.1 --port "$SMTP" --to new@example.test \
		--from carol@elsewhere.test --timeout 20
	is 1 "$(count bob)"
}

@test "the log has the connection, the login and the delivery" {
	run -0 swaks --server 127.0.0.1 --port "$SUBMISSIONS" --tls-on-connect \
		--from "$ALICE" --to "$BOB" --auth-user "$ALICE" \
		--auth-password "$ALICE_PASSWORD" --timeout 20
	wait_until 5 serve_logged 'smtp-session\[[0-9]+\]: .*ip=127\.0\.0\.1'
	wait_until 5 serve_logged 'smtp-session\[[0-9]+\]: .*login.*alice@example\.test'
	wait_until 5 serve_logged 'deliver\[[0-9]+\]: .*to=bob@example\.test.*result='
}

@test "the listeners survive a thousand connects and still serve" {
	/usr/bin/python3 - "$SMTP" <<-'END'
	import socket, struct, sys
	for _ in range(1000):
	    s = socket.socket()
	    s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
	    s.settimeout(10)
	    s.connect(("127.0.0.1", int(sys.argv[1])))
	    s.close()
	END
	run -0 swaks --server 127.0.0.1 --port "$SMTP" --to "$BOB" \
		--from carol@elsewhere.test --timeout 30
	is 1 "$(count bob)"
}

@test "SIGTERM ends the listeners, and nothing of them stays" {
	instance_new
	instance_serve
	local session children
	exec 8<>"/dev/tcp/127.0.0.1/$SMTP"
	read -r -t 10 session <&8
	has "$session" '^220 '
	children=$(pgrep -P "$SERVE_PID" || true)
	kill -TERM "$SERVE_PID"
	wait_until 5 gone "$SERVE_PID"
	exec 8>&-
	wait_until 5 silent_port "$SMTP"
	wait_until 5 silent_port "$IMAPS"
	local child
	for child in $children; do
		wait_until 5 gone "$child"
	done
}
