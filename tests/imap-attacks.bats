#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Classes of attacks and faults that other mail servers met, in IMAP, as far as no
# other file here is about them.

load lib/helpers
load lib/imap
load lib/faults

setup()
{
	instance_new
	BOX=$(maildir bob)
}

own()
{
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BOX"
}

# said COMMAND...: the answers to bob's session.
said()
{
	printf '%s\r\n' "$@" 'last LOGOUT' | imap_session -u "$BOB"
}

# Reads answers and holds them to the grammar of lines: literals are as long as
# they say, quoted strings end where they began, no control octet is in either.
strict()
{
	python3 -c '
import re, sys
data = sys.stdin.buffer.read()
at = lines = 0
while at < len(data):
    end = data.index(b"\r\n", at)
    line = data[at:end]
    at = end + 2
    literal = re.search(rb"~?\{(\d+)\}$", line)
    if literal:
        at += int(literal.group(1))
    bare = re.sub(rb"\"(?:[^\"\\\r\n\0]|\\[\"\\])*\"", b"", line)
    told = re.match(rb"(\* )?(\w+ )?(OK|NO|BAD|BYE|PREAUTH)\b", line)
    assert not re.search(rb"[\0-\x1f\x7f]", line), line
    assert told or b"\"" not in bare, line
    lines += 1
assert lines > 1
'
}

@test "CR LF in answers: names, keywords, headers and annotations of others' making" {
	printf 'INBOX\nwith\rcr\n\nquo"te\nnul\0nul\n\xff\xfe\nTrash\n' >"$BOX/subscriptions"
	printf '0 a\rb\n1 x"y\n2 good\n3 pa(ren\n4 nul\0l\n' >"$BOX/dovecot-keywords"
	local name
	for name in $'.line\nend' '.quo"te' $'.tab\tx' $'.cr\rx' $'.\xff\xfe'; do
		mkdir -p "$BOX/$name"/{cur,new,tmp}
	done
	printf 'From: "a\\"b\rc" <x\r@y>, (\0) <z\n @w>\nTo: "unended <a@b>\nSubject: a\rb\0c "d" \\\nMessage-ID: <"x\ry"@z>\nContent-Type: te"xt/p\rlain; name="a\\"b\0c"; x=\r\nContent-Disposition: a\r; b="\nContent-ID: "\r\nContent-Description: \\\n\nbody\rx\0y' \
		>"$BOX/cur/1.M1.h:2,Sabcde"
	printf 'Content-Type: message/rfc822\n\nSubject: "\r"\nTo: \r\n\nx' >"$BOX/cur/2.M1.h:2,S"
	mail_text odd >"$BOX/cur/"$'3.M1\n.h:2,S'
	own
	said 'a SELECT INBOX' 'b LIST "" *' 'c LSUB "" *' \
		'd LIST (SUBSCRIBED) "" * RETURN (STATUS (MESSAGES) CHILDREN SPECIAL-USE)' \
		'e FETCH 1:* (FLAGS ENVELOPE BODYSTRUCTURE PREVIEW EMAILID)' \
		'f FETCH 1:* (BODY.PEEK[HEADER.FIELDS (SUBJECT FROM)] BODY.PEEK[1.MIME] BODY.PEEK[])' \
		'g SEARCH SUBJECT a' 'h SORT (FROM SUBJECT) UTF-8 ALL' \
		'i THREAD REFERENCES UTF-8 ALL' 'j STATUS INBOX (MESSAGES SIZE)' \
		'k APPEND Trash CATENATE (URL "/x%0D%0Ay/;UID=1")' \
		'l SETMETADATA INBOX (/private/comment {8+}' $'a"\r\nb\\\xc3\xa9)' \
		'm GETMETADATA INBOX /private/comment' 'n UNSELECT' >"$BATS_TEST_TMPDIR/out"
	strict <"$BATS_TEST_TMPDIR/out"
	for tag in a b c d e f g h i j l m n; do
		grep -aq "^$tag OK" "$BATS_TEST_TMPDIR/out"
	done
	grep -aq '^k NO \[BADURL' "$BATS_TEST_TMPDIR/out"
}

@test "files that hold lines: no name and no value adds one" {
	{
		echo 'S: * PREAUTH'
		for verb in 'SUBSCRIBE' 'CREATE' 'RENAME Junk' 'STATUS'; do
			printf 'C: a %s {9+}\nC> one\\r\\ntwo!\nC: %s\nS~ a (NO|BAD)\n' "$verb" \
				"$([ "$verb" != STATUS ] || echo ' (MESSAGES)')"
		done
		cat <<-'END'
		C: b SETMETADATA INBOX (/private/comment {24+}
		C> x\r\n/private/other 1 evil
		C: )
		S: b OK
		C: c SETMETADATA INBOX ({20+}
		C> /private/a\nb/private
		C:  "v")
		S~ c (NO|BAD)
		C: d GETMETADATA (DEPTH infinity) INBOX /private
		S: * METADATA INBOX (/private/comment {24}
		S= x
		S~ /private/other 1 evil\)
		S: d OK
		C: e SELECT INBOX
		S.. e OK
		C: f LIST (SUBSCRIBED) "" *
		S.~ f OK
		END
	} | user_dialogue
	[ ! -e "$BOX/subscriptions" ] || run -1 grep -c two "$BOX/subscriptions"
}

@test "literal memory: the sum of a command's literals has a limit, and the session goes on" {
	{
		printf 'S: * PREAUTH\n'
		printf 'C> a LIST "" ('
		for _ in {1..12}; do
			printf '{60000+}\\r\\n%s \n' "$(head -c 60000 /dev/zero | tr '\0' x)"
			printf 'C> '
		done
		printf ')\\r\\n\nS: a BAD [TOOBIG]\nC: b NOOP\nS: b OK\n'
	} | user_dialogue
}

@test "user enumeration: nobody and a wrong password have the same answer" {
	local plain answers
	plain=$(auth_plain nobody@example.test wrong)
	answers=$(printf '%s\r\n' 'a LOGIN nobody@example.test wrong' \
		"a LOGIN $BOB wrong" 'a LOGIN x wrong' \
		"a AUTHENTICATE PLAIN $plain" \
		"a AUTHENTICATE PLAIN $(auth_plain "$BOB" wrong)" |
		imap_session | grep '^a ' | sort -u)
	is 1 "$(wc -l <<<"$answers")"
	has "$answers" '^a NO \[AUTHENTICATIONFAILED\]'
}

@test "addresses: empty local parts, groups, an empty From, comments nested 10,000 deep" {
	printf 'From: ""@d\nTo: g:;, h: "" <""@e>, <@r:a@b>;\nCc: <>\nBcc: ,,,\nSender:\nReply-To: (%s)a@b\n\nx' \
		"$(printf '(%.0s' {1..10000})" >"$BOX/cur/1.M1.h:2,S"
	printf 'From:\nTo: undisclosed-recipients:;\nSubject: \xc3\nCc: "\xe2\x82" <a@b>\nDate: \xff\nIn-Reply-To: =?utf-8?Q?=E2=82?=\n\n\xf0\x9f' \
		>"$BOX/cur/2.M1.h:2,S"
	own
	said 'a SELECT INBOX' 'b FETCH 1:2 (ENVELOPE PREVIEW)' \
		'c SEARCH OR OR FROM d TO undisclosed SUBJECT x' \
		'd SORT (FROM TO CC DISPLAYFROM DISPLAYTO SUBJECT DATE) UTF-8 ALL' \
		'e SEARCH CHARSET UTF-8 TEXT {1+}' $'\xc3' 'f SEARCH CHARSET UTF-8 BODY {2+}' \
		$'\xf0\x9f' 'g THREAD REFERENCES UTF-8 ALL' >"$BATS_TEST_TMPDIR/out"
	strict <"$BATS_TEST_TMPDIR/out"
	for tag in b c d g last; do
		grep -aq "^$tag OK" "$BATS_TEST_TMPDIR/out"
	done
	is 2 "$(grep -acE '^[ef] (OK|NO|BAD)' "$BATS_TEST_TMPDIR/out")"
}

@test "a mailbox that is a link leads nowhere" {
	local away=$BATS_TEST_TMPDIR/away
	mkdir -p "$away"/{cur,new,tmp}
	mail_text secret >"$away/cur/1.M1.h:2,S"
	ln -s "$away" "$BOX/.link"
	mkdir -p "$BOX/.half"/{new,tmp}
	ln -s "$away/cur" "$BOX/.half/cur"
	own
	said 'a SELECT link' 'b STATUS link (MESSAGES)' 'c EXAMINE half' \
		'd STATUS half (MESSAGES)' 'e COPY 1 Trash' 'f LIST "" *' \
		'g APPEND link {3+}' 'x: ' >"$BATS_TEST_TMPDIR/out"
	for tag in a b; do
		grep -q "^$tag NO" "$BATS_TEST_TMPDIR/out"
	done
	hasnt "$(cat "$BATS_TEST_TMPDIR/out")" 'MESSAGES 1'
	hasnt "$(cat "$BATS_TEST_TMPDIR/out")" '1 EXISTS'
	is 1 "$(find "$away" -type f | wc -l)"
}

@test "quota bypass: many who append at once go over by no more than one message" {
	instance_new -d "$BATS_TEST_TMPDIR/small" -o virtual_mailbox_limit=100k
	local i
	head -c 30000 /dev/zero | tr '\0' 'x' | fold >"$BATS_TEST_TMPDIR/text"
	for i in 1 2 3 4 5 6 7 8; do
		{
			printf 'a APPEND INBOX {%s+}\r\n' "$(wc -c <"$BATS_TEST_TMPDIR/text")"
			cat "$BATS_TEST_TMPDIR/text"
			printf '\r\nb LOGOUT\r\n'
		} | imap_session -u "$BOB" >"$BATS_TEST_TMPDIR/out.$i" &
	done
	wait
	i=$(cat "$BATS_TEST_TMPDIR"/out.* | grep -c '^a OK')
	[ "$i" -ge 3 ]
	[ "$i" -le 4 ]
	is "$i" "$(count bob)"
	is 8 "$(cat "$BATS_TEST_TMPDIR"/out.* | grep -cE '^a (OK|NO \[OVERQUOTA\])')"
	{
		printf 'a APPEND INBOX {%s+}\r\n' "$(wc -c <"$BATS_TEST_TMPDIR/text")"
		cat "$BATS_TEST_TMPDIR/text"
		printf '\r\nb LOGOUT\r\n'
	} | imap_session -u "$BOB" >"$BATS_TEST_TMPDIR/last"
	has "$(cat "$BATS_TEST_TMPDIR/last")" '^a NO \[OVERQUOTA\]'
}

@test "cdb truncated: a login is for later, nobody is unknown" {
	local map size
	for map in passwords mailboxes; do
		cp "$BESACE_ETC/$map.cdb" "$BATS_TEST_TMPDIR/whole"
		for size in 0 100 2048; do
			truncate -s "$size" "$BESACE_ETC/$map.cdb"
			run imap_session < <(printf '%s\r\n' "a LOGIN $BOB $BOB_PASSWORD" 'b LOGOUT')
			hasnt "$output" 'AUTHENTICATIONFAILED'
			hasnt "$output" '^a OK'
			cp "$BATS_TEST_TMPDIR/whole" "$BESACE_ETC/$map.cdb"
		done
	done
}

# faulty FAULT COMMAND...: a session of bob's with it. In place of what fails is a
# call that the session's filter lets through.
faulty()
{
	printf '%s\r\n' "${@:2}" 'last LOGOUT' |
		timeout 30 strace -qq -o /dev/null -e trace="${1%%:*}" \
			-e "inject=$1:syscall=getpid" \
			"$BIN/imap-session" -u "$BOB" 2>/dev/null
}

@test "read error taken for end of file: no message is told shorter than it is" {
	needs strace
	if sanitized; then
		skip "the checking build makes calls of its own"
	fi
	local n whole=0
	python3 -c 'print("Subject: x\n\n" + "text\n" * 40000 + "the last line")' >"$BOX/cur/1.M1.h:2,S"
	own
	said 'a SELECT INBOX' >/dev/null
	for n in {1..16}; do
		run -0 faulty "pread64:error=EIO:when=$n" 'a SELECT INBOX' 'b FETCH 1 BODY.PEEK[]' 'c NOOP'
		if has "$output" '^b OK' >/dev/null; then
			has "$output" '^the last line'
			whole=$((whole + 1))
		fi
	done
	[ "$whole" -lt 16 ]
}

@test "full disk, no descriptors, errors at each call: what is answered OK is there, and nothing else" {
	needs strace
	if sanitized; then
		skip "the checking build makes calls of its own"
	fi
	local fault n taken=0 there=0
	for fault in openat:error=EMFILE openat:error=EIO write:error=ENOSPC \
		fsync:error=EIO fdatasync:error=EIO renameat2:error=ENOSPC \
		linkat:error=ENOSPC fstat:error=EIO newfstatat:error=EIO; do
		for n in 1 2 3 5 8 13; do
			run faulty "$fault:when=$n" 'a APPEND INBOX {13+}' 'X: y' '' 'text.'
			if has "$output" '^a OK' >/dev/null; then
				taken=$((taken + 1))
			fi
			there=$(find "$BOX/cur" "$BOX/new" -type f | wc -l)
			# The answer itself may be what could not be written.
			has "$output" '^a ' >/dev/null || taken=$there
			is "$taken" "$there" || {
				echo "$fault at $n: $output"
				return 1
			}
		done
	done
	[ "$taken" -gt 5 ]
	[ "$taken" -lt 54 ]
}

@test "EINTR: the same answers" {
	needs strace
	if sanitized; then
		skip "the checking build makes calls of its own"
	fi
	local call
	put_messages 3
	said 'a SELECT INBOX' 'b FETCH 1:* BODY.PEEK[]' >"$BATS_TEST_TMPDIR/wanted"
	for call in read write pread64 poll; do
		faulty "$call:error=EINTR:when=3+2" 'a SELECT INBOX' \
			'b FETCH 1:* BODY.PEEK[]' >"$BATS_TEST_TMPDIR/out"
		cmp "$BATS_TEST_TMPDIR/wanted" "$BATS_TEST_TMPDIR/out"
	done
}

@test "power cut: APPEND, COPY and MOVE answer when the message and its name are on disk" {
	needs strace
	strace -qq -o /dev/null true 2>/dev/null || skip "nothing can be traced"
	put_messages 4
	said 'a SELECT INBOX' 'b STATUS Trash (MESSAGES)' 'c STATUS Sent (MESSAGES)' >/dev/null
	run -0 "$LIB/durable" "$BOX" -- "$BIN/imap-session" -u "$BOB" < <(
		printf '%s\r\n' 'a SELECT INBOX' 'b APPEND Sent {13+}' 'X: y' '' \
			'text.' 'c COPY 1:2 Trash' 'd MOVE 3:4 Trash' 'e LOGOUT')
	has "$output" 'e OK'
}
