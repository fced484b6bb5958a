#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The process that owns the connection holds nothing: looked at from outside,
# in /proc, while sessions are open.

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

teardown()
{
	[ -z "${CLIENT-}" ] || exec {CLIENT}>&-
}

# open_session PORT [silent]: connects, and reads the greeting unless the
# server waits for a handshake.
open_session()
{
	PORT=$1
	exec {CLIENT}<>"/dev/tcp/127.0.0.1/$PORT"
	[ "${2-}" = silent ] || read -r -t 10 _ <&"$CLIENT"
}

# The processes that hold the server's end of the connection: $OWNERS. The
# front cannot be looked into by its own user: then it is the last one in the
# line of processes from the listener.
find_owners()
{
	local inode pid fd
	if [ "$(id -u)" != 0 ]; then
		mapfile -t OWNERS < <(last_children)
		return
	fi
	# the server's end: the local port is ours
	inode=$(awk -v here="$(printf ':%04X' "$PORT")" \
		'$4 == "01" && substr($2, 9) == here { print $10 }' /proc/net/tcp | tail -1)
	[ -n "$inode" ] || return 1
	OWNERS=()
	for pid in /proc/[0-9]*; do
		for fd in "$pid"/fd/*; do
			[ "$(readlink "$fd" 2>/dev/null)" = "socket:[$inode]" ] || continue
			OWNERS+=("${pid#/proc/}")
			break
		done
	done
	[ "${#OWNERS[@]}" -gt 0 ]
}

# The session processes below the listener that have no child themselves.
last_children()
{
	local pid above
	for pid in $(pgrep -x '(smtp|imap)-session'); do
		[ -z "$(pgrep -P "$pid")" ] || continue
		above=$pid
		while ((above > 1 && above != SERVE_PID)); do
			above=$(awk '/^PPid:/ { print $2 }' "/proc/$above/status" 2>/dev/null)
		done
		((above != SERVE_PID)) || echo "$pid"
	done
}

# One process owns the connection, and the kernel holds it tight.
confined()
{
	local pid line
	find_owners || return 1
	is 1 "${#OWNERS[@]}" || return 1
	for pid in "${OWNERS[@]}"; do
		for line in 'Seccomp: 2' 'NoNewPrivs: 1' 'CapEff: 0000000000000000'; do
			status_line "$pid" "$line" || return 1
		done
	done
}

# status_line PID LINE: what the kernel says of a process.
status_line()
{
	is "$2" "$(grep "^${2%% *}" "/proc/$1/status" | tr -s '[:space:]' ' ' | sed 's/ $//')"
}

# Descriptors: the connection, what leads to the back, nothing that is a file.
no_files()
{
	local pid fd what
	for pid in "${OWNERS[@]}"; do
		for fd in "/proc/$pid"/fd/*; do
			# the checking build keeps a way to report
			if [ "${fd##*/}" = 2 ] && sanitized; then
				continue
			fi
			what=$(readlink "$fd")
			case $what in
			socket:* | pipe:* | /dev/null | anon_inode:* | /memfd:*) ;;
			*)
				echo "process $pid holds $(basename "$fd"): $what"
				return 1
				;;
			esac
		done
	done
}

# Nothing of the instance is mapped either: no map, no key, no mail.
no_maps()
{
	local pid
	for pid in "${OWNERS[@]}"; do
		hasnt "$(cat "/proc/$pid/maps")" "$INSTANCE/(etc/(passwords|dkim)|mail)"
	done
}

# As root: another user, and a root directory with nothing in it.
no_way_to_files()
{
	local pid
	for pid in "${OWNERS[@]}"; do
		has "$(grep '^Uid:' "/proc/$pid/status")" '^Uid:[[:space:]]+[1-9]'
		is '' "$(ls -A "/proc/$pid/root/" 2>/dev/null)"
	done
}

front_holds_nothing()
{
	wait_until 20 confined >/dev/null || true
	confined
	[ "$(id -u)" = 0 ] || return 0
	no_files
	no_maps
	no_way_to_files
}

# say TEXT [ANSWER]: and waits for a line that starts so.
say()
{
	local line=""
	# shellcheck disable=SC2059 # the text has the line ends
	printf "$1" >&"$CLIENT"
	until [[ $line = "${2-}"* ]]; do
		read -r -t 10 line <&"$CLIENT"
	done
}

@test "smtp, before anything is said" {
	open_session "$SMTP"
	front_holds_nothing
}

@test "smtp, in a transaction" {
	open_session "$SMTP"
	say 'EHLO a.example\r\n' '250 '
	say 'MAIL FROM:<c@elsewhere.test>\r\nRCPT TO:<bob@example.test>\r\nDATA\r\n' '354 '
	say 'Subject: x\r\n'
	front_holds_nothing
}

@test "submissions, before the handshake" {
	open_session "$SUBMISSIONS" silent
	front_holds_nothing
}

@test "S92: imap, before the login" {
	open_session "$IMAP"
	front_holds_nothing
}

@test "S92: imaps, before the handshake" {
	open_session "$IMAPS" silent
	front_holds_nothing
}

@test "S93: imap, after a login: who parses is not root and reaches one mailbox only" {
	open_session "$IMAP"
	printf 'a LOGIN %s %s\r\nb SELECT INBOX\r\n' "$BOB" "$BOB_PASSWORD" >&"$CLIENT"
	local line pid
	while read -r -t 10 line <&"$CLIENT"; do
		[[ $line != b\ * ]] || break
	done
	has "$line" '^b OK'
	for pid in $(pgrep -f "^([^ ]*/)?imap-session( |$)"); do
		grep -qs "BESACE_ETC=$BESACE_ETC" <(tr '\0' '\n' <"/proc/$pid/environ") ||
			continue
		echo "process $pid"
		status_line "$pid" 'Seccomp: 2'
		status_line "$pid" 'NoNewPrivs: 1'
		hasnt "$(cat "/proc/$pid/maps")" "passwords\.cdb"
		is '' "$(find "/proc/$pid/fd" -lname '*passwords.cdb')"
		[ "$(id -u)" = 0 ] || continue
		has "$(grep '^Uid:' "/proc/$pid/status")" '^Uid:[[:space:]]+[1-9]'
		is "$(maildir bob)" "$(readlink "/proc/$pid/root")"
	done
}

@test "system calls: the front never opens a file after its first byte" {
	needs strace
	strace -f -qq -e trace=open,openat,openat2,execve,socket,connect,bind,read,write,seccomp,prctl \
		-o "$BATS_TEST_TMPDIR/trace" "$BIN/smtp-session" -s smtp \
		< <(crlf <"$TRANSCRIPTS/tutorial.txt") >/dev/null 2>&1
	local front
	front=$(sed -nE 's/^([0-9]+) +write\(1, .*/\1/p' "$BATS_TEST_TMPDIR/trace" | head -1)
	[ -n "$front" ]
	run awk -v pid="$front" '$1 == pid && seen && /(open|openat|openat2|execve|socket|connect|bind)\(/; $1 == pid && /write\(1, /{ seen = 1 }' "$BATS_TEST_TMPDIR/trace"
	is '' "$output"
}
