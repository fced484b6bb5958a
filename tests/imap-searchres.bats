#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# SEARCHRES: "$", the messages that the last search saved.

load lib/helpers

setup()
{
	instance_new
	BOX=$(maildir bob)
	for i in 1 2 3 4 5 6; do
		mail_text "subject$i" >"$BOX/cur/$i.M1.h:2,"
		touch -d "2024-01-0$i" "$BOX/cur/$i.M1.h:2,"
	done
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

@test "SEARCHRES: FETCH, STORE, COPY, MOVE, EXPUNGE and SEARCH take it" {
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b FETCH $ UID
	S: b OK
	C: c SEARCH RETURN (SAVE) OR 2:3 5
	S: c OK
	C: d FETCH $ UID
	S= * 2 FETCH (UID 2)
	S= * 3 FETCH (UID 3)
	S= * 5 FETCH (UID 5)
	S: d OK
	C: e UID SEARCH RETURN (SAVE COUNT) $ NOT UID 3
	S= * ESEARCH (TAG "e") UID COUNT 2
	S: e OK
	C: f SEARCH UID $
	S= * SEARCH 2 5
	S: f OK
	C: g SORT (REVERSE ARRIVAL) UTF-8 $
	S= * SORT 5 2
	S: g OK
	C: h STORE $ +FLAGS.SILENT (\\Deleted)
	S.. h OK
	C: i CREATE other
	S: i OK
	C: j COPY $ other
	S: j OK
	C: k UID STORE 3 +FLAGS.SILENT (\\Deleted)
	S.. k OK
	C: l UID EXPUNGE $
	S= * 5 EXPUNGE
	S= * 2 EXPUNGE
	S: l OK
	C: m UID FETCH $ FLAGS
	S: m OK
	C: n SEARCH RETURN (SAVE) SUBJECT subject6
	S: n OK
	C: o EXPUNGE
	S= * 2 EXPUNGE
	S: o OK
	C: p FETCH $ UID
	S= * 3 FETCH (UID 6)
	S: p OK
	C: q UID MOVE $ other
	S.. q OK
	C: r SEARCH $
	S= * SEARCH
	S: r OK
	C: s FETCH 1,$ UID
	S: s BAD
	END
}

@test "SEARCHRES: what is kept, and when nothing" {
	imap_dialogue -u "$BOB" <<-'END'
	S: * PREAUTH
	C: a SELECT INBOX
	S.. a OK
	C: b SEARCH RETURN (SAVE MIN) 3:5
	S= * ESEARCH (TAG "b") MIN 3
	S: b OK
	C: b1 SEARCH $
	S= * SEARCH 3
	S: b1 OK
	C: c SEARCH RETURN (MIN MAX SAVE) 3:5
	S= * ESEARCH (TAG "c") MIN 3 MAX 5
	S: c OK
	C: c1 SEARCH $
	S= * SEARCH 3 5
	S: c1 OK
	C: d SORT RETURN (MIN SAVE) (REVERSE ARRIVAL) UTF-8 2:4
	S= * ESEARCH (TAG "d") MIN 4
	S: d OK
	C: d1 SEARCH $
	S= * SEARCH 4
	S: d1 OK
	C: e SEARCH RETURN (PARTIAL 2:3 SAVE) ALL
	S= * ESEARCH (TAG "e") PARTIAL (2:3 2:3)
	S: e OK
	C: f SEARCH RETURN (SAVE) BOGUS
	S: f BAD
	C: g SEARCH $
	S= * SEARCH 2 3
	S: g OK
	C: h SEARCH RETURN (SAVE) CHARSET KLINGON ALL
	S: h NO
	C: i SEARCH $
	S= * SEARCH
	S: i OK
	C: j SEARCH RETURN (SAVE) ALL
	S: j OK
	C: k EXAMINE INBOX
	S.. k OK
	C: l SEARCH $
	S= * SEARCH
	S: l OK
	END
}
