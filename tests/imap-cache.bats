#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# besace.cache: what was found in messages is not looked for again, and is never
# that of another message.

load lib/helpers

setup()
{
	instance_new
	BOX=$(maildir bob)
}

raw()
{
	crlf | imap_session -u "$BOB" | tr -d '\r' | grep -v HIGHESTMODSEQ
}

own()
{
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

# put NAME SUBJECT: a message with that subject.
put()
{
	printf 'From: a@b.example\nTo: c@d.example\nSubject: %s\nX-Other: %s\nContent-Type: text/html\n\nbody %s\n' \
		"$2" "$2" "$2" >"$BOX/cur/$1"
	own
}

ask()
{
	raw <<-END
	a ${1-SELECT} INBOX
	b FETCH 1:* (ENVELOPE)
	c FETCH 1:* (BODY BODYSTRUCTURE RFC822.SIZE)
	d FETCH 1:* (BODY.PEEK[HEADER.FIELDS (Subject to References)])
	e FETCH 1:* (BODY.PEEK[HEADER.FIELDS (Subject X-Other)])
	f LOGOUT
	END
}

# Other bytes in the same place tell what was read again, which no client should
# ever see.
@test "a fact is found once; the fields that lists do not need are read" {
	put '1.M1P1.h:2,' first
	run -0 ask
	first=$output
	has "$first" '^\* 1 FETCH \(ENVELOPE \(NIL "first" '
	has "$first" '^\* 1 FETCH \(BODY \("text" "html" \("charset" "us-ascii"\) NIL NIL "7BIT" 12 1\) BODYSTRUCTURE \("text" "html" \("charset" "us-ascii"\) NIL NIL "7BIT" 12 1 NIL NIL NIL NIL\) RFC822.SIZE '
	has "$first" '^Subject: first'
	[ -s "$BOX/besace.cache" ]
	is 600 "$(stat -c %a "$BOX/besace.cache")"
	put '1.M1P1.h:2,' other
	run -0 ask
	is "$(sed 's/^\(Subject\|X-Other\): other/\1: first/' <<<"$output")" "$first"
	is 1 "$(grep -c '^Subject: other' <<<"$output")"
	is 1 "$(grep -c '^Subject: first' <<<"$output")"
	rm "$BOX/besace.cache"
	run -0 ask
	has "$output" 'ENVELOPE \(NIL "other" '
	hasnt "$output" first
}

@test "EXAMINE reads it and does not write it" {
	put '1.M1P1.h:2,' first
	run -0 ask EXAMINE
	has "$output" '"first"'
	[ ! -e "$BOX/besace.cache" ]
	ask >/dev/null
	put '1.M1P1.h:2,' other
	run -0 ask EXAMINE
	has "$output" 'ENVELOPE \(NIL "first"'
}

@test "a cache of other UIDs, of other files, a damaged one, a foreign file" {
	put '1.M1P1.h:2,' first
	run -0 ask
	first=$output
	cp "$BOX/besace.cache" "$BATS_TEST_TMPDIR/kept"

	# the same UIDVALIDITY and UID, another message
	mv "$BOX/cur/1.M1P1.h:2," "$BOX/cur/2.M1P1.h:2,"
	sed -i 's/:1\.M1P1\.h/:2.M1P1.h/' "$BOX/dovecot-uidlist"
	put '2.M1P1.h:2,' second
	run -0 ask
	hasnt "$output" first

	# another UIDVALIDITY
	mv "$BOX/cur/2.M1P1.h:2," "$BOX/cur/1.M1P1.h:2,"
	put '1.M1P1.h:2,' third
	rm "$BOX/dovecot-uidlist"
	cp "$BATS_TEST_TMPDIR/kept" "$BOX/besace.cache"
	own
	run -0 ask
	hasnt "$output" first

	put '1.M1P1.h:2,' first
	rm "$BOX/besace.cache"
	run -0 ask
	first=$output
	for damage in 's/first/fjrst/g' '1s/^besace/vesace/' '$d' 1,300d; do
		sed -i "$damage" "$BOX/besace.cache"
		own
		run -0 ask
		is "$first" "$output"
	done
	rm "$BOX/besace.cache"
	ln -s /etc/passwd "$BOX/besace.cache"
	run -0 ask
	has "$output" '"first"'
	[ -f "$BOX/besace.cache" ] && [ ! -L "$BOX/besace.cache" ]
	rm "$BOX/besace.cache"
	mkdir "$BOX/besace.cache"
	own
	run -0 ask
	has "$output" '"first"'
}

@test "facts of messages that are gone are dropped" {
	for i in $(seq 400); do
		printf 'Subject: %0200d\n\nx\n' "$i" >"$BOX/cur/$i.M1P1.h:2,"
	done
	own
	ask >/dev/null
	before=$(stat -c %s "$BOX/besace.cache")
	find "$BOX/cur" -type f ! -name '*[05].M1P1*' -delete
	put '999.M1P1.h:2,' last
	run -0 ask
	is 81 "$(grep -c 'FETCH (ENVELOPE' <<<"$output")"
	(($(stat -c %s "$BOX/besace.cache") < before / 3))
	is 0 "$(find "$BOX/tmp" -type f | wc -l)"
	run -0 ask
	is 81 "$(grep -c 'FETCH (ENVELOPE' <<<"$output")"
}

@test "sessions that find facts at the same time keep each other's or none" {
	for i in $(seq 60); do
		put "$i.M1P1.h:2," "subject-$i"
	done
	ask >"$BATS_TEST_TMPDIR/want"
	rm "$BOX/besace.cache"
	for i in 1 2 3 4 5 6; do
		ask >"$BATS_TEST_TMPDIR/got$i" &
	done
	wait
	for i in 1 2 3 4 5 6; do
		cmp "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got$i"
	done
	ask >"$BATS_TEST_TMPDIR/got"
	cmp "$BATS_TEST_TMPDIR/want" "$BATS_TEST_TMPDIR/got"
}

@test "SEARCH and SORT take header fields from it, and put them there" {
	put '1.M1P1.h:2,' zebra
	put '2.M1P1.h:2,' apple
	run -0 raw <<-'END'
	a SELECT INBOX
	b SORT (SUBJECT) UTF-8 ALL
	c LOGOUT
	END
	has "$output" '^\* SORT 2 1'
	[ -s "$BOX/besace.cache" ]
	put '1.M1P1.h:2,' other
	put '2.M1P1.h:2,' other
	run -0 raw <<-'END'
	a SELECT INBOX
	b SORT (SUBJECT) UTF-8 ALL
	c SEARCH SUBJECT apple
	d SEARCH HEADER X-Other other
	e LOGOUT
	END
	has "$output" '^\* SORT 2 1'
	has "$output" '^\* SEARCH 2$'
	has "$output" '^\* SEARCH 1 2$'
}
