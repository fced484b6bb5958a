#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A broken world: maps, settings, keys, disks. The client is told to come back
# (4xx, never 5xx or 250), the log names the file, and when the world is whole
# again the same mail is taken, once.

load lib/helpers

setup()
{
	instance_new -o inbound_filters=
	LOG=$(log_file)
}

# attempt RECIPIENT...: one mail; replies in $output.
attempt()
{
	run send_plain "$@" < <(mail_text)
}

# The client was told to try again, and nothing else.
told_to_come_back()
{
	has "$output" '^4(51|21) 4\.'
	hasnt "$output" '^5'
	[ "$status" -ne 0 ]
	no_mail_at_all
}

# comes_back NAME: as above, and the log names the file NAME.
comes_back()
{
	attempt "$BOB"
	told_to_come_back
	logged "$1"
}

# whole_again: now the same mail is delivered.
whole_again()
{
	attempt "$BOB"
	is 0 "$status"
	is 1 "$(count bob)"
}

# broken_map NAME: every way a map can be broken.
broken_map()
{
	local map=$BESACE_ETC/$1.cdb way size
	size=$(stat -c %s "$map")
	cp "$map" "$BATS_TEST_TMPDIR/whole.cdb"
	for way in missing empty cut half garbage directory zeros changed; do
		rm -rf "$map" "$LOG"
		case $way in
		missing) ;;
		empty) : >"$map" ;;
		cut) head -c $((size - 3)) "$BATS_TEST_TMPDIR/whole.cdb" >"$map" ;;
		half) head -c $((size / 2)) "$BATS_TEST_TMPDIR/whole.cdb" >"$map" ;;
		garbage) yes garbage | head -c "$size" >"$map" ;;
		directory) mkdir "$map" ;;
		changed)
			cp "$BATS_TEST_TMPDIR/whole.cdb" "$map"
			printf '\377' | dd of="$map" bs=1 seek=2100 conv=notrunc status=none
			;;
		zeros) head -c "$size" /dev/zero >"$map" ;;
		esac
		echo "way: $way"
		comes_back "$1\.cdb"
	done
	rm -rf "$map"
	"$BIN/besace" maps
	whole_again
}

@test "broken settings.cdb: come back later" {
	broken_map settings
}

@test "broken domains.cdb: come back later" {
	broken_map domains
}

@test "broken mailboxes.cdb: come back later" {
	broken_map mailboxes
}

@test "broken aliases.cdb: come back later" {
	broken_map aliases
}

@test "broken passwords.cdb: a login is not refused for good" {
	head -c 60 "$BESACE_ETC/passwords.cdb" >"$BATS_TEST_TMPDIR/p"
	mv "$BATS_TEST_TMPDIR/p" "$BESACE_ETC/passwords.cdb"
	smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 454 4\.7\.0
	C: QUIT
	S* 221
	END
	logged 'passwords\.cdb'
}

# submit: alice's message to bob on the submission service; replies in $output.
submit()
{
	run send_submission "$BOB" < <(printf '%s\n' "From: $ALICE" \
		'Subject: signed' '' text)
}

@test "unreadable DKIM key: come back later" {
	local key
	key=$(dkim_key_file)
	[ -f "$key" ]
	mv "$key" "$BATS_TEST_TMPDIR/key"
	submit
	told_to_come_back
	logged "$(basename "$key")"
	: >"$LOG"
	echo 'no key' >"$key"
	submit
	told_to_come_back
	logged "$(basename "$key")"
	mv "$BATS_TEST_TMPDIR/key" "$key"
	submit
	has "$output" '^250'
	is 1 "$(count bob)"
	has "$(message bob)" '^DKIM-Signature:'
}

@test "broken dkim.cdb: come back later" {
	echo broken >"$BESACE_ETC/dkim.cdb"
	submit
	told_to_come_back
	logged 'dkim\.cdb'
}

@test "unreadable certificate: TLS is not offered as if nothing were wrong, the log names the file" {
	local chain
	chain=$(awk '$1 == "*" { print $2 }' "$BESACE_ETC/certificates")
	[[ $chain = /* ]] || chain=$BESACE_ETC/$chain
	[ -f "$chain" ]
	rm "$chain"
	run "$BIN/smtp-session" -s submissions < <(printf '\x16\x03\x01')
	has "$output" "$(basename "$chain")"
	run smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: STARTTLS
	S~ (454|50[0-9])
	C: QUIT
	S* 221
	END
	is 0 "$status"
}

@test "read-only mailbox: come back later" {
	local dir
	dir=$(maildir bob)
	chmod 500 "$dir/tmp" "$dir/new"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$dir"
	comes_back 'bob'
	logged 'Permission denied'
	chmod 700 "$dir/tmp" "$dir/new"
	whole_again
}

@test "S63 one mailbox of two is read-only: the other has the mail, it waits in the queue" {
	local dir
	dir=$(maildir bob)
	chmod 500 "$dir/new"
	attempt "$ALICE" "$BOB"
	is 0 "$status"
	is 0 "$(count bob)"
	is 1 "$(count alice)"
	has "$(cat "$BESACE_VAR"/queue/new/*)" "^Recipient: $BOB$"
	chmod 700 "$dir/new"
}

@test "a mailbox that is no directory, or a link elsewhere: come back later" {
	local dir
	dir=$(maildir bob)
	mv "$dir" "$dir.kept"
	echo file >"$dir"
	comes_back 'bob'
	rm "$dir"
	mkdir -m 777 "$BATS_TEST_TMPDIR/elsewhere"
	ln -s "$BATS_TEST_TMPDIR/elsewhere" "$dir"
	comes_back 'bob'
	is '' "$(ls "$BATS_TEST_TMPDIR/elsewhere")"
	rm "$dir"
	mv "$dir.kept" "$dir"
	whole_again
}

@test "no mail at all where virtual_mailbox_base is: come back later" {
	mv "$MAIL" "$MAIL.kept"
	comes_back 'mail'
	[ ! -e "$MAIL" ]
	mv "$MAIL.kept" "$MAIL"
	whole_again
}

needs_mounts()
{
	needs_root 'mounts a file system'
	unshare -m true 2>/dev/null || skip 'no mount namespaces here'
}

# in_small_disk OPTIONS SCRIPT: with the mailboxes on a file system of their
# own, seen by SCRIPT only.
in_small_disk()
{
	export LIB LOG
	export -f send_plain log_file mail_files mail_text
	unshare -m bash -euc '
		cp -a "$MAIL" "$MAIL.copy"
		mount -t tmpfs -o "$1" tmpfs "$MAIL"
		chown --reference="$MAIL.copy" "$MAIL"
		chmod --reference="$MAIL.copy" "$MAIL"
		cp -a "$MAIL.copy/." "$MAIL"
		set +e
		'"$2" in_small_disk "$1"
}

@test "full disk: come back later, nothing of the message is left" {
	needs_mounts
	{
		mail_text
		yes 'a line of the message' | head -c 300000
	} >"$BATS_TEST_TMPDIR/m"
	export MESSAGE=$BATS_TEST_TMPDIR/m
	run in_small_disk size=200k '
		send_plain "$BOB" <"$MESSAGE"
		mail_files
		mount -o remount,size=4m "$MAIL"
		echo AGAIN
		send_plain "$BOB" <"$MESSAGE"
		mail_files
	'
	has "$(sed '/^AGAIN/,$d' <<<"$output")" '^45[12] 4\.'
	hasnt "$(sed '/^AGAIN/,$d' <<<"$output")" '/(new|cur|tmp)/'
	is 1 "$(sed '1,/^AGAIN/d' <<<"$output" | grep -c '/new/')"
	logged '(mail|bob).*No space left on device'
}

@test "no inode is left: come back later" {
	needs_mounts
	run in_small_disk size=1m,nr_inodes=100 '
		for ((i = 0; i < 100; i++)); do mkdir "$MAIL/$i" 2>/dev/null; done
		send_plain "$BOB" < <(mail_text)
		mail_files
	'
	has "$output" '^45[12] 4\.'
	logged 'No space left on device'
	hasnt "$output" '/(new|cur|tmp)/'
}

@test "read-only file system: come back later" {
	needs_mounts
	run in_small_disk size=1m '
		mount -o remount,ro "$MAIL"
		send_plain "$BOB" < <(mail_text)
		mail_files
	'
	has "$output" '^451 4\.'
	logged '(mail|bob).*Read-only file system'
}

@test "no room for the message on its way into the chain: come back later" {
	# Files of at most 8 kB: stands for a full /tmp or a limit of memory.
	{
		mail_text
		yes 'a line of the message' | head -c 300000
	} >"$BATS_TEST_TMPDIR/m"
	run bash -c 'ulimit -f 8; trap "" XFSZ; "$@"' - \
		"$BIN/smtp-session" -s smtp < <({
			printf '%s\r\n' 'EHLO a.example' \
				'MAIL FROM:<carol@elsewhere.test>' "RCPT TO:<$BOB>" DATA
			crlf <"$BATS_TEST_TMPDIR/m"
			printf '.\r\nQUIT\r\n'
		})
	has "$output" '^4(51|52|21) 4\.'
	no_mail_at_all
}

@test "deliver is missing or dies: come back later" {
	setting virtual_transport /nonexistent/deliver
	attempt "$BOB"
	told_to_come_back
	logged '/nonexistent/deliver'
	printf '#!/bin/sh\nkill -KILL $$\n' >"$BATS_TEST_TMPDIR/deliver"
	chmod 755 "$BATS_TEST_TMPDIR/deliver"
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/.."
	setting virtual_transport "$BATS_TEST_TMPDIR/deliver"
	attempt "$BOB"
	told_to_come_back
}
