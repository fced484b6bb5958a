#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The ways of mail: routes by recipient and by sender, relayhost, logins; what
# goes the same way goes over one connection.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new <<-'END'
	example.org MX 10 mx.example.net
	END
	SMARTHOSTS=()
	# deliver, as the mail's owner, looks where mail goes
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$BATS_TEST_TMPDIR" "$INSTANCE"
}

teardown()
{
	local pid
	instance_stop
	relay_end
	for pid in "${SMARTHOSTS[@]}"; do
		kill "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
}

# smarthost NAME: a server that takes any login; its port is in $NAME, what it
# heard in NAME.log.
smarthost()
{
	local dir=$BATS_TEST_TMPDIR
	printf '%s\n' 'EHLO reply 250-smarthost.test\n250 AUTH PLAIN' \
		'AUTH reply 235 welcome' >"$dir/$1.rules"
	: >"$dir/$1.log"
	mkdir "$dir/$1.mail"
	mkfifo "$dir/$1.port"
	"$LIB/hostile-server" --log "$dir/$1.log" --mail "$dir/$1.mail" \
		"$dir/$1.rules" >"$dir/$1.port" 3>&- &
	SMARTHOSTS+=($!)
	read -r "${1?}" <"$dir/$1.port"
}

# heard NAME WORD: what it was told by this command, line by line.
heard()
{
	sed -n "s/^[0-9]* $2 \\($2 \\)\\?//p" "$BATS_TEST_TMPDIR/$1.log"
}

connections()
{
	awk '{ print $1 }' "$BATS_TEST_TMPDIR/$1.log" | sort -u | wc -l
}

# routes LINE...
routes()
{
	printf '%s\n' "$@" >"$BESACE_ETC/routes"
	"$BIN/besace" maps
}

# plain LOGIN PASSWORD: as AUTH sends it.
plain()
{
	printf 'PLAIN %s' "$(printf '\0%s\0%s' "$1" "$2" | base64)"
}

# mail_from SENDER [DOMAIN [ID]]: one mail, sent.
mail_from()
{
	local to=${2-example.net} id=${3-aaa}
	rm -f "$BESACE_VAR"/queue/*/"$id"
	mail_text | queue_put "$id" "$to" "$1" "bob@$to"
	run -0 relay "$to" "$id"
}

# goes_to PORT SENDER [DOMAIN]: it arrives there.
goes_to()
{
	mail_from "$2" "${3-example.net}"
	has "$output" ' relayed '
	has "$(tail -n 1 "$(log_file)")" "via=\"?[^ ]*:$1\\>"
}

@test "S60: each sender's mail goes by its own server, with its own login" {
	smarthost one
	smarthost two
	routes "from:$ALICE [127.0.0.1]:$one tls=none auth=clear user=alice password=a b" \
		"from:$BOB [127.0.0.1]:$two tls=none auth=clear user=bob password=c"
	mail_from "$ALICE"
	mail_from "$BOB"
	mail_from Alice+lists@Example.TEST
	is "$(plain alice 'a b')"$'\n'"$(plain alice 'a b')" "$(heard one AUTH)"
	is "$(plain bob c)" "$(heard two AUTH)"
	is "FROM:<$ALICE>"$'\n''FROM:<Alice+lists@example.test>' "$(heard one MAIL)"
	is "FROM:<$BOB>" "$(heard two MAIL)"
}

@test "which route counts: recipient, sender's address, extension, domain, above, *, relayhost" {
	local name
	for name in one two three four five six seven; do
		smarthost "$name"
	done
	routes "from:$ALICE [127.0.0.1]:$one" "from:alice+x@example.test [127.0.0.1]:$two" \
		"from:example.test [127.0.0.1]:$three" "from:.test [127.0.0.1]:$four" \
		"from:<> [127.0.0.1]:$five" "inner.example [127.0.0.1]:$six" \
		".example [127.0.0.1]:$seven"
	goes_to "$one" "$ALICE"
	goes_to "$one" ALICE+y@example.test
	goes_to "$two" alice+x@example.test
	goes_to "$two" alice+x+y@example.test
	goes_to "$three" "$BOB"
	goes_to "$three" SRS0=hash=tt=elsewhere.test=carol@example.test
	goes_to "$four" carol@other.test
	goes_to "$five" ''
	goes_to "$six" "$ALICE" inner.example
	goes_to "$seven" "$ALICE" outer.example
	server_start </dev/null
	goes_to "$BESACE_SMTP_PORT" carol@example.com
	setting relayhost "[127.0.0.1]:$six"
	goes_to "$six" carol@example.com
	goes_to "$three" "$BOB"
	printf '%s\n' "* [127.0.0.1]:$seven" 'example.net -' >>"$BESACE_ETC/routes"
	"$BIN/besace" maps
	goes_to "$seven" carol@example.com example.com
	goes_to "$BESACE_SMTP_PORT" "$ALICE"
	goes_to "$three" "$BOB" example.com
	# a sender's mail that goes to the recipient's own servers
	printf '%s\n' 'from:carol@example.com -' >>"$BESACE_ETC/routes"
	"$BIN/besace" maps
	goes_to "$BESACE_SMTP_PORT" carol@example.com example.org
}

@test "the login at relayhost and at a route's server stands in the server's own line" {
	smarthost one
	routes "[127.0.0.1]:$one tls=none auth=clear user=home password=p w" \
		"from:$BOB [127.0.0.1]:$one user=bob password=x" \
		"other.example [127.0.0.1]:$one"
	setting relayhost "[127.0.0.1]:$one"
	goes_to "$one" "$ALICE"
	is "$(plain home 'p w')" "$(heard one AUTH | tail -n 1)"
	goes_to "$one" "$ALICE" other.example
	is "$(plain home 'p w')" "$(heard one AUTH | tail -n 1)"
	goes_to "$one" "$BOB"
	is "$(plain bob x)" "$(heard one AUTH | tail -n 1)"
	# what the line does not say about TLS is: verified, or no login
	routes "[127.0.0.1]:$one user=home password=p w"
	mail_from "$ALICE"
	has "$output" ' deferred .*"4\.7\.5 no TLS'
	is 3 "$(heard one AUTH | wc -l)"
}

@test "a login that is missing at a server of routes or relayhost: mail waits" {
	smarthost one
	printf 'MAIL reply 530 5.7.0 Authentication required\n' >>"$BATS_TEST_TMPDIR/one.rules"
	setting relayhost "[127.0.0.1]:$one"
	mail_from "$ALICE"
	has "$output" ' deferred .*"530 4\.7\.0 Authentication required"'
	routes "from:$ALICE [127.0.0.1]:$one"
	setting relayhost ""
	mail_from "$ALICE"
	has "$output" ' deferred '
	# the servers of the domain itself have said no
	routes
	BESACE_SMTP_PORT=$one mail_from "$ALICE"
	has "$output" ' failed .*"530 5\.7\.0 '
}

@test "one connection for all that goes the same way, and for nothing else" {
	local i
	smarthost one
	setting relayhost "[127.0.0.1]:$one"
	routes 'example.org -' "from:$BOB [127.0.0.1]:$one auth=clear tls=none user=bob password=x" \
		"example.com [127.0.0.1]:$one"
	for i in {1..5}; do
		mail_text | queue_put "m$i" "d$i.example" "$ALICE" "x@d$i.example"
	done
	mail_text | queue_put n1 example.org "$ALICE" x@example.org
	mail_text | queue_put n2 d1.example "$BOB" x@d1.example
	mail_text | queue_put n3 example.com "$ALICE" x@example.com
	mail_text | queue_put n4 local "$ALICE" x@example.com
	run -75 relay "[127.0.0.1]:$one" m1 n1 m2 n2 m3 n3 m4 n4 m5
	is 6 "$(grep -c ' relayed ' <<<"$output")"
	is 1 "$(connections one)"
	is 6 "$(heard one MAIL | wc -l)"
	is '' "$(heard one AUTH)"
	logged 'skipped file=new/n1 reason="it is for another destination"'
	logged 'skipped file=new/n2 reason="it goes another way than the first"'
	logged 'skipped file=new/n4 reason="it is for this server"'
	is 'waiting - -' "$(queue_state n1)"
	is 'waiting - -' "$(queue_state n2)"
	is 'waiting - -' "$(queue_state n4)"
}

@test "S60: queue-run sends what goes the same way over one connection, others at the same time" {
	local i
	setting default_transport smtp
	smarthost one
	smarthost two
	setting relayhost "[127.0.0.1]:$one"
	routes "from:$BOB [127.0.0.1]:$two auth=clear tls=none user=bob password=x"
	for i in {1..9}; do
		mail_text | queue_put "m$i" "d$i.example" "$ALICE" "x@d$i.example"
		mail_text | queue_put "n$i" "d$i.example" "$BOB" "x@d$i.example"
	done
	run -0 "$BIN/queue-run"
	is '' "$(find "$BESACE_VAR/queue" -type f)"
	is 9 "$(heard one MAIL | sort | uniq -c | awk '{ print $1 }')"
	is 9 "$(heard two MAIL | sort | uniq -c | awk '{ print $1 }')"
	is 1 "$(connections one)"
	is 1 "$(connections two)"
	is "$(plain bob x)" "$(heard two AUTH)"
}

@test "after besace maps the next run goes the new way" {
	smarthost one
	smarthost two
	routes "from:$ALICE [127.0.0.1]:$one"
	printf '%s\n' 'MAIL reply 451 4.3.0 later' >>"$BATS_TEST_TMPDIR/one.rules"
	mail_text | queue_put m1 example.net "$ALICE" bob@example.net
	run -0 "$BIN/queue-run"
	is 'waiting 451 4.3.0' "$(queue_state m1)"
	mv "$BESACE_VAR"/queue/deferred/*m1 "$BESACE_VAR/queue/deferred/0000000001.m1"
	routes "from:$ALICE [127.0.0.1]:$two"
	run -0 "$BIN/queue-run"
	is gone "$(queue_state m1)"
	is "FROM:<$ALICE>" "$(heard two MAIL)"
}

@test "a change of the maps amid a run is seen before the next batch" {
	local i
	smarthost one
	smarthost two
	setting default_process_limit 1
	routes "from:$ALICE [127.0.0.1]:$one"
	# while the first batch waits, all others are planned
	mkfifo "$BATS_TEST_TMPDIR/go"
	mkdir "$BATS_TEST_TMPDIR/programs"
	cp "$BIN"/* "$BATS_TEST_TMPDIR/programs"
	mv "$BATS_TEST_TMPDIR/programs/relay" "$BATS_TEST_TMPDIR/programs/real-relay"
	cat >"$BATS_TEST_TMPDIR/programs/relay" <<-'END'
	#!/bin/sh
	if mkdir "$BATS_TEST_TMPDIR/first" 2>/dev/null; then
		read -r go <"$BATS_TEST_TMPDIR/go"
	fi
	exec "$BATS_TEST_TMPDIR/programs/real-relay" "$@"
	END
	chmod +x "$BATS_TEST_TMPDIR/programs/relay"
	for i in {10..29}; do
		mail_text | queue_put "m$i" example.net "$ALICE" bob@example.net
	done
	"$BATS_TEST_TMPDIR/programs/queue-run" 2>>"$(log_file)" 3>&- &
	wait_until 30 test -d "$BATS_TEST_TMPDIR/first"
	routes "from:$ALICE [127.0.0.1]:$two"
	echo >"$BATS_TEST_TMPDIR/go"
	wait $!
	is 0 "$(heard one MAIL | wc -l)"
	is 10 "$(heard two MAIL | wc -l)"
	# those of the first were put together for the other server
	is 10 "$(find "$BESACE_VAR/queue/deferred" -type f | wc -l)"
	is 10 "$(grep -c 'skipped .*"it is for another destination"' "$(log_file)")"
}

# ---- several domains in one file

# several: the recipients of the one file in the queue, and its group.
several()
{
	sed -n '/^$/q; s/^Group: //p; s/^Recipient: //p' "$BESACE_VAR"/queue/*/*
}

@test "S60: a message for many domains goes to relayhost once" {
	smarthost one
	setting default_transport smtp
	setting relayhost "[127.0.0.1]:$one"
	routes 'example.org [127.0.0.2]:25'
	mail_text | "$BIN/deliver" -f "$ALICE" a@a.example b@b.example c@a.example d@example.org
	is 2 "$(find "$BESACE_VAR/queue/new" -type f | wc -l)"
	is $'*\na@a.example\nb@b.example\nc@a.example' \
		"$(several | grep -v 'example.org$')"
	run -0 "$BIN/besace" queue list b.example
	has "$output" ' for several domains, '
	has "$output" '^    b@b.example: '
	has "$output" '^1 message'
	run -0 "$BIN/queue-run"
	is 1 "$(heard one MAIL | wc -l)"
	is 3 "$(heard one RCPT | wc -l)"
	is "example.org" "$(several | head -n 1)"
}

@test "several domains: as many recipients as one transaction has; own servers: each its own" {
	setting default_transport smtp
	setting relayhost '[127.0.0.2]:25'
	setting smtp_destination_recipient_limit 2
	mail_text | "$BIN/deliver" -f "$ALICE" a@a.example b@b.example c@c.example
	is $'*\na@a.example\nb@b.example\nc.example\nc@c.example' \
		"$(cat "$BESACE_VAR"/queue/new/* | sed -n 's/^Group: //p; s/^Recipient: //p' | sort)"
	rm "$BESACE_VAR"/queue/new/*
	setting relayhost ''
	mail_text | "$BIN/deliver" -f "$ALICE" a@a.example b@b.example
	is $'a.example\nb.example' "$(cat "$BESACE_VAR"/queue/new/* | sed -n 's/^Group: //p' | sort)"
}

@test "several domains whose ways part while they wait: each is sent its own way, and once" {
	local i
	smarthost one
	smarthost two
	smarthost three
	setting default_transport smtp
	setting relayhost "[127.0.0.1]:$one"
	printf '%s\n' 'MAIL reply 451 4.3.0 later' >>"$BATS_TEST_TMPDIR/one.rules"
	mail_text | "$BIN/deliver" -f "$ALICE" a@a.example b@b.example c@c.example d@b.example
	run -0 "$BIN/queue-run"
	is $'waiting 451 4.3.0\nwaiting 451 4.3.0\nwaiting 451 4.3.0\nwaiting 451 4.3.0' "$(queue_state '')"
	setting relayhost ''
	routes "a.example [127.0.0.1]:$two" \
		"b.example [127.0.0.1]:$three tls=none auth=clear user=b password=x" \
		'c.example [127.0.0.9]:1'
	for i in 1 2 3; do
		mv "$BESACE_VAR"/queue/deferred/* "$BESACE_VAR/queue/deferred/0000000001.m1"
		run -0 "$BIN/queue-run"
	done
	is 1 "$(heard one MAIL | wc -l)"
	is 'TO:<a@a.example>' "$(heard two RCPT)"
	is '' "$(heard two AUTH)"
	is $'TO:<b@b.example>\nTO:<d@b.example>' "$(heard three RCPT)"
	is "$(plain b x)" "$(heard three AUTH)"
	is $'relayed 250 2.0.0\nrelayed 250 2.0.0\nwaiting - 4.4.1\nrelayed 250 2.0.0' "$(queue_state m1)"
	has "$(cat "$BESACE_VAR"/queue/deferred/*)" '^Answer: connection to .*127\.0\.0\.9'
}
