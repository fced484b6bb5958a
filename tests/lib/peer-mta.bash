# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# The servers of lib/peer-mta for the tests of a file, all with the certificate
# mx.peer.example of $CERTS, signed by ca: load lib/peer-mta after lib/helpers,
# lib/certificates, lib/dns, lib/relay.

# peers_start [KIND]...: for the file; peers_stop ends them.
peers_start()
{
	local kind port
	export PEER_KINDS=${*:-postfix exim opensmtpd} PEER_DIR PEER_PIDS=
	export BESACE_PEERS=${BESACE_PEERS:-$BIN/../peers}
	PEER_DIR=$(mktemp -d /tmp/besace-peer.XXXXXX)
	chmod 755 "$PEER_DIR"
	for kind in $PEER_KINDS; do
		mkdir "$PEER_DIR/$kind"
		port=$(free_port)
		echo "$port" >"$PEER_DIR/$kind/port"
		cat "$CERTS/mx.peer.example.pem" "$CERTS/ca.pem" >"$PEER_DIR/$kind/chain.pem"
		cp "$CERTS/mx.peer.example.key" "$PEER_DIR/$kind/key.pem"
		"$LIB/peer-mta" "$kind" "$PEER_DIR/$kind" "$port" >/dev/null 2>&1 3>&- &
		PEER_PIDS="$PEER_PIDS $!"
		wait_until 30 listening "$port" || {
			cat "$PEER_DIR/$kind"/*log
			return 1
		}
	done
}

peers_stop()
{
	[ -n "${PEER_DIR-}" ] || return 0
	# shellcheck disable=SC2086 # one word each
	kill $PEER_PIDS 2>/dev/null || true
	# shellcheck disable=SC2086
	wait $PEER_PIDS 2>/dev/null || true
	rm -rf "$PEER_DIR"
}

# for_each_peer FUNCTION: calls it with each kind, $PEER its directory, relay's
# port its port.
for_each_peer()
{
	local kind
	for kind in $PEER_KINDS; do
		export PEER=$PEER_DIR/$kind BESACE_SMTP_PORT
		BESACE_SMTP_PORT=$(cat "$PEER/port")
		echo "-- $kind"
		"$1" "$kind"
	done
}

# peer_boxed USER: the messages that are in its mailbox, one a line.
peer_boxed()
{
	find "$PEER/mail/$1/new" -type f 2>/dev/null || true
}

peer_has()
{
	[ "$(peer_boxed "$1" | wc -l)" -ge "$2" ]
}

# peer_wait USER COUNT: until so many are there.
peer_wait()
{
	wait_until 60 peer_has "$1" "$2" || {
		tail -n 20 "$PEER"/*log
		return 1
	}
}

peer_forget()
{
	rm -rf "$PEER/mail"/*
	: >"$PEER/log"
}

# peer_zone LINE...: the DNS, where peer.example has one server.
peer_zone()
{
	dns_stop
	dns_serve < <(printf '%s\n' 'peer.example MX 10 mx.peer.example' \
		'mx.peer.example A 127.0.0.1' "$@")
}

# mail_goes POLICY: a message to bob is there, by this policy, says the log.
mail_goes()
{
	peer_forget
	mail_text | queue_put aaa peer.example "$ALICE" bob@peer.example
	run -0 relay peer.example
	has "$output" '^new/aaa relayed bob@peer\.example "250 '
	has "$(tail -n 1 "$(log_file)")" "result=relayed .* tls-policy=$1\$"
	peer_wait bob 1
}

# mail_stays REASON: it stays in the queue, and besace says why, in the same words.
mail_stays()
{
	peer_forget
	mail_text | queue_put aaa peer.example "$ALICE" bob@peer.example
	run -0 relay peer.example
	has "$output" "^new/aaa deferred bob@peer\\.example \".*$1"
	has "$("$BIN/besace" queue show aaa)" "$1"
	is '' "$(peer_boxed bob)"
	rm "$BESACE_VAR"/queue/new/aaa
}
