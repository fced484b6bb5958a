# SPDX-License-Identifier: ISC
# For tests of the queue: files in it, and what takes them on. "load
# lib/helpers" comes first.

# queue_new [OPTION]...: an instance (instance_new), programs with a stand-in for
# relay in $PROGRAMS, RELAY_LOG.
queue_new()
{
	instance_new -o default_transport=smtp "$@"
	PROGRAMS=$BATS_TEST_TMPDIR/programs
	mkdir -p "$PROGRAMS"
	cp "$BIN"/queue-run "$BIN"/deliver "$BIN"/dkimsign "$PROGRAMS"
	cp "$LIB/relay-stand-in" "$PROGRAMS/relay"
	export QUEUE=$BESACE_VAR/queue PROGRAMS
	export RELAY_LOG=$BATS_TEST_TMPDIR/relay.log
	: >"$RELAY_LOG"
	# the owner of the queue, who the stand-in is, too
	chmod 666 "$RELAY_LOG"
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" \
		"$INSTANCE" 2>/dev/null || true
}

# queue_put BOX/NAME [LINE]... < message: a file, its lines as given behind the
# first; "Group: example.net" and so on. A recipient begins with "Recipient: ".
# It comes by a rename, whole, as all do.
queue_put()
{
	local place=$QUEUE/$1 path
	path=$QUEUE/tmp/put.$BASHPID
	shift
	{
		printf '%s\n' "Besace-Queue: 1" "$@" ""
		cat
	} >"$path"
	queue_owned "$path"
	mv "$path" "$place"
}

queue_owned()
{
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$@"
}

# queue_mail ID GROUP RECIPIENT...: a message of alice in new/. These change it:
# FROM, ARRIVAL (seconds ago), ENTRY (a line of the message), OPTIONS (lines of
# each recipient).
queue_mail()
{
	local id=$1 group=$2 to lines=()
	shift 2
	for to; do
		lines+=("Recipient: $to" "State: waiting" ${OPTIONS:+"$OPTIONS"})
	done
	mail_text "mail $id" | queue_put "new/$id" "Message-Uid: $id" \
		"Arrival: $(ago "${ARRIVAL:-0}")" "Group: $group" \
		"Sender: ${FROM-$ALICE}" ${ENTRY:+"$ENTRY"} "${lines[@]}"
}

# ago SECONDS: that time as the queue writes it.
ago()
{
	date -u -d "@$(($(date +%s) - $1))" +%Y-%m-%dT%H:%M:%SZ
}

# queue_run: once, to its end; its log goes to $LOG.
queue_run()
{
	"$PROGRAMS/queue-run" 2>>"$(log_file)"
}

# queue_files [BOX]: names of all files, or those of a box, sorted.
queue_files()
{
	find "$QUEUE/${1-}" -type f -printf '%P\n' | sort
}

# queue_due NAME: seconds from now until the file deferred/... is due.
queue_due()
{
	local name=${1#deferred/}
	echo $((10#${name%%.*} - $(date +%s)))
}
