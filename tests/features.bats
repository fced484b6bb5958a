#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Rows of the feature list that no other file shows, each by its number.

load lib/helpers

setup_file()
{
	instance_new
}

setup()
{
	mail_clear
	LOG=$(log_file)
}

# add_domain DOMAIN: in the text file, as an administrator may.
add_domain()
{
	grep -q "^$1" "$BESACE_ETC/domains" || echo "$1" >>"$BESACE_ETC/domains"
	"$BIN/besace" maps
}

add_user()
{
	printf '%s\n' "${2:-a password}" | "$BIN/besace" user add "$1" --password-stdin
}

mail_to()
{
	mail_text | send_plain "$@"
}

@test "S04 many domains, accounts that are no Unix accounts" {
	add_domain domain.test
	add_user eve@domain.test
	mail_to "$ALICE"
	mail_to eve@domain.test
	is 1 "$(count alice)"
	is 1 "$(count eve@domain.test)"
	is '' "$(getent passwd alice eve || true)"
}

@test "S05 one system user owns all mail" {
	needs_root 'changes the user'
	mail_to "$ALICE"
	mail_text x "$GTUBE" | send_plain "$BOB"
	local file
	while read -r file; do
		is 5000:5000 "$(stat -c %u:%g "$file")"
		is 600 "$(stat -c %a "$file")"
	done < <(mail_files)
	is 2 "$(mail_files | wc -l)"
	is 5000:5000:700 "$(stat -c %u:%g:%a "$(maildir alice)")"
	is 5000:5000:700 "$(stat -c %u:%g:%a "$(maildir bob Junk)")"
	instance_new -o virtual_uid_maps=static:5001 -o virtual_gid_maps=static:5002
	mail_to "$ALICE"
	is 5001:5002 "$(stat -c %u:%g "$(messages alice)")"
}

@test "S06 S07 mail is in BASE/DOMAIN/USER/new, one file in a Maildir" {
	mail_to "$ALICE"
	is "$MAIL/example.test/alice/new" "$(dirname "$(messages alice)")"
	local dir
	for dir in cur new tmp; do
		[ -d "$MAIL/example.test/alice/$dir" ]
	done
	is '' "$(ls "$MAIL/example.test/alice/tmp")"
	local file size wide
	file=$(messages alice)
	size=$(stat -c %s "$file")
	wide=$((size + $(wc -l <"$file")))
	has "$(basename "$file")" "^[0-9]+\.M[0-9]+P[0-9]+[^,]*\.[^,]+,S=$size,W=$wide\$"
}

@test "S08 .statusnet is folder statusnet in IMAP" {
	mkdir -p "$(maildir bob statusnet)"/{cur,new,tmp}
	: >"$(maildir bob statusnet)/maildirfolder"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$(maildir bob statusnet)"
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S.. a OK
	C: b LIST "" statusnet
	S~ \* LIST \(.*\) "\." "?statusnet"?$
	S: b OK
	C: c SELECT statusnet
	S.. c OK
	C: d LOGOUT
	S.. d OK
	END
}

@test "S20 a plain dialogue of port 25 stores a stranger's mail" {
	run -0 mail_to "$BOB"
	has "$output" '^250 2\.0\.0'
	is 1 "$(count bob)"
}

@test "S21 domains that are listed, and no others" {
	run mail_to someone@unlisted.test
	has "$output" '^55[04] 5\.7\.1'
	add_domain unlisted.test
	run mail_to someone@unlisted.test
	has "$output" '^550 5\.1\.1'
	sed -i '/^unlisted/d' "$BESACE_ETC/domains"
	"$BIN/besace" maps
}

@test "S22 S23 one line by hand in mailboxes makes an address" {
	run mail_to hand@example.test
	has "$output" '^550 5\.1\.1'
	echo 'hand@example.test  example.test/hand/' >>"$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	mail_to hand@example.test
	is 1 "$(count hand)"
}

@test "S24 tables are live after besace maps, not before; a broken line is reported and changes nothing" {
	echo 'later@example.test bob@example.test' >>"$BESACE_ETC/aliases"
	run mail_to later@example.test
	has "$output" '^550 5\.1\.1'
	"$BIN/besace" maps
	mail_to later@example.test
	is 1 "$(count bob)"
	local line
	printf 'this line is\nnot an alias at all@@\n' >>"$BESACE_ETC/aliases"
	line=$(wc -l <"$BESACE_ETC/aliases")
	cp "$BESACE_ETC/aliases.cdb" "$BATS_TEST_TMPDIR/before.cdb"
	run "$BIN/besace" maps
	[ "$status" -ne 0 ]
	has "$output" "aliases:$line:"
	cmp "$BESACE_ETC/aliases.cdb" "$BATS_TEST_TMPDIR/before.cdb"
	sed -i "$((line - 1)),\$d" "$BESACE_ETC/aliases"
	"$BIN/besace" maps
	mail_to later@example.test
}

@test "S25 an alias leads across local domains" {
	add_domain domain.test
	echo 'bob@domain.test bob@example.test' >>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	mail_to bob@domain.test
	is 1 "$(count bob)"
	has "$(message bob)" '^X-Original-To: bob@domain\.test$'
}

@test "S27 an alias may lead to a plus address" {
	sed -i '/^postmaster@example.test/d' "$BESACE_ETC/aliases"
	echo 'postmaster@example.test bob+postmaster@example.test' >>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	mail_to postmaster@example.test
	has "$(message bob)" '^Delivered-To: bob\+postmaster@example\.test$'
	has "$(message bob)" '^X-Original-To: postmaster@example\.test$'
}

@test "an alias to several, to itself and in a circle delivers to each once, or is refused" {
	cat >>"$BESACE_ETC/aliases" <<-'END'
	team@example.test alice@example.test, bob@example.test, team@example.test
	END
	"$BIN/besace" maps
	mail_to team@example.test
	is 1 "$(count alice)"
	is 1 "$(count bob)"
	mail_clear
	mail_to team@example.test "$BOB" "$ALICE"
	is 1 "$(count alice)"
	is 1 "$(count bob)"
	mail_clear
	cat >>"$BESACE_ETC/aliases" <<-'END'
	ring-a@example.test ring-b@example.test
	ring-b@example.test ring-a@example.test
	END
	"$BIN/besace" maps
	run timeout 20 bash -c 'printf "\n" | "$BIN/deliver" ring-a@example.test'
	[ "$status" -ne 124 ]
	[ "$status" -ne 0 ]
	no_mail_at_all
}

@test "S30 unknown local recipients are refused in the session, no bounce is made" {
	run mail_to nobody@example.test
	has "$output" '^550 5\.1\.1'
	no_mail_at_all
}

@test "S31 no relay for strangers, whatever the address looks like" {
	local address
	for address in dave@elsewhere.test 'bob%elsewhere.test@example.test' \
		'@example.test:dave@elsewhere.test' 'elsewhere.test!dave@example.test' \
		'"dave@elsewhere.test"@example.test' 'dave@[192.0.2.1]'; do
		run mail_to "$address"
		has "$output" '^55[04] 5\.'
		hasnt "$output" '^354'
	done
	no_mail_at_all
}

@test "S32 a user who logged in may write elsewhere; a trial instance says that it does not" {
	run send_submission dave@elsewhere.test < <(printf '%s\n' \
		"From: $ALICE" 'Subject: x' '')
	has "$output" '^235 '
	has "$output" '^550 5\.7\.1 this trial instance sends nothing'
	no_mail_at_all
	setting default_transport smtp
	run send_submission dave@elsewhere.test < <(printf '%s\n' \
		"From: $ALICE" 'Subject: x' '')
	has "$output" '^250 2\.1\.5'
	has "$output" '^250 2\.0\.0'
	run -0 "$BIN/besace" queue list
	has "$output" "from $ALICE for elsewhere.test,"
	has "$output" '^    dave@elsewhere.test: next try now, not tried yet$'
}

@test "S38 plus addressing needs no map line" {
	mail_to alice+shop@example.test
	is 1 "$(count alice)"
	has "$(message alice)" '^Delivered-To: alice\+shop@example\.test$'
	run mail_to nobody+shop@example.test
	has "$output" '^550 5\.1\.1'
	mail_clear
	mail_to ALICE+a+b@example.test
	is 1 "$(count alice)"
}

@test "S62 Return-Path, Delivered-To and X-Original-To; a loop is stopped" {
	sed -i '/^other@/d' "$BESACE_ETC/aliases"
	echo 'other@example.test alice@example.test' >>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	mail_to other@example.test
	local head
	head=$(message alice | sed '/^$/q')
	is 'Return-Path: <carol@elsewhere.test>' "$(grep '^Return-Path:' <<<"$head")"
	is 'Delivered-To: alice@example.test' "$(grep '^Delivered-To:' <<<"$head")"
	is 'X-Original-To: other@example.test' "$(grep '^X-Original-To:' <<<"$head")"
	# the same message, once more on its way to the same address
	cp "$(messages alice)" "$BATS_TEST_TMPDIR/again"
	mail_clear
	run send_plain "$ALICE" <"$BATS_TEST_TMPDIR/again"
	has "$output" '^5[0-9][0-9] 5\.4\.6'
	no_mail_at_all
}

@test "S62 the null sender is <>" {
	SENDER='' mail_to "$ALICE"
	has "$(message alice)" '^Return-Path: <>$'
}

@test "S63 each recipient gets a copy of his own, with his own address" {
	mail_to "$ALICE" bob+x@example.test
	has "$(message alice)" '^Delivered-To: alice@example\.test$'
	hasnt "$(message alice)" '^(Delivered-To|X-Original-To): bob'
	has "$(message bob)" '^Delivered-To: bob\+x@example\.test$'
	hasnt "$(message bob)" '^(Delivered-To|X-Original-To): alice'
}

@test "S75 the inbox needs no set-up: the Maildir is made at the first delivery" {
	rm -rf "$(maildir bob)"
	mail_to "$BOB"
	is "$MAIL/example.test/bob/new" "$(dirname "$(messages bob)")"
	rm -rf "$(maildir bob)"
	mail_text x "$GTUBE" | send_plain "$BOB"
	is 1 "$(count bob Junk)"
}

@test "S81 X-Spam-Flag: YES goes to the spam folder, unread; others do not" {
	printf 'X-Spam-Flag: YES\nSubject: x\n\nt\n' | "$BIN/deliver" "$BOB"
	is 1 "$(count bob Junk)"
	has "$(messages bob Junk)" '/\.Junk/new/'
	printf 'X-Spam-Flag: NO\nSubject: x\n\nX-Spam-Flag: YES\n' | "$BIN/deliver" "$BOB"
	is 1 "$(count bob)"
	mail_clear
	# a sender's own mark does not count: the filter of this server decides
	printf 'X-Spam-Flag: YES\nSubject: x\n\nt\n' | send_plain "$BOB"
	is 1 "$(count bob)"
}

@test "S85 LOGIN, SELECT INBOX, FETCH 1 BODY[]" {
	mail_to "$BOB"
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S.. a OK
	C: b SELECT INBOX
	S.. * 1 EXISTS
	S.. b OK
	C: c FETCH 1 BODY[]
	S~ \* 1 FETCH \(.*BODY\[\] \{[0-9]+\}$
	S.. Subject: greetings
	S.. Hello Bob.
	S.. c OK
	C: d LOGOUT
	S.. d OK
	END
}

@test "S86 IMAP in TLS from the first byte" {
	"$LIB/transcript" --tls --log "$LOG" - -- "$BIN/imap-session" -t <<-'END'
	S: * OK
	C: a LOGIN ${BOB} ${BOB_PASSWORD}
	S.. a OK
	C: b LOGOUT
	S.. b OK
	END
}

@test "S88 IMAP LOGIN in capitals" {
	UPPER=${BOB^^}
	export UPPER
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN ${UPPER} ${BOB_PASSWORD}
	S.. a OK
	C: b SELECT INBOX
	S.. b OK
	C: c LOGOUT
	S.. c OK
	END
}

@test "S101 one command makes a complete account: mail, login, sending" {
	add_user newcomer@example.test 'a good password'
	mail_to newcomer@example.test
	is 1 "$(count newcomer)"
	NEWCOMER=$(auth_plain newcomer@example.test 'a good password')
	export NEWCOMER
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN newcomer@example.test "a good password"
	S.. a OK
	C: b SELECT INBOX
	S.. * 1 EXISTS
	S.. b OK
	C: c LSUB "" *
	S.~ \* LSUB .*Junk
	S.. c OK
	C: d LOGOUT
	S.. d OK
	END
	smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${NEWCOMER}
	S* 235
	C: MAIL FROM:<newcomer@example.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: From: newcomer@example.test
	C: Subject: hello
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	is 1 "$(count bob)"
}

@test "S96 ps shows whom an IMAP process serves and what it is at, if asked for" {
	local shown child title
	for shown in yes no; do
		setting verbose_proctitle "$shown"
		coproc SESSION { exec env TCPREMOTEIP=192.0.2.7 \
			"$BIN/imap-session" 2>/dev/null; }
		child=$SESSION_PID
		printf '%s\r\n' "a LOGIN $BOB \"$BOB_PASSWORD\"" "b IDLE" >&"${SESSION[1]}"
		while read -r -t 30 line <&"${SESSION[0]}" && [ "${line:0:1}" != + ]; do
			:
		done
		title=$(tr '\0' ' ' <"/proc/$child/cmdline"
			for pid in $(pgrep -P "$child"); do tr '\0' ' ' <"/proc/$pid/cmdline"; done)
		printf 'DONE\r\nc LOGOUT\r\n' >&"${SESSION[1]}"
		wait "$child"
		if [ "$shown" = yes ]; then
			has "$title" "imap-session: $BOB 192\.0\.2\.7 IDLE"
		else
			hasnt "$title" bob
		fi
	done
}

@test "S151 GTUBE is 1000 points, flagged and filed as spam" {
	mail_text x "$GTUBE" | send_plain "$BOB"
	is 0 "$(count bob)"
	local text
	text=$(message bob Junk | sed -z 's/\n[ \t]/ /g')
	has "$text" '^X-Spam-Flag: YES$'
	has "$text" '^X-Spam-Status: Yes, score=1[0-9]{3}(\.[0-9]+)? .*GTUBE'
	has "$text" '^X-Spam-Level: \*+$'
}

# Into LINES what an instance without settings makes deliver say.
fail_to_deliver()
{
	local status=0
	mail_text | BESACE_ETC=$BATS_TEST_TMPDIR "$BIN/deliver" "$ALICE" \
		2>>"$1" || status=$?
	is 75 "$status"
}

@test "S91 an account is a line of text, and passwords are not for everybody" {
	add_user frank@example.test
	is 1 "$(grep -c '^frank@example\.test' "$BESACE_ETC/mailboxes")"
	is 1 "$(grep -c '^frank@example\.test' "$BESACE_ETC/passwords")"
	has "$(awk -F: '$1 == "frank@example.test" { print $2 }' "$BESACE_ETC/passwords")" '^\{[A-Z0-9.-]+\}.'
	is 640 "$(stat -c %a "$BESACE_ETC/passwords")"
	is 640 "$(stat -c %a "$BESACE_ETC/passwords.cdb")"
	# as it stands in a file of Dovecot's
	sed -n 's/^frank@/grace@/p' "$BESACE_ETC/passwords" >"$BATS_TEST_TMPDIR/line"
	cat "$BATS_TEST_TMPDIR/line" >>"$BESACE_ETC/passwords"
	echo 'grace@example.test example.test/grace/' >>"$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
	imap_dialogue <<-'END'
	S: * OK
	C: a LOGIN grace@example.test "a password"
	S.. a OK
	END
}

@test "S95 errors and information are two streams in systemd's journal" {
	local log=$BATS_TEST_TMPDIR/stream
	: >"$log"
	JOURNAL_STREAM=$(stat -c %d:%i "$log")
	export JOURNAL_STREAM
	mail_text | "$BIN/deliver" -f a@example.net "$ALICE" 2>>"$log"
	fail_to_deliver "$log"
	grep -q '^<6>deliver\[[0-9]*\]: - deliver ' "$log"
	grep -q '^<3>deliver\[[0-9]*\]: - error ' "$log"
	is '' "$(grep -v '^<[36]>deliver\[[0-9]*\]: - \|^4.3.0 ' "$log" || true)"
	# any other stream has the line as it is
	JOURNAL_STREAM=1:1
	: >"$log"
	fail_to_deliver "$log"
	is 'deliver[' "$(head -c 8 "$log")"
}

@test "S95 errors and information are two streams for multilog" {
	local dir=$BATS_TEST_TMPDIR/streams
	mkdir "$dir"
	mail_text | "$BIN/deliver" -f a@example.net "$ALICE" 2>"$dir/lines"
	fail_to_deliver "$dir/lines"
	# as the README has it
	sed -n 's/^ *exec \(multilog .*\)/\1/p' "$TREE/README.md" >"$dir/run"
	(cd "$dir" && sh run <lines)
	is 1 "$(grep -c 'result=delivered' "$dir/main/current")"
	is 1 "$(wc -l <"$dir/errors/current")"
	has "$(<"$dir/errors/current")" ' - error '
	# the stamps sort
	is '' "$(grep -v '^@4[0-9a-f]\{23\} ' "$dir"/*/current || true)"
}
