# SPDX-License-Identifier: ISC
# The queue and a server for relay: load lib/relay after lib/helpers, lib/dns.

# relay_new [OPTION]... < RECORDS: an instance (instance_new) with an empty queue,
# and a DNS of these records, where example.net has a mail server on 127.0.0.1.
# relay_end ends it.
relay_new()
{
	instance_new "$@"
	queue_make
	dns_serve < <(
		echo 'example.net MX 10 mx.example.net'
		echo 'mx.example.net A 127.0.0.1'
		cat
	)
}

relay_end()
{
	server_stop
	dns_stop
}

# queue_make: an empty queue in BESACE_VAR.
queue_make()
{
	mkdir -p "$BESACE_VAR"/queue/{tmp,new,deferred,hold,corrupt}
	chmod 700 "$BESACE_VAR"
	chmod -R go= "$BESACE_VAR/queue"
	[ "$(id -u)" != 0 ] || chown -R 5000:5000 "$BESACE_VAR/queue"
}

# queue_put ID GROUP SENDER RECIPIENT... [-- LINE]... < MESSAGE: a file of the
# queue. LINEs are of the message; a RECIPIENT may have "|LINE" behind it.
queue_put()
{
	local file=$BESACE_VAR/queue/new/$1 group=$2 sender=$3 to=()
	shift 3
	while (($#)) && [ "$1" != -- ]; do
		to+=("$1")
		shift
	done
	[ "${1-}" != -- ] || shift
	{
		printf '%s\n' 'Besace-Queue: 1' "Message-Uid: ${file##*/}" \
			'Arrival: 2026-11-21T14:04:38Z' "Group: $group" "Sender: $sender" "$@"
		local r
		for r in "${to[@]}"; do
			printf 'Recipient: %s\nState: waiting\n' "${r%%|*}"
			[[ $r != *'|'* ]] || printf '%s\n' "${r#*|}"
		done
		echo
		cat
	} >"$file"
	chmod 600 "$file"
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$file"
}

# queue_state ID [RECIPIENT]: "State Code Status" of a recipient, "gone" when
# the file is; one a line.
queue_state()
{
	local file
	file=$(find "$BESACE_VAR/queue" -name "*$1" -type f)
	[ -n "$file" ] || {
		echo gone
		return
	}
	awk -v want="${2-}" -F ': ' '
		function out() { if (to != "" && (want == "" || want == to))
			print state " " code " " status }
		/^$/ { exit }
		$1 == "Recipient" { out(); to = $2; state = code = status = "-" }
		$1 == "State" { state = $2 }
		$1 == "Code" { code = $2 }
		$1 == "Status" { status = $2 }
		END { out() }' "$file"
}

# queue_value ID NAME: the value of a line, of the first recipient that has it.
queue_value()
{
	find "$BESACE_VAR/queue" -name "*$1" -type f -exec sed -n \
		"/^\$/q;s/^$2: //p" {} + | head -n 1
}

# relay DESTINATION [ID]...: all files of new/ unless they are named.
relay()
{
	local destination=$1 id
	shift
	if (($#)); then
		for id; do
			echo "new/$id"
		done
	else
		(cd "$BESACE_VAR/queue" && ls new/*)
	fi | timeout 120 "$BIN/relay" "$destination" 2>>"$(log_file)"
}

# server_start [OPTION]... < RULES: the scripted server; BESACE_SMTP_PORT is its.
server_start()
{
	local dir=$BATS_TEST_TMPDIR
	export RULES=$dir/rules SERVER_LOG=$dir/server-log SERVER_MAIL=$dir/server-mail
	mkdir -p "$SERVER_MAIL"
	: >"$SERVER_LOG"
	cat >"$RULES"
	mkfifo "$dir/server-port"
	"$LIB/hostile-server" --log "$SERVER_LOG" --mail "$SERVER_MAIL" "$@" \
		"$RULES" >"$dir/server-port" 3>&- &
	SERVER_PID=$!
	read -r BESACE_SMTP_PORT <"$dir/server-port"
	rm "$dir/server-port"
	export BESACE_SMTP_PORT SERVER_PID
}

server_stop()
{
	[ -n "${SERVER_PID-}" ] || return 0
	kill "$SERVER_PID" 2>/dev/null
	wait "$SERVER_PID" 2>/dev/null || true
	unset SERVER_PID BESACE_SMTP_PORT
	return 0
}

# received: how many messages the server has said it has.
received()
{
	find "$SERVER_MAIL" -type f | wc -l
}
