#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What a user moves to Junk and out of it is kept for the spam learner.

load lib/helpers
load lib/imap

setup()
{
	instance_new
	BOX=$(maildir bob)
	TRAIN=$BOX/besace-train
}

# raw < commands, one a line: the session's answers.
raw()
{
	crlf | imap_session -u "$BOB" | tr -d '\r'
}

# put FOLDER BASE SUBJECT: "" is the inbox.
put()
{
	mail_text "$3" >"$BOX/${1:+.$1/}cur/$2:2,S"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

# records CLASS: subjects of its records, sorted.
records()
{
	[ ! -d "$TRAIN/$1" ] || grep -h '^Subject:' -r "$TRAIN/$1" | sort | cut -d' ' -f2-
}

@test "P10: COPY, MOVE and APPEND into Junk each leave one record of the message" {
	put '' 1700000001.M1P1.h one
	put '' 1700000002.M1P1.h two
	put '' 1700000003.M1P1.h three
	run -0 raw <<-'END'
	a SELECT INBOX
	b COPY 1 Junk
	c MOVE 2 Junk
	d APPEND Junk {18+}
	Subject: four

	x
	e COPY 1 Trash
	END
	is 4 "$(grep -c '^[a-e] OK' <<<"$(grep -v '^a' <<<"$output")")"
	is "$(printf '%s\n' four one two)" "$(records spam)"
	is '' "$(records ham)"
	# the message itself, by another link: it is there when the user deletes his
	run -0 raw <<-'END'
	a SELECT Junk
	b STORE 1:* +FLAGS.SILENT (\Deleted)
	c EXPUNGE
	END
	is "$(printf '%s\n' four one two)" "$(records spam)"
	logged 'training user=bob@example.test class=spam messages=1'
}

@test "P10: a message moved out of Junk is ham, not so to Trash or below Junk" {
	local i
	mkdir -p "$BOX/.Junk.2024"/{cur,new,tmp}
	for i in 1 2 3 4 5; do
		put Junk 170000000$i.M1P1.h m$i
	done
	run -0 raw <<-'END'
	a SELECT Junk
	b UID MOVE 1 INBOX
	c UID MOVE 2 Trash
	d UID MOVE 3 Junk.2024
	e UID COPY 4 Sent
	f UID COPY 5 Junk
	END
	is 5 "$(grep -c '^[b-f] OK' <<<"$output")"
	is "$(printf '%s\n' m1 m4)" "$(records ham)"
	is '' "$(records spam)"
}

@test "a message is recorded once, and for what was said last" {
	put '' 1700000001.M1P1.h one
	put '' 1700000002.M1P1.h,S=1,W=1 two
	run -0 raw <<-'END'
	a SELECT INBOX
	b COPY 1:2 Junk
	c COPY 1:2 Junk
	d COPY 1 Junk
	e SELECT Junk
	f MOVE 1 Sent
	END
	is "$(printf '%s\n' two)" "$(records spam)"
	is "$(printf '%s\n' one)" "$(records ham)"
	# learned, and said again
	rm "$TRAIN"/ham/*
	run -0 raw <<-'END'
	a SELECT Sent
	b MOVE 1 Junk
	END
	is "$(printf '%s\n' one two)" "$(records spam)"
	is '' "$(records ham)"
}

@test "records have a limit in number, and none is dropped for another" {
	local i
	mkdir -p "$TRAIN/spam"
	for i in {1..998}; do
		echo "Subject: old" >"$TRAIN/spam/$i"
	done
	for i in 1 2 3 4; do
		put '' 170000000$i.M1P1.h m$i
	done
	run -0 raw <<-'END'
	a SELECT INBOX
	b MOVE 1:4 Junk
	END
	has "$output" '^b OK'
	is 1000 "$(find "$TRAIN/spam" -type f | wc -l)"
	is 998 "$(records spam | grep -c old)"
}

@test "records have a limit in octets" {
	mkdir -p "$TRAIN/spam"
	truncate -s 67108800 "$TRAIN/spam/large"
	put '' 1700000001.M1P1.h one
	run -0 raw <<-'END'
	a SELECT INBOX
	b MOVE 1 Junk
	END
	has "$output" '^b OK'
	is large "$(ls "$TRAIN/spam")"
}

@test "no record can be written: the message moves all the same, and the log says so" {
	put '' 1700000001.M1P1.h one
	echo >"$TRAIN"
	chmod 0444 "$TRAIN"
	run -0 raw <<-'END'
	a SELECT INBOX
	b MOVE 1 Junk
	END
	has "$output" '^b OK'
	is 1 "$(find "$BOX/.Junk/cur" -type f | wc -l)"
	logged 'error what="unable to write to" object=besace-train'
}

@test "records count for no quota and are no mailbox" {
	put '' 1700000001.M1P1.h one
	run -0 raw <<-'END'
	a SELECT INBOX
	b MOVE 1 Junk
	c LIST "" *
	END
	has "$output" '^b OK'
	hasnt "$output" besace
	sed -i '/^bob@/s/$/ quota=100000/' "$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	run -0 raw <<<'a GETQUOTAROOT INBOX'
	has "$output" 'STORAGE 1 98'
}

@test "an empty spam_folder: Junk is what a client said it is" {
	setting spam_folder ''
	put '' 1700000001.M1P1.h one
	run -0 raw <<-'END'
	a SELECT INBOX
	b COPY 1 Junk
	END
	is '' "$(records spam)"
	run -0 raw <<-'END'
	a CREATE Spam (USE (\Junk))
	b SELECT INBOX
	c MOVE 1 Spam
	END
	has "$output" '^c OK'
	is one "$(records spam)"
}
