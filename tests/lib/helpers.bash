# SPDX-License-Identifier: ISC
# What every bats file uses; "load lib/helpers" first.
#
# Environment: BESACE_BIN, the directory of the programs to test (default
# build/bin of this tree).

bats_require_minimum_version 1.5.0

LIB=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
TREE=$(cd "$LIB/../.." && pwd)
TRANSCRIPTS=$TREE/tests/transcripts
export BIN=${BESACE_BIN:-$TREE/build/bin}
[[ $BIN = /* ]] || BIN=$PWD/$BIN
export ASAN_OPTIONS=${ASAN_OPTIONS:-detect_leaks=0}
export LIB TREE TRANSCRIPTS

ALICE=alice@example.test
BOB=bob@example.test
export ALICE BOB

# ---- instances

# instance_new [-d DIR] [-o NAME=VALUE]...
# A new instance, used by everything that follows: sets and exports INSTANCE,
# BESACE_ETC, BESACE_VAR, MAIL, and the passwords ALICE_PASSWORD, BOB_PASSWORD.
# Failed logins are answered at once, and logins need no TLS, unless told.
instance_new()
{
	local dir="" options=(-o auth_failure_delay=0
		-o disable_plaintext_auth=no)
	while (($#)); do
		case $1 in
		-d) dir=$2 ;;
		-o) options+=(-o "$2") ;;
		*) return 2 ;;
		esac
		shift 2
	done
	[ -n "$dir" ] || dir=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR}/instance
	"$BIN/besace" init "$dir" "${options[@]}" >"$dir.init" 2>&1 || {
		cat "$dir.init"
		return 1
	}
	instance_use "$dir"
}

# instance_use DIR: an instance made before.
instance_use()
{
	export INSTANCE=$1 BESACE_ETC=$1/etc BESACE_VAR=$1/var MAIL=$1/mail
	ALICE_PASSWORD=$(password_of "$ALICE")
	BOB_PASSWORD=$(password_of "$BOB")
	ALICE_PLAIN=$(auth_plain "$ALICE" "$ALICE_PASSWORD")
	BOB_PLAIN=$(auth_plain "$BOB" "$BOB_PASSWORD")
	export ALICE_PASSWORD BOB_PASSWORD ALICE_PLAIN BOB_PLAIN
}

# The password of an account that "besace init" made.
password_of()
{
	awk -v who="$1" '$1 == who { print $2 }' "$INSTANCE/accounts"
}

# The argument of AUTH PLAIN.
auth_plain()
{
	printf '\0%s\0%s' "$1" "$2" | base64 -w0
}

# setting NAME VALUE: as an administrator does it, in the file, then the maps.
setting()
{
	sed -i "/^[[:space:]]*$1[[:space:]]*=/d" "$BESACE_ETC/settings"
	printf '%s = %s\n' "$1" "$2" >>"$BESACE_ETC/settings"
	"$BIN/besace" maps
}

# instance_serve: starts the instance's listeners; sets BASE_PORT, SERVE_PID,
# SERVE_OUT and the ports SMTP, SUBMISSION, SUBMISSIONS, IMAP, IMAPS.
instance_serve()
{
	local try
	SERVE_OUT=$INSTANCE.serve
	for try in 1 2 3; do
		BASE_PORT=$(free_base_port)
		export BASE_PORT SERVE_OUT
		"$BIN/besace" serve "$INSTANCE" --base-port "$BASE_PORT" \
			>"$SERVE_OUT" 2>&1 3>&- &
		export SERVE_PID=$!
		export SMTP=$((BASE_PORT + 25)) IMAP=$((BASE_PORT + 143))
		export SUBMISSION=$((BASE_PORT + 587))
		export SUBMISSIONS=$((BASE_PORT + 465))
		export IMAPS=$((BASE_PORT + 993))
		if wait_until 10 serving; then
			return 0
		fi
		echo "besace serve, try $try:"
		cat "$SERVE_OUT"
		instance_stop
	done
	return 1
}

# All five ports listen. Returns 1 for not yet.
serving()
{
	kill -0 "$SERVE_PID" 2>/dev/null || return 1
	local port
	for port in $SMTP $SUBMISSION $SUBMISSIONS $IMAP $IMAPS; do
		listening "$port" || return 1
	done
}

# instance_stop: ends what instance_serve started; harmless when nothing runs.
instance_stop()
{
	[ -n "${SERVE_PID-}" ] || return 0
	kill -TERM "$SERVE_PID" 2>/dev/null
	wait_until 5 gone "$SERVE_PID" || kill -KILL "$SERVE_PID" 2>/dev/null
	wait "$SERVE_PID" 2>/dev/null
	unset SERVE_PID
	return 0
}

# gone PID: no such process, or a zombie that only waits for us.
gone()
{
	[ ! -e "/proc/$1" ] || grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null
}

# listening PORT: something listens on this TCP port. Asks the kernel, so that
# no connection is made and logged.
listening()
{
	grep -qs "$(printf ':%04X [0-9A-F]*:0000 0A' "$1")" /proc/net/tcp /proc/net/tcp6
}

silent_port()
{
	if listening "$1"; then
		return 1
	fi
}

# A base port whose ports are all free now.
free_base_port()
{
	local base offset
	while :; do
		base=$((11000 + RANDOM % 2000 * 10))
		for offset in 25 143 465 587 993 4190; do
			listening $((base + offset)) && continue 2
		done
		echo "$base"
		return
	done
}

free_port()
{
	local port
	while :; do
		port=$((11000 + RANDOM % 20000))
		listening "$port" || break
	done
	echo "$port"
}

# wait_until SECONDS COMMAND...: tries until it succeeds.
wait_until()
{
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || return 1
		sleep 0.05
	done
}

# ---- sessions

# A stream with LF line ends as a network client sends it.
crlf()
{
	# shellcheck disable=SC1003 # the second command adds a missing last line end
	sed -e 's/\r*$/\r/' -e '$a\'
}

# smtp_session [OPTION]...: one session on stdin and stdout; log lines go to
# $LOG.
smtp_session()
{
	"$BIN/smtp-session" "$@" 2>>"$(log_file)"
}

imap_session()
{
	"$BIN/imap-session" "$@" 2>>"$(log_file)"
}

# Where sessions started here log to.
log_file()
{
	echo "${LOG:-$BATS_TEST_TMPDIR/log}"
}

# smtp_dialogue [-s SERVICE | OPTION]... < transcript: a dialogue by pipes.
smtp_dialogue()
{
	"$LIB/transcript" --log "$(log_file)" - -- "$BIN/smtp-session" "$@"
}

# rcpt ADDRESS REPLY [PARAMETER [SENDER]]: RCPT to it, after MAIL with PARAMETER,
# is answered by REPLY, a regular expression.
rcpt()
{
	smtp_dialogue <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<${4-carol@elsewhere.test}>${3:+ $3}
	S: 250
	C: RCPT TO:<$1>
	S* $2
	C: QUIT
	S* 221
	END
}

# smtp_tls_dialogue: the same with TLS from the first byte (port 465).
smtp_tls_dialogue()
{
	"$LIB/transcript" --tls --log "$(log_file)" - -- \
		"$BIN/smtp-session" -s submissions "$@"
}

imap_dialogue()
{
	"$LIB/transcript" --log "$(log_file)" - -- "$BIN/imap-session" "$@"
}

# ---- mailboxes

# maildir USER[@DOMAIN] [FOLDER]: its directory.
maildir()
{
	local address=$1
	[[ $address = *@* ]] || address=$1@example.test
	echo "$MAIL/${address#*@}/${address%@*}${2:+/.$2}"
}

# messages USER [FOLDER]: the files of all messages, one a line.
messages()
{
	local dir
	dir=$(maildir "$@")
	[ -d "$dir" ] || return 0
	find "$dir/new" "$dir/cur" -type f 2>/dev/null | sort
}

# count USER [FOLDER]: how many messages.
count()
{
	messages "$@" | wc -l
}

# message USER [FOLDER]: the text of its one message.
message()
{
	local file
	file=$(messages "$@")
	[ -f "$file" ] || {
		echo "not one message for $*: ${file:-none}" >&2
		return 1
	}
	cat "$file"
}

# Every file below any new, cur or tmp of the instance: nothing may be there
# after a delivery that failed.
mail_files()
{
	[ ! -d "$MAIL" ] || find "$MAIL" -type f -printf '%P\n' |
		sed -nE "/(^|\/)(new|cur|tmp)\//s|^|$MAIL/|p"
}

no_mail_at_all()
{
	local files
	files=$(mail_files)
	[ -z "$files" ] || {
		echo "there is mail: $files"
		return 1
	}
}

# Empties all mailboxes between the tests of a file.
mail_clear()
{
	mail_files | tr '\n' '\0' | xargs -0r rm -f
}

# ---- messages

# mail_text [SUBJECT] [BODY]: a small message with LF line ends.
mail_text()
{
	printf '%s\n' "From: Carol <carol@elsewhere.test>" \
		"To: Bob <$BOB>" "Subject: ${1:-greetings}" \
		"Date: Mon, 06 Jan 2025 10:00:00 +0000" \
		"Message-ID: <$RANDOM.$RANDOM@elsewhere.test>" "" \
		"${2:-Hello Bob.}"
}

GTUBE='XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X'
export GTUBE

# ---- assertions that say what they saw

# is WANTED SEEN
is()
{
	[ "$1" = "$2" ] || {
		printf 'wanted: %s\nseen:   %s\n' "$1" "$2"
		return 1
	}
}

# has TEXT PATTERN: an extended regular expression matches a line of TEXT.
has()
{
	grep -Eq -- "$2" <<<"$1" || {
		printf 'wanted a line like: %s\nseen:\n%s\n' "$2" "$1"
		return 1
	}
}

# hasnt TEXT PATTERN
hasnt()
{
	! grep -E -- "$2" <<<"$1" || {
		printf 'wanted no line like: %s\n' "$2"
		return 1
	}
}

# logged PATTERN: a line of this test's log.
logged()
{
	has "$(cat "$(log_file)" 2>/dev/null)" "$1"
}

# serve_logged PATTERN: a line of what the listeners logged.
serve_logged()
{
	grep -rqE -- "$1" "$SERVE_OUT" "$INSTANCE/log" 2>/dev/null
}

# The programs are the checking build (ASan and UBSan).
sanitized()
{
	grep -q __asan_init "$BIN/smtp-session"
}

needs_root()
{
	[ "$(id -u)" = 0 ] || skip "needs root: $1"
}

# needs COMMAND...
needs()
{
	local command
	for command; do
		command -v "$command" >/dev/null ||
			skip "$command is not installed"
	done
}

# send_plain RECIPIENT... < message: as a stranger on port 25 ($SENDER, or
# carol). The server's replies on stdout, the one that decides last; exit
# status 0 when the message was accepted.
send_plain()
{
	"$LIB/smtp-send" "${SENDER-carol@elsewhere.test}" "$@" -- \
		"$BIN/smtp-session" -s smtp 2>>"$(log_file)"
}

# send_submission RECIPIENT... < message: as alice, logged in.
send_submission()
{
	SMTP_AUTH=$ALICE_PLAIN "$LIB/smtp-send" "$ALICE" "$@" -- \
		"$BIN/smtp-session" -s submission 2>>"$(log_file)"
}

# The DKIM key file of the instance, from its dkim-keys
# (NAME DOMAIN:SELECTOR:FILE).
dkim_key_file()
{
	local file
	file=$(sed -n '/^[^#]/{s/^[^:]*:[^:]*:\([^ ]*\).*/\1/p;q}' "$BESACE_ETC/dkim-keys")
	[[ $file = /* ]] || file=$BESACE_ETC/$file
	echo "$file"
}
