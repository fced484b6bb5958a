#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Idle strangers keep neither newcomers nor users out, and nobody has more
# sessions than his share.

load lib/helpers

setup()
{
	instance_new -o inbound_filters=
}

teardown()
{
	instance_stop
}

# crowd PYTHON: by many clients at once; see lib/crowd.
crowd()
{
	"$LIB/crowd" "$1"
}

@test "a newcomer is served within 30 s while 300 strangers idle, in SMTP and IMAP" {
	instance_serve
	run -0 crowd '
	for port, hello in (SMTP, "220 "), (IMAP, "* OK"):
	    idle = many(300, port)
	    check(len(idle) == 300, len(idle))
	    time.sleep(7)
	    start = time.monotonic()
	    new = many(1, port) + many(1, port) + many(1, port)
	    check(len(new) == 3)
	    check(time.monotonic() - start < 30)
	    # three of the others had to go, and were told so
	    words = ("421 4.7.0 Silent" if port == SMTP else "* BYE Silent")
	    told = 0
	    for c in idle:
	        line = c.line(0.3 if told < 3 else 0.001)
	        told += line is not None and line.startswith(words)
	    check(told == 3, told)
	    check(new[0].say("NOOP" if port == SMTP else "a NOOP")[:5] in ("250 2", "a OK "))
	'
	serve_logged ' leave ip=127\.0\.0\.1 rule=stranger_limit'
}

@test "it is the one silent longest, of whom there are most; never who is amid a message" {
	setting stranger_limit 6
	instance_serve
	run -0 crowd '
	lone = Client(SMTP, "127.0.0.2")
	lone.line()
	busy = many(1, SMTP)[0]
	for text in "EHLO a", "MAIL FROM:<a@b.test>", "RCPT TO:<bob@example.test>", "DATA":
	    check(busy.say(text)[0] in "23", text)
	others = many(4, SMTP)
	check(len(others) == 4)
	time.sleep(7)
	others[0].say("EHLO a")
	check(len(many(1, SMTP, "127.0.0.3")) == 1)
	told = [c.line(2) for c in others[1:]]
	check(sum(t is not None and t.startswith("421 4.7.0") for t in told) == 1, told)
	for c in lone, others[0]:
	    check(c.say("RSET").startswith("250"))
	busy.send(b"Subject: x\r\n\r\ntext\r\n.\r\n")
	check(busy.line().startswith("250 2.0.0 Ok: "))
	'
	is 1 "$(count bob)"
}

@test "who is silent amid a message goes at last; who goes on may finish it, by DATA or BDAT" {
	setting stranger_limit 3
	setting smtpd_stranger_timeout 4s
	instance_serve
	run -0 crowd '
	def begin(last):
	    c = many(1, SMTP)[0]
	    for text in "EHLO a", "MAIL FROM:<a@b.test>", "RCPT TO:<bob@example.test>":
	        check(c.say(text)[0] in "23", text)
	    c.send(last)
	    check(c.line()[0] in "23")
	    return c
	silent, data = begin(b"DATA\r\n"), begin(b"DATA\r\n")
	bdat = begin(b"BDAT 12\r\nSubject: x\r\n")
	time.sleep(6)
	check(len(many(3, SMTP, "127.0.0.2")) == 3)
	time.sleep(2)
	data.send(b"Subject: x\r\n")
	time.sleep(1)
	data.send(b"\r\ntext\r\n.\r\n")
	bdat.send(b"BDAT 8 LAST\r\n\r\ntext\r\n")
	for c in data, bdat:
	    check(c.line().startswith("250 2.0.0 Ok: "))
	    check(c.say("NOOP").startswith("421 4.7.0"))
	check(silent.line().startswith("421 4.4.2"))
	'
	is 2 "$(count bob)"
}

@test "where nobody can go, the newcomer is told to come later; users have their places" {
	setting stranger_limit 2
	instance_serve
	run -0 crowd '
	check(len(many(2, SMTP)) == 2)
	c = Client(SMTP)
	check(c.line().startswith("421 4.7.0 Too many connections"))
	check(c.line() == "")
	keep = many(2, IMAP)
	c = Client(IMAP)
	check(c.line().startswith("* BYE Too many connections"))
	# who logs in is no stranger
	check(keep[0].say("a LOGIN alice@example.test " + "'"$ALICE_PASSWORD"'").startswith("a OK"))
	check(len(many(1, IMAP)) == 1)
	check(keep[0].say("b NOOP", "b ").startswith("b OK"))
	# another port has its own places
	check(len(many(1, SUBMISSION)) == 1)
	'
	serve_logged ' refused ip=127\.0\.0\.1 rule=stranger_limit answer="421 4\.7\.0'
}

@test "who never begins the TLS handshake has to leave, too" {
	setting stranger_limit 3
	instance_serve
	run -0 crowd '
	import select, ssl
	context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
	context.check_hostname = False
	context.verify_mode = ssl.CERT_NONE
	for port in SUBMISSIONS, IMAPS:
	    idle = [Client(port) for _ in range(3)]
	    time.sleep(7)
	    new = socket.create_connection(("127.0.0.1", port), 30)
	    new = context.wrap_socket(new)
	    check(new.recv(100)[:4] in (b"220 ", b"* OK"))
	    gone = select.select([c.socket for c in idle], [], [], 10)[0]
	    check(len(gone) == 1, len(gone))
	    check(gone[0].recv(1) == b"")
	    kept.append(new)
	    kept.extend(idle)
	'
}

@test "smtpd_client_connection_count_limit: one address has so many sessions" {
	setting smtpd_client_connection_count_limit 3
	setting abuse_exempt "[::1]"
	instance_serve
	run -0 crowd '
	check(len(many(2, SMTP) + many(1, SUBMISSION)) == 3)
	c = Client(SMTP)
	check(c.line().startswith("421 4.7.0 Too many connections from your address"))
	check(len(many(3, SMTP, "127.0.0.2")) == 3)
	check(len(many(5, IMAP)) == 5)
	'
	setting abuse_exempt 127.0.0.0/8
	run -0 crowd 'check(len(many(6, SMTP)) == 6)'
}

@test "mail_max_userip_connections: one user has so many IMAP sessions from one address" {
	setting mail_max_userip_connections 2
	instance_serve
	run -0 crowd '
	login = "a LOGIN alice@example.test " + "'"$ALICE_PASSWORD"'"
	first = [Client(IMAP) for _ in range(3)]
	check([c.line()[:4] for c in first] == 3 * ["* OK"])
	check([c.say(login, "a ")[:4] for c in first] == ["a OK", "a OK", "a NO"])
	check(first[2].line() == "")
	check(Client(IMAP, "127.0.0.2").say(login, "a ").startswith("a OK"))
	check(Client(IMAP).say("a LOGIN bob@example.test " + "'"$BOB_PASSWORD"'", "a ").startswith("a OK"))
	# one goes, another may come
	first[0].say("b LOGOUT", "b ")
	for _ in range(50):
	    c = Client(IMAP)
	    answer = c.say(login, "a ")
	    if answer.startswith("a OK"):
	        break
	    check(answer.startswith("a NO [LIMIT]"))
	    time.sleep(0.1)
	check(answer.startswith("a OK"))
	'
	serve_logged ' refused ip=127\.0\.0\.1 user=alice@example\.test rule=mail_max_userip_connections'
}

@test "killed sessions hold no place" {
	setting stranger_limit 3
	instance_serve
	run -0 crowd '
	for _ in range(3):
	    check(len(many(3, SMTP)) == 3)
	    for pid in backs()[-3:]:
	        os.kill(pid, 9)
	    time.sleep(0.2)
	check(len(many(3, SMTP)) == 3)
	'
}

@test "a table of sessions that is damaged or cannot be had refuses nobody" {
	instance_serve
	local how
	for how in "rm -f" "truncate -s 0" "truncate -s 100" "cp /etc/passwd" \
		"cp $BIN/besace"; do
		run -0 crowd 'check(len(many(3, SMTP)) == 3)'
		$how "$BESACE_VAR/sessions"
	done
	rm -f "$BESACE_VAR/sessions"
	mkfifo "$BESACE_VAR/sessions"
	run -0 crowd 'check(len(many(3, SMTP)) == 3)'
	rm -f "$BESACE_VAR/sessions"
	mkdir "$BESACE_VAR/sessions"
	run -0 crowd 'check(len(many(3, SMTP)) == 3); check(len(many(3, IMAP)) == 3)'
	serve_logged 'error what=open object=.*/sessions'
}

@test "the signal that asks to leave does a user no harm, nor one who is in a hurry" {
	instance_serve
	run -0 crowd '
	user = Client(IMAP)
	user.line()
	check(user.say("a LOGIN alice@example.test " + "'"$ALICE_PASSWORD"'", "a ").startswith("a OK"))
	os.kill(backs()[-1], signal.SIGUSR1)
	check(user.say("b NOOP", "b ").startswith("b OK"))
	writer = Client(SMTP)
	writer.line()
	for text in "EHLO a", "MAIL FROM:<a@b.test>", "RCPT TO:<bob@example.test>", "DATA":
	    check(writer.say(text)[0] in "23", text)
	os.kill(backs()[-1], signal.SIGUSR1)
	time.sleep(0.3)
	writer.send(b"Subject: x\r\n\r\ntext\r\n.\r\n")
	line = writer.line()
	check(line.startswith("250 2.0.0 Ok: "), line)
	check(writer.line().startswith("421 4.7.0"))
	'
	is 1 "$(count bob)"
}

@test "1,000 sessions opened and left silent: each ends with 421, no process stays" {
	setting stranger_limit 0
	setting smtpd_timeout 8s
	setting imap_login_timeout 4s
	instance_serve
	run -0 crowd '
	silent = many(1000, SMTP)
	check(len(silent) == 1000, len(silent))
	told = [c.line(60) for c in silent]
	check(told == 1000 * ["421 4.4.2 Timeout, closing connection"],
	      len([t for t in told if t and t[:3] == "421"]))
	check(all(c.line(10) == "" for c in silent))
	check(len(backs()) == 1000)
	for _ in range(100):
	    left = [p for p in backs() if os.path.exists("/proc/%d" % p)]
	    if not left:
	        break
	    time.sleep(0.1)
	check(not left, left)
	'
	is 1000 "$(grep -c ' timeout ip=127\.0\.0\.1 ' "$INSTANCE/log/mail.log")"
	run -0 crowd '
	silent = many(200, IMAP)
	check(len(silent) == 200, len(silent))
	check([c.line(60) for c in silent] == 200 * ["* BYE Timeout"])
	'
	run ! pgrep -g "$(pgrep -P "$SERVE_PID" -f ' smtp$')" smtp-session
}
