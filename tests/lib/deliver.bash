# SPDX-License-Identifier: ISC
# For tests that run deliver alone: maps made by the cdb tool, a mail store, and
# what is to be true of it. "load lib/helpers" comes first.

# map NAME < "KEY=>VALUE" lines; \n and \t in a value are LF and TAB.
map()
{
	local line key value
	{
		printf '+0,8:->besace 1\n'
		while IFS= read -r line; do
			key=${line%%=>*}
			value=$(printf '%b' "${line#*=>}")
			printf '+%d,%d:%s->%s\n' "$(bytes "$key")" \
				"$(bytes "$value")" "$key" "$value"
		done
		echo
	} | cdb -c -t "$BESACE_ETC/$1.tmp" "$BESACE_ETC/$1.cdb" -
}

bytes()
{
	local LC_ALL=C
	echo "${#1}"
}

# store_new [DIR]: maps and an empty mail store; exports BESACE_ETC and MAIL.
store_new()
{
	local dir=${1:-$BATS_TEST_TMPDIR/store}
	export BESACE_ETC=$dir/etc BESACE_VAR=$dir/var MAIL=$dir/mail
	export DELIVER=$BIN/deliver QUEUE=$dir/var/queue
	mkdir -p "$BESACE_ETC" "$MAIL" \
		"$QUEUE"/{tmp,new,deferred,hold,corrupt}
	settings
	map domains <<-EOM
		example.test=>
		domain.net=>
	EOM
	map mailboxes <<-EOM
		alice@example.test=>example.test/alice
		bob@example.test=>example.test/bob
		carol@example.test=>example.test/carol\tquota=1000000
		eve@domain.net=>domain.net/eve
	EOM
	map aliases </dev/null
	owned_by_vmail "$MAIL" "$BESACE_VAR"
	# The mail's owner has to get there.
	chmod o+x "${BATS_RUN_TMPDIR-$dir}" "$dir" "$dir/.." "$dir/../.." \
		2>/dev/null || true
}

# settings [NAME=VALUE]...: the settings map with these; the first of a name
# counts.
# shellcheck disable=SC2120 # none need be given
settings()
{
	local setting
	for setting in "$@" "virtual_mailbox_base=$MAIL" \
		"myhostname=mx.example.test"; do
		echo "${setting%%=*}=>${setting#*=}"
	done | awk -F= '!seen[$1]++' | map settings
}

# Run by root, deliver writes as 5000:5000.
owned_by_vmail()
{
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$@"
}

# A command as the user deliver runs as, so that modes count for it.
as_vmail()
{
	if [ "$(id -u)" = 0 ]; then
		setpriv --reuid 5000 --regid 5000 --clear-groups "$@"
	else
		"$@"
	fi
}

# deliver_to RECIPIENT...: a small message; the log and the reply in $output.
deliver_to()
{
	mail_text | "$DELIVER" -f sender@elsewhere.test "$@" 2>&1
}

# new_count DIR: how many messages lie in DIR/new.
new_count()
{
	find "$MAIL/$1/new" -type f 2>/dev/null | wc -l
}

# the_message DIR: the text of the one message in DIR/new.
the_message()
{
	is 1 "$(new_count "$1")"
	cat "$MAIL/$1"/new/*
}

# all_whole WANTED FILE...: every file ends with the text of the file WANTED and
# its size is the one in its name.
all_whole()
{
	local wanted=$1 file size name
	shift
	for file; do
		size=$(stat -c %s "$file")
		name=${file##*/}
		[[ $name =~ ,S=([0-9]+),W= ]] || {
			echo "no size in the name: $name"
			return 1
		}
		is "$size" "${BASH_REMATCH[1]}"
		tail -c "$(stat -c %s "$wanted")" "$file" | cmp - "$wanted"
	done
}

# queue_count [BOX]: how many files lie in the queue, or in one of its boxes.
queue_count()
{
	find "$QUEUE/${1-}" -type f | wc -l
}

# the_entry GROUP: the lines on top of the one file of that group in new/.
the_entry()
{
	local files
	files=$(grep -lx "Group: $1" "$QUEUE"/new/*)
	is 1 "$(wc -l <<<"$files")"
	sed '/^$/q' "$files"
}

# queued_message GROUP: the message in that file.
queued_message()
{
	sed '1,/^$/d' "$(grep -lx "Group: $1" "$QUEUE"/new/*)"
}

queue_clear()
{
	rm -f "$QUEUE"/*/*
}
