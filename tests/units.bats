#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The unit files: accepted by systemd, tight, and the same where they should be.

load lib/helpers
load lib/queue

UNITS=$TREE/units

setup()
{
	# The programs where these units look for them: here.
	mkdir "$BATS_TEST_TMPDIR/units"
	local unit
	for unit in "$UNITS"/*.socket "$UNITS"/*.service "$UNITS"/*.path "$UNITS"/*.timer; do
		sed "s|/usr/lib/besace|$BIN|" "$unit" >"$BATS_TEST_TMPDIR/units/$(basename "$unit")"
	done
	cd "$BATS_TEST_TMPDIR/units" || return 1
}

@test "systemd-analyze verify is silent" {
	needs systemd-analyze
	run -0 systemd-analyze verify --man=no --recursive-errors=no ./*.socket ./*@.service \
		./*.path ./*.timer besace-queue.service besace-tls-report.service
	is '' "$output"
}

@test "systemd-analyze security: exposure of 0.5 at most, of 1.2 where others are asked" {
	needs systemd-analyze
	local unit most
	for unit in ./*.service; do
		most=5
		[[ $unit != ./besace-@(smtp@|queue|tls-report)* ]] || most=12
		run -0 systemd-analyze security --offline=true --no-pager \
			--threshold="$most" "$unit"
		has "$output" 'Overall exposure level'
	done
}

@test "the services differ in name, description, manual, command and network only" {
	local unit seen first=
	for unit in ./*@.service; do
		# port 25 alone asks the DNS
		[[ $unit = ./besace-smtp@* ]] || has "$(cat "$unit")" '^PrivateNetwork=yes$'
		seen=$(grep -vE '^(#|(Description|Documentation|ExecStart|SyslogIdentifier|PrivateUsers|PrivateNetwork|IPAddressDeny|RestrictAddressFamilies|SocketBindDeny)=)' "$unit")
		first=${first:-$seen}
		is "$first" "$seen"
	done
	is 6 "$(ls ./*@.service | wc -l)"
	# all but the one that must see who its user is
	is ./besace-sendmail@.service "$(grep -L '^PrivateUsers=yes$' ./*@.service)"
}

@test "the queue is taken on when mail comes, and each minute" {
	has "$(cat besace-queue.path)" '^DirectoryNotEmpty=/var/lib/besace/queue/new$'
	has "$(cat besace-queue.timer)" '^OnCalendar=minutely$'
	has "$(cat besace-queue.service)" "^ExecStart=$BIN/queue-run$"
	# many short runs do not stop it for good
	has "$(cat besace-queue.service)" '^StartLimitIntervalSec=0$'
	# as tight as what serves strangers, but for what it has to do
	is '' "$(diff <(settings_of besace-smtp@.service) <(settings_of besace-queue.service))"
}

@test "reports about TLS: some times a day, as tight as what takes on the queue" {
	has "$(cat besace-tls-report.timer)" '^OnCalendar=.* UTC$'
	has "$(cat besace-tls-report.service)" "^ExecStart=$BIN/tls-report$"
	is '' "$(diff <(settings_of besace-queue.service) <(settings_of besace-tls-report.service))"
}

# What limits a service, but for what it starts, how, and its memory.
settings_of()
{
	sed '1,/^\[Service\]/d' "$1" |
		grep -vE '^(#|$|(Type|ExecStart|SuccessExitStatus|Standard.*|SyslogIdentifier|KillMode|TimeoutStopSec|MemoryMax|TasksMax)=)'
}

@test "without systemd: a script takes on what comes, within a second" {
	needs_root 'changes the user'
	queue_new
	chmod 777 "$INSTANCE"
	queue_mail m1 example.net bob@example.net
	sed "s|/usr/lib/besace|$PROGRAMS|" "$UNITS/tcpserver/queue/run" >run
	sh ./run >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	local loop=$!
	wait_until 20 grep -q m1 "$RELAY_LOG"
	queue_mail m2 example.net bob@example.net
	wait_until 20 grep -q m2 "$RELAY_LOG"
	kill $loop
	is 5000 "$(stat -c %u "$QUEUE/new")"
}

@test "everybody reaches the socket of the sendmail command, where it looks for it" {
	local socket
	socket=$(cat besace-sendmail.socket)
	has "$socket" '^SocketMode=0666$'
	has "$socket" '^Accept=yes$'
	has "$socket" '^TriggerLimitIntervalSec=0$'
	has "$(cat besace-sendmail@.service)" "^ExecStart=$BIN/smtp-session -s local$"
	is "$(sed -n 's/^ListenStream=/sendmail_socket = /p' besace-sendmail.socket)" \
		"$("$BIN/besace" settings 2>/dev/null | grep '^sendmail_socket')"
}

@test "each socket has its service, its port, and no remote kill switch" {
	local name port
	while read -r name port; do
		[ -f "besace-$name@.service" ]
		has "$(cat "besace-$name.socket")" "^ListenStream=$port$"
		has "$(cat "besace-$name.socket")" '^Accept=yes$'
		has "$(cat "besace-$name.socket")" '^TriggerLimitIntervalSec=0$'
		has "$(cat "besace-$name.socket")" '^MaxConnectionsPerSource='
		has "$(cat "besace-$name@.service")" '^CollectMode=inactive-or-failed$'
		has "$(cat "$UNITS/tcpserver/$name/run")" " $port /usr/lib/besace/"
		# the same command in both
		is "$(sed -n "s|^ExecStart=$BIN/||p" "besace-$name@.service")" \
			"$(sed -n "s|.* /usr/lib/besace/||p" "$UNITS/tcpserver/$name/run")"
		[ -x "$UNITS/tcpserver/$name/run" ]
	done <<-'END'
		smtp 25
		submission 587
		submissions 465
		imap 143
		imaps 993
	END
	is 6 "$(ls ./*.socket | wc -l)"
}

@test "sysusers and tmpfiles make the mail's owner and directories" {
	needs_root 'makes files of other users'
	needs systemd-sysusers systemd-tmpfiles
	local root=$BATS_TEST_TMPDIR/root
	mkdir -p "$root/etc"
	systemd-sysusers --root="$root" "$UNITS/besace.sysusers"
	has "$(cat "$root/etc/passwd")" '^vmail:x:5000:5000:.*:/home/vmail:/usr/sbin/nologin$'
	systemd-tmpfiles --root="$root" --create "$UNITS/besace.tmpfiles"
	is 5000:5000:700 "$(stat -c %u:%g:%a "$root/home/vmail")"
	is 5000:5000:700 "$(stat -c %u:%g:%a "$root/var/lib/besace")"
	is 0:0:755 "$(stat -c %u:%g:%a "$root/etc/besace")"
}

@test "a tcpserver run script serves as the mail's owner" {
	needs_root 'changes the user'
	needs tcpserver
	instance_new
	# what the owner must reach on the way to the instance
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$INSTANCE"
	setpriv --reuid=5000 --regid=5000 --clear-groups test -x "$BIN/smtp-session" -a -r "$BESACE_ETC/passwords.cdb" ||
		skip 'user 5000 cannot reach the programs here'
	local port
	port=$(free_port)
	sed -e "s|/usr/lib/besace|$BIN|" -e "s|0 25 |127.0.0.1 $port |" \
		"$UNITS/tcpserver/smtp/run" >run
	sh ./run >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	local server=$!
	wait_until 5 listening "$port"
	run "$LIB/transcript" --connect "127.0.0.1:$port" - <<-'END'
	S* 220
	C: HELO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: Subject: as vmail
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	kill "$server"
	[ "$status" = 0 ] || {
		echo "$output"
		cat "$BATS_TEST_TMPDIR/log"
		return 1
	}
	is 1 "$(count bob)"
	is 5000 "$(stat -c %u "$(messages bob)")"
}

@test "tmpfiles makes every directory of a trial instance's var, as init does" {
	instance_new
	is "$(cd "$BESACE_VAR" && find queue -type d -printf '%p 0%m\n' | sort)" \
		"$(sed -n 's|^d /var/lib/besace/\(.* 0700\) vmail vmail -$|\1|p' \
			"$UNITS/besace.tmpfiles" | sort)"
}
