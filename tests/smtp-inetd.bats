#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# inetd puts the connection on stdin, stdout and stderr alike: what the client
# gets is SMTP only, log lines never.

load lib/helpers

setup()
{
	instance_new -o inbound_filters=
}

# Runs the session as inetd does, with the given command lines, and prints what
# the client reads.
under_inetd()
{
	python3 - "$BIN/smtp-session" "$@" <<-'END'
	import socket, subprocess, sys
	server, client = socket.socketpair()
	session = subprocess.Popen([sys.argv[1]], stdin=server, stdout=server,
	                           stderr=server)
	server.close()
	client.settimeout(20)
	for line in sys.argv[2:]:
	    client.sendall(line.encode() + b"\r\n")
	while True:
	    got = client.recv(65536)
	    if not got:
	        break
	    sys.stdout.write(got.decode())
	session.wait()
	END
}

@test "under inetd a mail is delivered and the client sees replies only" {
	run under_inetd "EHLO client" "MAIL FROM:<a@elsewhere.test>" \
		"RCPT TO:<bob@example.test>" "RCPT TO:<nobody@example.test>" \
		"DATA" "Subject: inetd" "" "text" "." "QUIT"
	[ "$status" -eq 0 ]
	[[ $output = *"250 2.0.0 Ok: "* ]]
	[[ $output = *"550 5.1.1 "* ]]
	[ -z "$(grep -vE '^[2-5][0-9][0-9][ -]' <<<"$output")" ]
	[ "$(count bob)" -eq 1 ]
}

@test "under inetd a damaged map is a temporary failure, told by the reply only" {
	echo broken >"$BESACE_ETC/mailboxes.cdb"
	run under_inetd "EHLO client" "MAIL FROM:<a@elsewhere.test>" \
		"RCPT TO:<bob@example.test>" "QUIT"
	[[ $output = *"451 4.3.0 "* ]]
	[[ $output != *mailboxes* ]]
}
