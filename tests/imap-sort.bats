#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# SORT and SORT=DISPLAY, and RETURN with them.

load lib/helpers

setup_file()
{
	export TZ=UTC0
	instance_new
	BOX=$(maildir bob)
	put() {
		cat >"$BOX/cur/$1"
		touch -d "$2" "$BOX/cur/$1"
	}
	# No Date: INTERNALDATE counts.
	put 1.M1.h:2,S '2024-01-05 00:00:00 UTC' <<-'END'
	From: zoe@a.test
	To: friends: dave@a.test;
	Subject: [list] Re: pears

	a body that is longer than the others are: it makes this the longest message
	END
	put 2.M1.h:2,S '2024-01-04 00:00:00 UTC' <<-'END'
	From: "Adam" <zack@a.test>
	To: carl@a.test, adam@a.test
	Cc: bill@a.test
	Subject: =?utf-8?Q?=C3=89clairs?=
	Date: Tue, 2 Jan 2024 23:30:00 -0800

	.
	END
	put 3.M1.h:2, '2024-01-03 00:00:00 UTC' <<-'END'
	From: =?utf-8?Q?=C3=84nne?= <bob@a.test>
	To: <bert@a.test>
	Cc: anything <alf@a.test>
	Subject: Apples (fwd)
	Date: Wed, 3 Jan 2024 08:00:00 EST

	..
	END
	put 4.M1.h:2, '2024-01-02 00:00:00 UTC' <<-'END'
	From: <Carol@a.test>
	Subject: PEARS
	Date: 3 Jan 2024

	...
	END
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
	export BOX
}

# sorted ARGUMENTS...: the numbers SORT answers.
sorted()
{
	printf 'a EXAMINE INBOX\r\nb SORT %s\r\n' "$*" | imap_session -u "$BOB" |
		tr -d '\r' | sed -nE 's/^\* SORT ?//p; s/^b (NO|BAD).*/\1/p'
}

each_criterion()
{
	is '4 3 2 1' "$(sorted '(ARRIVAL) UTF-8 ALL')"
	is '1 2 3 4' "$(sorted '(REVERSE ARRIVAL) UTF-8 ALL')"
	is '4 2 3 1' "$(sorted '(DATE) UTF-8 ALL')"
	is '3 4 2 1' "$(sorted '(FROM) UTF-8 ALL')"
	is '4 3 2 1' "$(sorted '(TO) UTF-8 ALL')"
	is '1 4 3 2' "$(sorted '(CC) UTF-8 ALL')"
	is '4 1' "$(sorted '(SIZE) UTF-8 1,4')"
	is '3 2 1 4' "$(sorted '(SUBJECT) UTF-8 ALL')"
	is '3 2 4 1' "$(sorted '(SUBJECT DATE) UTF-8 ALL')"
	is '1 4 2 3' "$(sorted '(reverse subject) utf-8 all')"
	is '3 4' "$(sorted '(FROM) US-ASCII UNSEEN')"
	is '' "$(sorted '(FROM) UTF-8 FROM nobody')"
}

@test "SORT: each criterion, backwards too; equal ones by number" {
	each_criterion
}

# EXAMINE only reads the cache.
@test "SORT: the same with what besace.cache has" {
	[ ! -e "$BOX/besace.cache" ]
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SORT (DATE SUBJECT) UTF-8 ALL
	S: * SORT 4 2 3 1
	S: b OK
	C: c LOGOUT
	S: * BYE
	S: c OK
	END
	[ -s "$BOX/besace.cache" ]
	each_criterion
}

@test "SORT=DISPLAY: the name that is shown, else the address" {
	is '2 3 4 1' "$(sorted '(DISPLAYFROM) UTF-8 ALL')"
	is '4 3 2 1' "$(sorted '(DISPLAYTO) UTF-8 ALL')"
	is '1 4 3 2' "$(sorted '(REVERSE DISPLAYFROM) UTF-8 ALL')"
}

@test "SORT: wrong arguments" {
	is 'NO' "$(sorted '(FROM) KLINGON ALL')"
	is 'BAD' "$(sorted '() UTF-8 ALL')"
	is 'BAD' "$(sorted '(BOGUS) UTF-8 ALL')"
	is 'BAD' "$(sorted '(REVERSE) UTF-8 ALL')"
	is 'BAD' "$(sorted '(FROM) ALL')"
	is 'BAD' "$(sorted '(FROM) UTF-8')"
	is 'BAD' "$(sorted 'FROM UTF-8 ALL')"
	is 'BAD' "$(sorted '(FROM')"
}

@test "ESORT: RETURN tells of the order; UIDs" {
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a EXAMINE INBOX
	S.. a OK
	C: b SORT RETURN () (SUBJECT) UTF-8 ALL
	S= * ESEARCH (TAG "b") ALL 3,2,1,4
	S: b OK
	C: c UID SORT RETURN (MIN MAX COUNT) (REVERSE SUBJECT) UTF-8 ALL
	S= * ESEARCH (TAG "c") UID MIN 1 MAX 3 COUNT 4
	S: c OK
	C: d SORT RETURN (ALL) (REVERSE ARRIVAL) UTF-8 ALL
	S= * ESEARCH (TAG "d") ALL 1:4
	S: d OK
	C: e SORT RETURN (MIN ALL) (DATE) UTF-8 FROM nobody
	S= * ESEARCH (TAG "e")
	S: e OK
	C: f UID SORT (DATE) UTF-8 SEEN
	S= * SORT 2 1
	S: f OK
	END
}
