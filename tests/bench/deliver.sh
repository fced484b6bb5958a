#!/bin/bash
# SPDX-License-Identifier: ISC
# Durable deliveries a second, one process each, beside maildrop and
# dovecot-lda when they are there; and memory of a small and a large delivery.
# Rounds are taken by turns, the best of each counts.
#
# COUNT        deliveries a round (default 300)
# MAILDROP     its program (default: in PATH)
# DOVECOT_LDA  its program (default /usr/lib/dovecot/dovecot-lda)
# shellcheck disable=SC2016 # programs in single quotes expand for themselves
set -u -o pipefail
bats_require_minimum_version() { :; }
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
here=$(cd "$(dirname "$0")" && pwd)
# shellcheck source=../lib/helpers.bash
. "$here/../lib/helpers.bash"
# shellcheck source=../lib/deliver.bash
. "$here/../lib/deliver.bash"

export count=${COUNT:-300}
export maildrop=${MAILDROP:-$(command -v maildrop)}
export lda=${DOVECOT_LDA:-/usr/lib/dovecot/dovecot-lda}
export work message=$work/message
chmod 755 "$work"

# All of them run as the same user, so that none has to change to him; dovecot
# wants one with a name.
as_user()
{
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid nobody --regid nogroup --clear-groups "$@"
	else
		"$@"
	fi
}

owned_by_user()
{
	[ "$(id -u)" != 0 ] || chown -R nobody:nogroup "$@"
}

store_new "$work/store"
mkdir "$work/home"
{
	mail_text
	head -c 7500 /dev/urandom | base64
} >"$message"
printf 'to "%s/home/maildrop"\n' "$work" >"$work/home/.mailfilter"
chmod 600 "$work/home/.mailfilter"
mkdir -p "$work/home/maildrop"/{cur,new,tmp}
cat >"$work/dovecot.conf" <<EOC
mail_location = maildir:$work/home/dovecot
mail_fsync = optimized
postmaster_address = postmaster@example.test
log_path = /dev/null
base_dir = $work/run
ssl = no
first_valid_uid = 1
EOC
mkdir "$work/run"
chmod -R a+rX "$work/store/etc" "$work/store" "$message" "$work/dovecot.conf"
owned_by_user "$work/home" "$MAIL" "$work/run"
cp "$DELIVER" "$work/deliver"
export HOME=$work/home

one_besace() { "$work/deliver" -f a@example.test alice@example.test 2>/dev/null; }
one_maildrop() { "$maildrop" "$work/home/.mailfilter"; }
one_dovecot() { "$lda" -c "$work/dovecot.conf" -f a@example.test; }
export -f one_besace one_maildrop one_dovecot

# rate WHO JOBS: deliveries a second of one round.
rate()
{
	local start end
	start=$EPOCHREALTIME
	as_user bash -c '
		for ((j = 0; j < '"$2"'; j++)); do
			(for ((i = 0; i < count / '"$2"'; i++)); do
				one_'"$1"' <"$message" || exit 1
			done) &
			pids+=($!)
		done
		for pid in "${pids[@]}"; do wait $pid || exit 1; done' || return 1
	end=$EPOCHREALTIME
	find "$MAIL" "$work/home" -path '*/new/*' -type f -delete
	awk -v n="$count" -v s="$start" -v e="$end" \
		'BEGIN { printf "%.0f\n", n / (e - s) }'
}

who=(besace)
if [ -n "$maildrop" ] && [ -x "$maildrop" ]; then
	who+=(maildrop)
else
	echo "maildrop is not installed: not compared"
fi
if [ -x "$lda" ]; then
	who+=(dovecot)
else
	echo "dovecot-lda is not installed: not compared"
fi

for jobs in 1 8; do
	declare -A best=()
	for _ in 1 2 3; do
		for name in "${who[@]}"; do
			seen=$(rate "$name" "$jobs") || {
				echo "FAIL: $name does not deliver"
				exit 1
			}
			((seen <= ${best[$name]:-0})) || best[$name]=$seen
		done
	done
	for name in "${who[@]}"; do
		awk -v n="$name" -v j="$jobs" -v r="${best[$name]}" \
			-v b="${best[besace]}" 'BEGIN {
			printf "%-9s 10 KB, %d at a time: %5d a second", n, j, r
			if (n != "besace")
				printf "   besace/%s = %.2f", n, b / r
			print "" }'
	done
done
[[ " ${who[*]} " != *" maildrop "* ]] ||
	echo "(maildrop syncs no directory: its mail may be gone after a power cut)"

# memory WHO FILE: peak resident size in KB. By a small program of our own: a
# child's size counts from what its parent was.
cat >"$work/peak.c" <<EOC
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>
int main(int argc, char **argv)
{
	struct rusage used;
	int status;
	pid_t pid = fork();
	if (pid == 0) {
		close(2);
		execv(argv[argc > 0], argv + 1);
		_exit(127);
	}
	if (wait4(pid, &status, 0, &used) != pid || status != 0)
		return 1;
	return printf("%ld\\n", used.ru_maxrss) < 0;
}
EOC
cc -O2 -static -o "$work/peak" "$work/peak.c" || exit 1

memory()
{
	local command
	case $1 in
	besace) command=("$work/deliver" -f a@b.test alice@example.test) ;;
	maildrop) command=("$maildrop" "$work/home/.mailfilter") ;;
	dovecot) command=("$lda" -c "$work/dovecot.conf") ;;
	esac
	as_user "$work/peak" "${command[@]}" <"$2"
}

head -c 5000 "$message" >"$work/small"
{
	mail_text
	head -c 38000000 /dev/urandom | base64
} >"$work/large"
chmod a+r "$work/small" "$work/large"
for name in "${who[@]}"; do
	printf '%-9s peak resident memory: %5s KB for 5 KB, %5s KB for %s MB\n' \
		"$name" "$(memory "$name" "$work/small")" \
		"$(memory "$name" "$work/large")" \
		$(($(stat -c %s "$work/large") / 1000000))
done
echo "(besace maps a file on stdin: these pages are the file's own, not copies)"
