#!/bin/bash
# SPDX-License-Identifier: ISC
# MESSAGES (default 10000) different messages by JOBS (default 50) parallel
# deliveries into one mailbox, while two IMAP sessions read, flag, move and
# expunge in it; then a fifth of them while one of the sessions is Dovecot's,
# where that is installed: each message was somewhere once, byte by byte.
set -u -o pipefail
bats_require_minimum_version() { :; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/helpers.bash
. "$here/../lib/helpers.bash"

messages=${MESSAGES:-10000} jobs=${JOBS:-50}
dovecot=/usr/lib/dovecot/imap
log=$work/log
failed=0

# parallel MESSAGES MAILDIR ADDRESS CLIENT...
parallel()
{
	"$LIB/deliver-parallel" "$1" "$jobs" "$2" "$3" "$BIN/deliver" \
		-- "$BIN/imap-session" -u "$3" -- "${@:4}" 2>"$log" || {
		tail -n 20 "$log"
		failed=1
	}
}

instance_new -d "$work/i" || exit 1
start=$EPOCHREALTIME
parallel "$messages" "$(maildir alice)" "$ALICE" \
	"$BIN/imap-session" -u "$ALICE"
awk -v n="$messages" -v t="$EPOCHREALTIME" -v s="$start" \
	'BEGIN { printf "%.0f a second\n", n / (t - s) }'

if [ ! -x $dovecot ] || [ "$(id -u)" != 0 ]; then
	echo "not beside Dovecot: needs dovecot-imapd and root"
	exit $failed
fi
chmod 755 "$work/i" "$MAIL"
mkdir "$work/dovecot"
chown 5000:5000 "$work/dovecot"
cat >"$work/dovecot/conf" <<-END
	mail_location = maildir:$(maildir bob)
	base_dir = $work/dovecot
	log_path = $work/dovecot/log
	ssl = no
	first_valid_uid = 0
	stats_writer_socket_path =
END
echo "beside Dovecot:"
parallel $((messages / 5)) "$(maildir bob)" "$BOB" \
	setpriv --reuid=5000 --regid=5000 --clear-groups \
	env -i HOME=/ USER=bob $dovecot -c "$work/dovecot/conf"
exit $failed
