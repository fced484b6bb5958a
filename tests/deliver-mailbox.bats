#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A message into a Maildir: place, owner, names, headers, bytes.

load lib/helpers
load lib/deliver

setup()
{
	store_new
}

teardown()
{
	[ -z "${open-}" ] || rm -rf "$open"
}

@test "S04 S06 S07 S72 S75: domains without Unix accounts, one file below domain/user/new" {
	deliver_to alice@example.test
	deliver_to eve@domain.net
	is 1 "$(new_count example.test/alice)"
	is 1 "$(new_count domain.net/eve)"
	is 2 "$(mail_files | wc -l)"
	run getent passwd alice
	is "" "$output"
}

@test "S05 S10: all files are the mail owner's, directories 0700, files 0600" {
	needs_root "to become another user"
	settings virtual_uid_maps=static:5123 virtual_gid_maps=static:5124
	chown 5123 "$MAIL"
	deliver_to alice@example.test eve@domain.net
	is "5123 5124 600" \
		"$(find "$MAIL" -type f -printf '%U %G %m\n' | sort -u)"
	is "5123 5124 700" \
		"$(find "$MAIL" -mindepth 1 -type d -printf '%U %G %m\n' | sort -u)"
}

@test "S11: the mail store may be anywhere" {
	MAIL=$BATS_TEST_TMPDIR/elsewhere
	mkdir "$MAIL"
	owned_by_vmail "$MAIL"
	settings
	deliver_to alice@example.test
	is 1 "$(new_count example.test/alice)"
}

# kinds_in DIR: owner and mode of everything below it, each once.
kinds_in()
{
	find "$1" -mindepth 1 -printf '%y %U %m\n' | sort -u | tr '\n' ';'
}

@test "S05 S10: the same owner and modes under every umask, in folders, too" {
	local mask user=5000
	[ "$(id -u)" = 0 ] || user=$(id -u)
	for mask in 000 022 027 077 377 777; do
		rm -rf "${MAIL:?}"/*
		(
			umask $mask
			mail_text | "$DELIVER" alice@example.test eve@domain.net
			{
				echo 'X-Spam-Flag: YES'
				mail_text
			} | "$DELIVER" bob@example.test
		)
		is "umask $mask: d $user 700;f $user 600;" \
			"umask $mask: $(kinds_in "$MAIL")"
		is 3 "$(mail_files | wc -l)"
	done
}

@test "S05 S10: the same when the mail's owner runs it" {
	needs_root "to start as another user"
	local mask
	open=$(mktemp -d)
	chmod 755 "$open"
	store_new "$open/store"
	cp "$DELIVER" "$open/deliver"
	chmod -R a+rX "$open"
	for mask in 000 022 777; do
		rm -rf "${MAIL:?}"/*
		mail_text | as_vmail sh -c 'umask $1; exec "$2" alice@example.test' \
			- "$mask" "$open/deliver"
		is "d 5000 700;f 5000 600;" "$(kinds_in "$MAIL")"
	done
}

@test "S11: the mail store's base may be a symbolic link" {
	mv "$MAIL" "$BATS_TEST_TMPDIR/disk"
	ln -s "$BATS_TEST_TMPDIR/disk" "$MAIL"
	deliver_to alice@example.test
	is 1 "$(find "$BATS_TEST_TMPDIR/disk/example.test/alice/new" -type f | wc -l)"
	rm "$MAIL"
	mkdir "$MAIL"
}

@test "a missing Maildir is made, an incomplete one completed" {
	deliver_to alice@example.test
	rmdir "$MAIL/example.test/alice/tmp" "$MAIL/example.test/alice/cur"
	deliver_to alice@example.test
	is "cur new tmp" "$(cd "$MAIL/example.test/alice" && echo *)"
	is 2 "$(new_count example.test/alice)"
}

@test "S62: Return-Path, X-Original-To, Delivered-To, in this order, on top" {
	printf 'Subject: x\n\nbody\n' |
		"$DELIVER" -f 'Me@Elsewhere.test' Alice+Shop@Example.TEST
	is "Return-Path: <Me@Elsewhere.test>
X-Original-To: Alice+Shop@Example.TEST
Delivered-To: alice+shop@example.test
Subject: x

body" "$(the_message example.test/alice)"
}

@test "the sender: brackets, empty, from the environment, unknown" {
	for case in "-f <> => <>" "-f <a@b.test> => <a@b.test>"; do
		mail_clear
		mail_text | "$DELIVER" -f "$(cut -d' ' -f2 <<<"$case")" \
			alice@example.test
		has "$(the_message example.test/alice)" \
			"^Return-Path: ${case##* }\$"
	done
	mail_clear
	mail_text | SENDER=env@b.test "$DELIVER" -- alice@example.test
	has "$(the_message example.test/alice)" '^Return-Path: <env@b.test>$'
	mail_clear
	mail_text | "$DELIVER" alice@example.test
	hasnt "$(the_message example.test/alice)" '^Return-Path'
}

@test "a sender that would write header lines is a wrong argument" {
	for sender in $'a@b\nX-Evil: 1' $'a\r@b' 'a@b>x<'; do
		run -64 "$DELIVER" -f "$sender" alice@example.test <<<"Subject: x"
	done
	no_mail_at_all
}

@test "Return-Path that came along is removed, with its folds, all of them" {
	printf '%s\n' 'Return-Path: <forged@x>' 'A: 1' 'return-PATH:' \
		' <again@x>' 'Delivered-To: other@x' '' 'Return-Path: body' |
		"$DELIVER" -f me@x.test alice@example.test
	is "Return-Path: <me@x.test>
X-Original-To: alice@example.test
Delivered-To: alice@example.test
A: 1
Delivered-To: other@x

Return-Path: body" "$(the_message example.test/alice)"
}

@test "S62: values of the three fields: UTF-8 as it is, other octets over 0x7f and controls never" {
	local utf8=$'"\303\251 x"@example.test'
	map mailboxes <<<'@example.test=>example.test/all'
	mail_text | "$DELIVER" -f $'\303\251@elsewhere.test' "$utf8"
	is "$(printf '%s\n' $'Return-Path: <\303\251@elsewhere.test>' \
		"X-Original-To: $utf8" "Delivered-To: $utf8")" \
		"$(the_message example.test/all | head -n 3)"
	mail_clear
	for octets in $'\377' $'\303' $'\302\205' $'\001' $'\033' $'\177' \
		$'\n' $'\r' $'\t'; do
		run -64 "$DELIVER" -f "\"a${octets}b\"@b.test" a@example.test \
			< <(mail_text)
		run -67 deliver_to "\"a${octets}b\"@example.test"
		is "5.1.3 <recipient>: not an address" "${lines[-1]}"
	done
	no_mail_at_all
}

@test "S62: quotes and backslashes in a local part stand as they were given, and are undone once" {
	map mailboxes <<<'@example.test=>example.test/all'
	mail_text | "$DELIVER" -f '"a\"> x\\"@b.test' '"a\"\c, d"@example.test'
	is "$(printf '%s\n' 'Return-Path: <"a\"> x\\"@b.test>' \
		'X-Original-To: "a\"\c, d"@example.test' \
		'Delivered-To: "a\"c, d"@example.test')" \
		"$(the_message example.test/all | head -n 3)"
}

@test "S163: both naming schemes of mail directories, side by side" {
	map mailboxes <<-EOM
		alice@example.test=>example.test/alice
		bob@example.test=>bob@example.test
		carol@domain.net=>old/carol@domain.net
	EOM
	mkdir -p "$MAIL/bob@example.test"/{new,cur,tmp}
	echo old >"$MAIL/bob@example.test/cur/1:2,S"
	owned_by_vmail "$MAIL"
	deliver_to alice@example.test bob+x@example.test carol@domain.net
	for path in example.test/alice bob@example.test old/carol@domain.net; do
		is 1 "$(new_count "$path")"
	done
	is "bob@example.test example.test old" "$(cd "$MAIL" && echo *)"
}

@test "an mbox From line is dropped" {
	printf 'From me Mon Jan  6 10:00:00 2025\nA: 1\n\nFrom x\n' |
		"$DELIVER" -f '' alice@example.test
	is "Return-Path: <>
X-Original-To: alice@example.test
Delivered-To: alice@example.test
A: 1

From x" "$(the_message example.test/alice)"
}

@test "a first line that is no field cannot fold into our header" {
	for text in ' folded: x\n\nb\n' '\tx\n' 'no field\n' ': x\n' \
		'Return-Path: <a>\nno field\n'; do
		mail_clear
		printf '%b' "$text" | "$DELIVER" -f '' alice@example.test
		is "Delivered-To: alice@example.test|" \
			"$(the_message example.test/alice | sed -n '3p;4p' |
				tr '\n' '|' | sed 's/||/|/')"
		is "" "$(the_message example.test/alice | sed -n 4p)"
	done
}

@test "no byte of the message is changed: NUL, 8 bit, CR, no last line end" {
	local message=$BATS_TEST_TMPDIR/message
	printf 'Subject: \303\251\377\n\na\0b\r\nc\rd\n.\n..\nFrom x\n\200end' \
		>"$message"
	"$DELIVER" -f '' alice@example.test <"$message"
	cat "$message" | "$DELIVER" -f '' bob@example.test
	all_whole "$message" "$MAIL"/*/*/new/*
	is 2 "$(mail_files | wc -l)"
}

@test "CRLF in, CRLF in our fields too" {
	printf 'A: 1\r\n\r\nx\r\n' | "$DELIVER" -f '' alice@example.test
	is 0 "$(the_message example.test/alice | grep -vc $'\r$')"
}

@test "the name tells the size, and the size with CRLF line ends" {
	printf 'A: 1\n\nx\ny\r\n\nz' | "$DELIVER" alice@example.test
	local file name
	file=$(messages alice)
	name=${file##*/}
	[[ $name =~ ^[0-9]+\.M[0-9]+P[0-9]+_[0-9]+\.[^,:/]+,S=([0-9]+),W=([0-9]+)$ ]]
	is "$(stat -c %s "$file")" "${BASH_REMATCH[1]}"
	is "$(sed 's/\r*$/\r/' "$file" | head -c -1 | wc -c)" "${BASH_REMATCH[2]}"
}

@test "a file on stdin is read from where it stands" {
	local message=$BATS_TEST_TMPDIR/message
	printf 'skipped\nA: 1\n\nx\n' >"$message"
	{
		read -r line
		"$DELIVER" -f '' alice@example.test
	} <"$message"
	is skipped "$line"
	has "$(the_message example.test/alice)" '^A: 1$'
	hasnt "$(the_message example.test/alice)" skipped
}

@test "nothing on stdin, or no stdin at all, is no message" {
	run -75 "$DELIVER" alice@example.test </dev/null
	has "${lines[-1]}" '^4\.3\.0 '
	run -75 bash -c '"$DELIVER" alice@example.test <&-'
	run -75 "$DELIVER" alice@example.test <"$MAIL"
	has "${lines[-1]}" '^4\.3\.0 '
	no_mail_at_all
}

@test "closed stdout and stderr do not end up in a mailbox" {
	mail_text >"$BATS_TEST_TMPDIR/message"
	"$DELIVER" alice@example.test bob@example.test \
		<"$BATS_TEST_TMPDIR/message" >&- 2>&-
	all_whole "$BATS_TEST_TMPDIR/message" "$MAIL"/*/*/new/*
	hasnt "$(cat "$MAIL"/*/*/new/*)" 'result='
}

@test "a message over message_size_limit is refused for good" {
	settings message_size_limit=1000
	run -77 "$DELIVER" alice@example.test < <(head -c 1100000 /dev/zero)
	has "${lines[-1]}" '^5\.3\.4 '
	no_mail_at_all
	settings message_size_limit=0
	head -c 1100000 /dev/zero | "$DELIVER" alice@example.test
}

@test "a message of 50 MB in a file takes no memory of its own" {
	! grep -q __asan_init "$DELIVER" ||
		skip "the sanitizer needs all memory"
	local message=$BATS_TEST_TMPDIR/message
	mail_text >"$message"
	head -c 38000000 /dev/urandom | base64 >>"$message"
	# In KB of writable private memory.
	(ulimit -d 2000 && exec "$DELIVER" alice@example.test bob@example.test) \
		<"$message"
	all_whole "$message" "$MAIL"/*/*/new/*
	is 2 "$(mail_files | wc -l)"
}

@test "wrong arguments: 64 and a usage line" {
	for arguments in "" "-x a@b" "-f" "-f a@b"; do
		# shellcheck disable=SC2086 # to be split
		run -64 "$DELIVER" $arguments </dev/null
		has "${lines[-1]}" '^usage: deliver'
	done
}

@test "a recipient that looks like an option, after --" {
	run -67 deliver_to -- -f@example.test
	has "${lines[-1]}" '^5\.1\.1 <-f@example\.test>'
}

@test "S64 one log line a recipient, with the message's id, sender and result" {
	export MESSAGE_UID=abc123
	run -0 deliver_to alice@example.test Bob@example.test
	is 2 "${#lines[@]}"
	has "${lines[1]}" '^deliver\[[0-9]+\]: abc123 deliver from=sender@elsewhere.test to=bob@example.test orig=Bob@example.test result=delivered via=maildir path="example.test/bob/new/[^"]*" size=[0-9]+$'
	[[ ${lines[1]} =~ path=\"([^\"]*)\" ]]
	[ -f "$MAIL/${BASH_REMATCH[1]}" ]
}

@test "S63: each recipient has a file of its own, with its own Delivered-To" {
	deliver_to alice@example.test bob@example.test
	is 2 "$(stat -c %i "$MAIL"/*/*/new/* | sort -u | wc -l)"
	has "$(the_message example.test/alice)" '^Delivered-To: alice@example.test$'
	has "$(the_message example.test/bob)" '^Delivered-To: bob@example.test$'
}

@test "what died in tmp/ is swept after 36 hours, what is newer stays" {
	deliver_to alice@example.test
	touch "$MAIL/example.test/alice/tmp/left"
	# A date of its own is not when the file was left there.
	touch -d 2001-01-01 "$MAIL/example.test/alice/tmp/left"
	deliver_to alice@example.test
	[ -e "$MAIL/example.test/alice/tmp/left" ]
}
