# SPDX-License-Identifier: ISC
# SIGKILL of queue-run, or what it has started, at one system call after the
# other. "load lib/helpers" and "load lib/queue" come first.

# kills_begin: what each of the runs begins with. A message for another server,
# one that has failed, one for this server, one that nothing can be read of.
kills_begin()
{
	mail_clear
	rm -f "$QUEUE"/*/*
	: >"$RELAY_LOG"
	queue_mail m1 example.net bob@example.net
	queue_put new/m2 "Message-Uid: m2" "Arrival: $(ago 10)" \
		"Group: example.net" "Sender: $ALICE" \
		"Recipient: fail@example.net" "State: failed" "Attempts: 1" \
		"Code: 550" "Status: 5.1.1" "Answer: no" < <(mail_text two)
	queue_mail m3 local "$BOB"
	echo damaged >"$QUEUE/new/m4"
	queue_owned "$QUEUE/new/m4"
}

# kills_trace OUT STRACE-OPTION...: one run under strace.
kills_trace()
{
	local out=$1
	shift
	strace -f -qq -o "$out" "$@" "$PROGRAMS/queue-run" 2>>"$(log_file)"
}

# kills_points [NAME,...]: "NAME NUMBER" for each system call, or those of these
# names, of a run that ends by itself; a number is that of one process. What the
# stand-in for relay calls by itself is left out.
kills_points()
{
	kills_begin
	kills_trace "$BATS_TEST_TMPDIR/trace" ${1:+-e "trace=execve,$1"} || return 1
	awk '$2 ~ /^execve\(".*\/(relay|python3)"/ { other[$1] = 1 }
		match($2, /^[a-z_0-9]+\(/) && !other[$1] {
			name = substr($2, 1, RLENGTH - 1)
			if (++n[$1, name] > most[name]) most[name] = n[$1, name]
		}
		END { for (c in most) for (i = 1; i <= most[c]; i++) print c, i }' \
		"$BATS_TEST_TMPDIR/trace" | sort -k1,1 -k2n
}

# kills_heal: the runs that come after, until nothing waits.
kills_heal()
{
	local file
	for _ in 1 2 3; do
		queue_run || return 1
		for file in $(queue_files deferred); do
			mv "$QUEUE/deferred/$file" "$QUEUE/new/${file##*.}"
		done
	done
}

# kills_holds: nothing is lost; what was just done may have been done twice, by
# each of the processes that were killed.
kills_holds()
{
	local notices delivered sent
	notices=$(grep -l 'Final-Recipient: rfc822; fail@example.net' \
		$(messages alice) /dev/null | wc -l)
	delivered=$(count bob)
	sent=$(wc -l <"$RELAY_LOG")
	is corrupt/m4 "$(queue_files | grep -v ^tmp/)" || return 1
	if ((notices < 1 || notices > 2 || delivered < 1 || delivered > 2 ||
		sent < 1 || sent > 2)); then
		echo "notices: $notices, delivered: $delivered, sent: $sent"
		return 1
	fi
}

# kills_all [NAME,...]: all of it. Says how many kills there were.
kills_all()
{
	local name number kills=0 points
	points=$(kills_points "$@") || return 1
	while read -r name number; do
		case $name in
		exit_group | exit | rt_sigreturn | execve) continue ;;
		esac
		kills_begin
		{
			kills_trace /dev/null -e "trace=$name" \
				-e "inject=$name:signal=KILL:when=$number" || true
		} 2>/dev/null # the shell tells of each kill
		kills_heal && kills_holds || {
			echo "killed at $name $number"
			return 1
		}
		((kills += 1))
	done <<<"$points"
	echo "$kills kills"
}
