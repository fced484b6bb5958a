#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# besace export: a folder as mbox, which besace, Python and mutt read.

load lib/helpers

setup()
{
	instance_new
	BOX=$(maildir bob)
	MBOX=$BATS_TEST_TMPDIR/mbox
}

put()
{
	cat >"$BOX/$1"
	touch -d '2001-02-03 04:05:06 UTC' "$BOX/$1"
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$BOX/$1"
}

fill()
{
	printf 'Subject: one\nStatus: mine\nX-Mozilla-Status: 0008\n\nFrom a@b Sat Jan  3 01:05:34 1998\n>From x\nFrom here\n\n\n' |
		put 'cur/1.h:2,FRSa'
	printf 'Subject: two\r\n\r\nCR LF\r\n\0nul\n' | put 'cur/2.h:2,DT'
	printf 'Subject: three\n\nContent\n' | put 'new/3.h'
	printf 'Content-Length: 5\n\nwrong length\n' | put 'cur/4.h:2,'
	printf '0 $Forwarded\n' | put dovecot-keywords
}

# The messages of a Maildir with their flags and dates.
contents()
{
	local f
	for f in "$1"/cur/* "$1"/new/*; do
		[ ! -e "$f" ] || echo "$(md5sum <"$f") $(stat -c %Y "$f") $(grep -o ':2,.*' <<<"$f")"
	done | sort
}

@test "import(export(x)) is x: octets, flags, keywords, dates" {
	fill
	"$BIN/besace" export "$BOB" --mbox "$MBOX"
	run -0 "$BIN/besace" import "$ALICE" "$MBOX"
	has "$output" 'INBOX: 4 came'
	is "$(contents "$BOX")" "$(contents "$(maildir alice)")"
	is '0 $Forwarded' "$(cat "$(maildir alice)/dovecot-keywords")"
	# the order is that of UIDs, a file is never written over
	run -73 "$BIN/besace" export "$BOB" --mbox "$MBOX"
}

@test "Python's mailbox reads it" {
	fill
	"$BIN/besace" export "$BOB" >"$MBOX"
	run -0 python3 - "$MBOX" <<-'END'
	import mailbox, sys
	for m in mailbox.mbox(sys.argv[1], create=False):
	    print(m["Subject"], m.get_flags(), m["X-Keywords"], m.get_from())
	END
	is "$(printf '%s MAILER-DAEMON Sat Feb  3 04:05:06 2001\n' 'one ROAF $Forwarded' \
		'two ODT ' 'three  ' 'None O ')" "$output"
}

@test "neomutt reads it" {
	needs neomutt
	needs script
	fill
	"$BIN/besace" export "$BOB" >"$MBOX"
	printf '%s\n' 'set folder=. index_format="line:%N:%s:%Z:"' 'push "<exit>"' \
		>"$BATS_TEST_TMPDIR/muttrc"
	TERM=xterm HOME=$BATS_TEST_TMPDIR run -0 timeout 60 script -qec \
		"neomutt -n -F $BATS_TEST_TMPDIR/muttrc -R -f $MBOX" /dev/null </dev/null
	has "$output" 'Msgs:4'
	has "$output" 'line:[0-9]*:one:'
	has "$output" 'line:[0-9]*:three:'
}

@test "a folder, one that is missing, an address that is unknown" {
	mkdir -p "$BOX/.Work/cur" "$BOX/.Work/new" "$BOX/.Work/tmp"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX/.Work"
	printf 'Subject: w\n\nx\n' | put '.Work/cur/1.h:2,S'
	run -0 "$BIN/besace" export "$BOB" --folder Work
	has "$output" '^Subject: w$'
	run -67 "$BIN/besace" export "$BOB" --folder None
	run -67 "$BIN/besace" export nobody@example.test
	run -64 "$BIN/besace" export
}
