#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Mutt and NeoMutt, each in a terminal of its own, against the imaps port of a
# running instance.

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
	needs tmux
	mail_clear
	rm -f "$(maildir bob)"/besace.* "$(maildir bob)"/dovecot*
	DIR=$BATS_TEST_TMPDIR
}

teardown()
{
	[ ! -S "$DIR/tmux" ] || tmux -S "$DIR/tmux" kill-server 2>/dev/null || true
}

# start PROGRAM [OPTION]...: in tmux, with a configuration for bob.
start()
{
	settings >"$DIR/muttrc"
	timeout 20 openssl s_client -connect "127.0.0.1:$IMAPS" -showcerts \
		</dev/null 2>/dev/null | openssl x509 >"$DIR/certs"
	tmux -S "$DIR/tmux" -f /dev/null new-session -d -x 120 -y 30 \
		"HOME=$DIR TMPDIR=$DIR TERM=screen $1 -n -F $DIR/muttrc ${*:2}" 3>&-
}

settings()
{
	cat <<-END
	set folder = "imaps://127.0.0.1:$IMAPS/"
	set spoolfile = "+INBOX"
	set record = ""
	set imap_user = "$BOB"
	set imap_pass = "$BOB_PASSWORD"
	set ssl_verify_host = no
	set ssl_verify_dates = no
	set certificate_file = "$DIR/certs"
	set header_cache = "${CACHE-}"
	set imap_condstore
	set imap_qresync = ${QRESYNC-yes}
	set imap_idle
	${DEFLATE-}
	set sort = subject
	set mail_check = 1
	set timeout = 1
	set delete = yes
	set confirmappend = no
	END
}

screen_has()
{
	tmux -S "$DIR/tmux" capture-pane -p 2>/dev/null >"$DIR/screen"
	grep -Eq -- "$1" "$DIR/screen" && return
	# a certificate question is answered as a person would
	grep -q '(o)nce' "$DIR/screen" && keys o
	return 1
}

screen_hasnt()
{
	! screen_has "$1"
}

# shows REGEX, hides REGEX: soon.
shows()
{
	wait_until 20 screen_has "$1" || { cat "$DIR/screen"; return 1; }
}

hides()
{
	wait_until 20 screen_hasnt "$1" || { cat "$DIR/screen"; return 1; }
}

keys()
{
	tmux -S "$DIR/tmux" send-keys "$@"
}

# type TEXT: and Enter.
type_line()
{
	tmux -S "$DIR/tmux" send-keys -l "$1"
	keys Enter
}

leave()
{
	keys q
	wait_until 20 ended
}

ended()
{
	! tmux -S "$DIR/tmux" list-sessions 2>/dev/null
}

# put NAME FLAGS [BODY]: a message in bob's INBOX.
put()
{
	mail_text "number $1" "${3-}" >"$(maildir bob)/cur/1700000001.M1P$1:2,$2"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$(maildir bob)"
}

# stored NAME FLAGS [FOLDER]: so this message is there now.
stored()
{
	local file
	file=$(grep -l "^Subject: number $1" "$(maildir bob "${3-}")"/*/* 2>/dev/null)
	[[ $file = *:2,$2 ]]
}

not_stored()
{
	! grep -q "^Subject: number $1" "$(maildir bob "${2-}")"/*/* 2>/dev/null
}

# a_session PROGRAM [OPTION]...: reads, is told of mail, searches, flags,
# deletes, moves.
a_session()
{
	local name
	for name in one two three four five; do
		put "$name" S "The text of $name."
	done
	start "$@"
	shows 'number two'
	shows 'number five'
	# news by IDLE
	mail_text 'number six' | "$BIN/deliver" "$BOB"
	shows 'number six'
	# the server searches
	type_line 'l=b "text of t"'
	hides 'number one'
	shows 'number two'
	screen_has 'number three'
	screen_hasnt 'number f'
	type_line 'lall'
	shows 'number five'
	# sorted by subject: five four one six three two
	keys =
	keys Enter
	shows 'The text of five\.'
	keys i
	hides 'The text of'
	keys = F d
	keys '$'
	wait_until 20 stored five FS
	wait_until 20 not_stored four
	hides 'number four'
	type_line '/number one'
	keys s
	shows 'Save to mailbox'
	keys C-u
	type_line '=Trash'
	wait_until 20 stored one S Trash
	keys '$'
	wait_until 20 not_stored one
	hides 'number one'
	leave
}

@test "neomutt: IDLE, search, flags, deletion, a move" {
	needs neomutt
	CACHE=$DIR/cache
	mkdir "$CACHE"
	a_session neomutt -d 3 -l "$DIR/log"
	run -0 cat "$DIR"/log*
	has "$output" '> a[0-9]+ IDLE'
	has "$output" 'UID SEARCH '
	hasnt "$output" '< (a[0-9]+|\*) (BAD|NO)'
}

@test "mutt: IDLE, search, flags, deletion, a move, compressed" {
	needs mutt
	CACHE=$DIR/cache
	mkdir "$CACHE"
	DEFLATE="set imap_deflate" a_session mutt -d 3
	run -0 cat "$DIR"/.muttdebug0
	has "$output" '> a[0-9]+ IDLE'
	has "$output" 'COMPRESS DEFLATE'
	has "$output" 'UID SEARCH '
	hasnt "$output" '< (a[0-9]+|\*) (BAD|NO)'
}

# come_back PROGRAM [OPTION]...: with a header cache, to a mailbox that others
# have changed.
come_back()
{
	local name
	CACHE=$DIR/cache
	mkdir "$CACHE"
	for name in one two three four; do
		put "$name" S
	done
	start "$1"
	shows 'number four'
	shows 'number two'
	leave
	rm "$(maildir bob)"/cur/*Ptwo*
	mv "$(maildir bob)"/cur/*Pthree:2,S "$(maildir bob)/cur/1700000001.M1Pthree:2,FS"
	mail_text 'number five' | "$BIN/deliver" "$BOB"
	start "$@"
	shows 'number five'
	shows '! .*number three'
	screen_has 'number one'
	screen_has 'number four'
	screen_hasnt 'number two'
	leave
}

@test "neomutt with a header cache comes back by QRESYNC" {
	needs neomutt
	come_back neomutt -d 3 -l "$DIR/log"
	run -0 cat "$DIR"/log*
	has "$output" 'UID FETCH 1:[0-9]+ \(FLAGS\) \(CHANGEDSINCE [0-9]+ VANISHED\)'
	has "$output" 'Handling VANISHED'
}

@test "neomutt with a header cache comes back by CONDSTORE" {
	needs neomutt
	QRESYNC=no
	come_back neomutt -d 3 -l "$DIR/log"
	run -0 cat "$DIR"/log*
	has "$output" 'FETCH 1:[0-9]+ \(FLAGS\) \(CHANGEDSINCE [0-9]+\)'
	hasnt "$output" 'VANISHED'
}

@test "mutt with a header cache comes back by QRESYNC" {
	needs mutt
	come_back mutt -d 3
	run -0 cat "$DIR/.muttdebug0"
	has "$output" 'UID FETCH 1:[0-9]+ \(FLAGS\) \(CHANGEDSINCE [0-9]+ VANISHED\)'
	has "$output" 'Handling VANISHED'
}
