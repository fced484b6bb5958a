#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# IMAP clients people use, against the ports of a running instance.

load lib/helpers

setup_file()
{
	instance_new
	instance_serve
}

teardown_file()
{
	instance_stop
}

setup()
{
	mail_clear
}

teardown()
{
	[ ! -S "$BATS_TEST_TMPDIR/tmux" ] ||
		tmux -S "$BATS_TEST_TMPDIR/tmux" kill-server 2>/dev/null || true
}

# curl_imap PATH [OPTION]...: as bob, in TLS.
curl_imap()
{
	local path=$1
	shift
	curl -sS --max-time 30 --insecure --user "$BOB:$BOB_PASSWORD" \
		"imaps://127.0.0.1:$IMAPS/$path" "$@"
}

@test "S86 openssl s_client shows the greeting of imaps" {
	run -0 timeout 20 openssl s_client -quiet -connect "127.0.0.1:$IMAPS" \
		< <(sleep 0.5; printf 'a LOGOUT\r\n'; sleep 0.5)
	has "$output" '^\* OK'
	has "$output" '^a OK'
}

@test "S85 curl lists, selects, reads and searches" {
	mail_text 'first one' 'Read me.' | "$BIN/deliver" "$BOB"
	mail_text 'second one' | "$BIN/deliver" "$BOB"
	run -0 curl_imap ''
	has "$output" '^\* LIST \(.*\) "\." "?INBOX"?'
	has "$output" '^\* LIST \(.*\) "\." "?Junk"?'
	run -0 curl_imap '' -X 'EXAMINE INBOX'
	has "$output" '^\* 2 EXISTS'
	run -0 curl_imap 'INBOX;MAILINDEX=1'
	has "$output" '^Subject: first one'
	has "$output" '^Read me\.'
	run -0 curl_imap 'INBOX?SUBJECT%20second'
	has "$output" '^\* SEARCH 2'
}

@test "curl reads with STARTTLS on the clear port" {
	mail_text 'in starttls' | "$BIN/deliver" "$BOB"
	run -0 curl -sS --max-time 30 --insecure --ssl-reqd \
		--user "$BOB:$BOB_PASSWORD" "imap://127.0.0.1:$IMAP/INBOX;MAILINDEX=1"
	has "$output" '^Subject: in starttls'
}

@test "curl appends a message, byte by byte" {
	mail_text 'appended' $'Gr\303\274\303\237e' | crlf >"$BATS_TEST_TMPDIR/m"
	run -0 curl_imap INBOX -T "$BATS_TEST_TMPDIR/m"
	curl_imap 'INBOX;MAILINDEX=1' >"$BATS_TEST_TMPDIR/got"
	cmp "$BATS_TEST_TMPDIR/m" "$BATS_TEST_TMPDIR/got"
}

@test "S88 the login's letter case does not matter" {
	run -0 curl -sS --max-time 30 --insecure --user "BOB@Example.Test:$BOB_PASSWORD" \
		"imaps://127.0.0.1:$IMAPS/" -X 'NOOP'
	run curl -sS --max-time 30 --insecure --user "$BOB:wrong" \
		"imaps://127.0.0.1:$IMAPS/" -X 'NOOP'
	[ "$status" -eq 67 ]
}

# ---- neomutt

# neomutt [OPTION]...: in tmux, with a configuration for bob.
start_neomutt()
{
	cat >"$BATS_TEST_TMPDIR/neomuttrc" <<-END
	set folder = "imaps://127.0.0.1:$IMAPS/"
	set spoolfile = "+INBOX"
	set imap_user = "$BOB"
	set imap_pass = "$BOB_PASSWORD"
	set ssl_verify_host = no
	set ssl_verify_dates = no
	set certificate_file = "$BATS_TEST_TMPDIR/certs"
	set header_cache = "${NEOMUTT_CACHE-}"
	set imap_condstore
	set imap_qresync
	set sort = date
	set mail_check = 5
	END
	timeout 20 openssl s_client -connect "127.0.0.1:$IMAPS" -showcerts \
		</dev/null 2>/dev/null | openssl x509 >"$BATS_TEST_TMPDIR/certs"
	tmux -S "$BATS_TEST_TMPDIR/tmux" -f /dev/null new-session -d -x 120 -y 30 \
		"HOME=$BATS_TEST_TMPDIR TMPDIR=$BATS_TEST_TMPDIR TERM=screen neomutt -n -F $BATS_TEST_TMPDIR/neomuttrc $*" 3>&-
}

leave_neomutt()
{
	keys q
	wait_until 20 tmux_ended
}

tmux_ended()
{
	! tmux -S "$BATS_TEST_TMPDIR/tmux" list-sessions 2>/dev/null
}

@test "neomutt in tmux lists and opens a message" {
	needs neomutt tmux
	mail_text 'Hello from the list' 'The text of the message.' | "$BIN/deliver" "$BOB"
	mail_text 'Another one' 'More text.' | "$BIN/deliver" "$BOB"
	start_neomutt
	wait_until 20 screen_has 'Hello from the list'
	screen_has 'Another one'
	keys '=' Enter
	wait_until 20 screen_has 'The text of the message\.|More text\.'
	screen_has '^Subject: '
	keys q
	sleep 0.3
	keys q
	wait_until 10 seen_in_cur
}

@test "neomutt with a header cache comes back by QRESYNC" {
	needs neomutt tmux
	local i
	NEOMUTT_CACHE=$BATS_TEST_TMPDIR/cache
	mkdir "$NEOMUTT_CACHE"
	for i in one two three four; do
		mail_text "number $i" >"$(maildir bob)/cur/17000000$((10 + ${#i})).M${#i}P$i.mx:2,S"
	done
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$(maildir bob)"
	start_neomutt
	wait_until 20 screen_has 'number four'
	leave_neomutt
	rm "$(maildir bob)"/cur/*Ptwo*
	rename_flags three FS
	mail_text 'number five' | "$BIN/deliver" "$BOB"
	start_neomutt -d 3 -l "$BATS_TEST_TMPDIR/neomutt.log"
	wait_until 20 screen_has 'number five'
	screen_has '! .*number three'
	screen_has 'number one'
	screen_has 'number four'
	! screen_has 'number two'
	leave_neomutt
	run -0 cat "$BATS_TEST_TMPDIR"/neomutt.log*
	has "$output" 'UID FETCH 1:[0-9]+ \(FLAGS\) \(CHANGEDSINCE [0-9]+ VANISHED\)'
	has "$output" 'Handling VANISHED'
}

rename_flags()
{
	local file
	file=$(echo "$(maildir bob)"/cur/*P"$1"*)
	mv "$file" "${file%:2,*}:2,$2"
}

screen_has()
{
	tmux -S "$BATS_TEST_TMPDIR/tmux" capture-pane -p 2>/dev/null >"$BATS_TEST_TMPDIR/screen"
	grep -Eq -- "$1" "$BATS_TEST_TMPDIR/screen" && return
	# a certificate question is answered as a person would
	grep -q '(o)nce' "$BATS_TEST_TMPDIR/screen" && keys o
	return 1
}

keys()
{
	tmux -S "$BATS_TEST_TMPDIR/tmux" send-keys "$@"
}

# Reading left its mark on the server.
seen_in_cur()
{
	[ "$(find "$(maildir bob)/cur" -name '*:2,*S*' | wc -l)" -ge 1 ]
}
