#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Mail programs that start imap-session -u themselves, as through ssh.

load lib/helpers
load lib/imap

setup()
{
	instance_new
	TUNNEL="$BIN/imap-session -u $BOB"
}

@test "imaplib: append, list, read, flag, copy, expunge" {
	needs python3
	run -0 --separate-stderr python3 - "$TUNNEL" <<-'END'
	import imaplib, sys, time
	client = imaplib.IMAP4_stream(sys.argv[1])
	assert client.state == "AUTH", client.state
	assert any(b"Drafts" in line for line in client.list()[1])
	text = b"From: a@b\r\nSubject: x\r\n\r\nbody\r\n"
	status, answer = client.append("INBOX", "(\\Flagged)", imaplib.Time2Internaldate(1700000000), text)
	assert status == "OK" and b"APPENDUID" in answer[0], answer
	assert client.select()[1] == [b"1"]
	assert client.fetch("1", "(RFC822)")[1][0][1] == text
	assert b"\\Seen" in client.fetch("1", "FLAGS")[1][0]
	assert imaplib.Internaldate2tuple(client.fetch("1", "INTERNALDATE")[1][0]) == time.localtime(1700000000)
	assert client.search(None, "SUBJECT", "x")[1] == [b"1"]
	assert client.create('"Work &- Play"')[0] == "OK"
	assert client.copy("1", '"Work &- Play"')[0] == "OK"
	assert client.store("1", "+FLAGS", "\\Deleted")[0] == "OK"
	assert client.expunge()[1] == [b"1"]
	assert client.status('"Work &- Play"', "(MESSAGES)")[1][0].endswith(b"(MESSAGES 1)")
	assert client.rename('"Work &- Play"', "Done")[0] == "OK"
	assert client.subscribe("Done")[0] == "OK"
	assert any(b"Done" in line for line in client.lsub()[1])
	assert client.delete("Done")[0] == "OK"
	assert client.logout()[0] == "BYE"
	END
}

@test "mbsync through a tunnel, both ways" {
	needs mbsync
	mbsync_tunnel "$TUNNEL"
}

@test "an APPEND that is cut off leaves nothing" {
	printf 'a APPEND INBOX {1000000+}\r\nSubject: half\r\n\r\nbody' |
		imap_session -u "$BOB" >/dev/null
	head -c 900000 /dev/zero | tr '\0' x >"$BATS_TEST_TMPDIR/half"
	(printf 'a APPEND INBOX {1000000+}\r\n'; cat "$BATS_TEST_TMPDIR/half") |
		imap_session -u "$BOB" >/dev/null
	no_mail_at_all
}
