#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# A trial instance: init, and what of serve can be seen without clients.

load lib/helpers

setup()
{
	DIR=$BATS_TEST_TMPDIR/instance
}

teardown()
{
	instance_stop
}

@test "init writes everything, and says who can log in" {
	run -0 "$BIN/besace" init "$DIR"
	has "$output" '^alice@example.test [a-z0-9]{20}$'
	has "$output" '^bob@example.test [a-z0-9]{20}$'
	is "$(grep @ <<<"$output")" "$(cat "$DIR/accounts")"
	is 600 "$(stat -c %a "$DIR/accounts")"
	is 'accounts etc log mail var' "$(ls "$DIR" | xargs)"
	export BESACE_ETC=$DIR/etc
	run -0 "$BIN/besace" maps
	is '' "$output"
	run -0 "$BIN/besace" lookup postmaster@example.test
	has "$output" 'mailbox: alice@example.test'
	run -0 "$BIN/besace" lookup abuse@example.test
	is 640 "$(stat -c %a "$DIR/etc/tls/example.test.key")"
	is 640 "$(stat -c %a "$DIR/etc/dkim/example.test.key")"
	# a sample of every table; passwords may stand in this one
	is 640 "$(stat -c %a "$DIR/etc/routes")"
	is '' "$(comm -13 <(ls "$DIR/etc") \
		<(printf '%s\n' aliases certificates dkim-keys dkim-signing domains \
			mailboxes passwords routes senders settings trusted-hosts))"
	is 700 "$(stat -c %a "$DIR/mail")"
	is 700 "$(stat -c %a "$DIR/var")"
	is "$(printf "700 queue%s\n" "" /corrupt /deferred /hold /new /tmp)" \
		"$(cd "$DIR/var" && stat -c "%a %n" queue queue/*)"
	if [ "$(id -u)" = 0 ]; then
		is 5000:5000 "$(stat -c %u:%g "$DIR/mail")"
		is 5000:5000 "$(stat -c %u:%g "$DIR/var")"
		is "" "$(find "$DIR/var/queue" ! -user 5000 -o ! -group 5000)"
		is '' "$(find "$DIR/mail" ! -user 5000 -o ! -group 5000)"
	fi
}

@test "each instance has its own secrets" {
	"$BIN/besace" init "$DIR"
	"$BIN/besace" init "$DIR.2"
	local file
	for file in accounts etc/tls/example.test.key etc/dkim/example.test.key etc/passwords; do
		run ! cmp -s "$DIR/$file" "$DIR.2/$file"
	done
}

@test "the settings file explains every setting" {
	"$BIN/besace" init "$DIR"
	export BESACE_ETC=$DIR/etc
	local name
	while read -r name; do
		has "$(cat "$DIR/etc/settings")" "^#$name = "
	done < <("$BIN/besace" settings | sed -nE 's/^([a-z_]+) = .*/\1/p')
	is '' "$(awk 'length > 79 && /^# /' "$DIR/etc/settings")"
}

@test "the certificate is for example.test, localhost and 127.0.0.1" {
	"$BIN/besace" init "$DIR"
	local text
	text=$(openssl x509 -in "$DIR/etc/tls/example.test.crt" -noout -text)
	has "$text" 'DNS:example.test, DNS:localhost, IP Address:127.0.0.1'
	has "$text" 'id-ecPublicKey'
	run -0 openssl verify -CAfile "$DIR/etc/tls/example.test.crt" \
		-verify_ip 127.0.0.1 "$DIR/etc/tls/example.test.crt"
}

@test "the TXT record is the public half of the DKIM key, in strings a zone takes" {
	"$BIN/besace" init "$DIR"
	local txt
	txt=$(cat "$DIR/etc/dkim/example.test.txt")
	has "$txt" '^trial\._domainkey\.example\.test\. IN TXT \($'
	is '' "$(grep -oE '"[^"]*"' <<<"$txt" | awk 'length > 257')"
	is "v=DKIM1; k=rsa; s=email; p=$(openssl pkey -in "$DIR/etc/dkim/example.test.key" \
		-pubout -outform DER | base64 -w0)" \
		"$(grep -oE '"[^"]*"' <<<"$txt" | tr -d '"\n')"
}

@test "-o gives settings; a wrong one writes nothing" {
	run -64 "$BIN/besace" init "$DIR" -o nonsense=1
	has "$output" 'nonsense'
	run -64 "$BIN/besace" init "$DIR" -o message_size_limit=x
	run -64 "$BIN/besace" init "$DIR" -o message_size_limit
	run -64 "$BIN/besace" init "$DIR" -o
	run -64 "$BIN/besace" init
	run -64 "$BIN/besace" init "$DIR" "$DIR"
	[ ! -e "$DIR" ]
	"$BIN/besace" init "$DIR" -o message_size_limit=3M -o inbound_filters=
	BESACE_ETC=$DIR/etc run -0 "$BIN/besace" settings
	has "$output" '^message_size_limit = 3M$'
	has "$output" '^inbound_filters = $'
}

@test "an instance is never written over" {
	"$BIN/besace" init "$DIR"
	local before
	before=$(cd "$DIR" && find . -type f -exec md5sum {} +)
	run -73 "$BIN/besace" init "$DIR"
	has "$output" 'already'
	is "$before" "$(cd "$DIR" && find . -type f -exec md5sum {} +)"
}

@test "a place that cannot be written leaves nothing half done" {
	touch "$BATS_TEST_TMPDIR/file"
	run -73 "$BIN/besace" init "$BATS_TEST_TMPDIR/file"
	run -73 "$BIN/besace" init "$BATS_TEST_TMPDIR/file/dir"
	mkdir -p "$DIR/accounts"
	run -73 "$BIN/besace" init "$DIR"
	has "$output" 'accounts'
	is 'accounts log mail var' "$(ls "$DIR" | xargs)"
	rmdir "$DIR/accounts"
	run -0 "$BIN/besace" init "$DIR"
}

@test "serve: a port in use is named, with the way out" {
	"$BIN/besace" init "$DIR"
	BASE_PORT=$(free_base_port)
	/usr/bin/python3 -c 'import socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
s.bind(("127.0.0.1", int(sys.argv[1])))
s.listen()
time.sleep(60)' $((BASE_PORT + 465)) 3>&- &
	local holder=$!
	wait_until 5 listening $((BASE_PORT + 465))
	run -69 timeout 20 "$BIN/besace" serve "$DIR" --base-port "$BASE_PORT"
	kill "$holder"
	has "$output" "port $((BASE_PORT + 465)) .*in use"
	has "$output" 'BASE_PORT='
	run ! listening $((BASE_PORT + 25))
}

@test "serve: no instance, wrong arguments" {
	run -78 "$BIN/besace" serve "$DIR"
	has "$output" 'besace init'
	run -64 "$BIN/besace" serve
	run -64 "$BIN/besace" serve "$DIR" --base-port 70000
	run -64 "$BIN/besace" serve "$DIR" --base-port x
	run -64 "$BIN/besace" serve "$DIR" --listen nowhere
}

@test "serve: killed without a chance, it takes its listeners along" {
	instance_new
	instance_serve
	kill -KILL "$SERVE_PID"
	wait_until 5 silent "$SMTP"
	wait_until 5 silent "$IMAPS"
}

silent()
{
	! listening "$1"
}

@test "serve: SIGINT ends it, with status 0 and nothing left" {
	instance_new
	BASE_PORT=$(free_base_port)
	run -0 timeout -s INT --foreground --preserve-status 3 \
		"$BIN/besace" serve "$INSTANCE" --base-port "$BASE_PORT"
	run ! listening $((BASE_PORT + 25))
	run ! listening $((BASE_PORT + 993))
}

@test "serve: where tcpserver is absent, systemd-socket-activate listens" {
	instance_new
	mkdir "$BATS_TEST_TMPDIR/bin"
	unshare -m true 2>/dev/null || skip 'no namespaces here'
	BASE_PORT=$(free_base_port)
	local hidden
	hidden=$(command -v tcpserver)
	unshare -m bash -c '
		mount --bind /dev/null "$0" && exec "$BIN/besace" serve "$INSTANCE" --base-port "$1"
	' "$hidden" "$BASE_PORT" >"$BATS_TEST_TMPDIR/out" 2>&1 3>&- &
	SERVE_PID=$!
	wait_until 10 listening $((BASE_PORT + 993))
	"$LIB/transcript" --connect "127.0.0.1:$((BASE_PORT + 25))" - <<-'END'
	S* 220
	C: QUIT
	S* 221
	END
	grep -q 'ip=127\.0\.0\.1' "$INSTANCE/log/mail.log"
}

@test "serve: a listener that dies ends it, and is named" {
	instance_new
	instance_serve
	pkill -KILL -P "$SERVE_PID" -f "tcpserver.* $SMTP " || pkill -KILL -P "$SERVE_PID" -f ":$SMTP "
	wait_until 5 gone "$SERVE_PID"
	has "$(cat "$SERVE_OUT")" "listener of port $SMTP has ended"
	wait_until 5 silent "$IMAPS"
}
