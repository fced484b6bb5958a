#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Trust by address: mynetworks.

load lib/helpers

setup_file()
{
	mark=$BATS_FILE_TMPDIR/outbound
	printf '#!/bin/sh\necho "X-Filter: outbound"\nexec cat\n' >"$mark"
	chmod 755 "$BATS_FILE_TMPDIR" "$mark"
	instance_new -o "outbound_filters=$mark" -o inbound_filters=cat
}

setup()
{
	mail_clear
	setting mynetworks ''
	setting permit_mynetworks yes
}

# from IP COMMAND...: as if the client came from there.
from()
{
	TCPREMOTEIP=$1 "${@:2}"
}

relay_dialogue()
{
	from "$1" smtp_dialogue "${@:3}" <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: RCPT TO:<dave@other.test>
	S* $2
	C: QUIT
	S* 221
	END
}

@test "S33 nobody may relay by where he comes from: mynetworks is empty" {
	has "$("$BIN/besace" settings)" '^mynetworks = $'
	local ip
	for ip in 127.0.0.1 ::1 192.0.2.1 10.0.0.1; do
		relay_dialogue "$ip" '554 5\.7\.1' -s smtp
	done
	logged 'refused ip=10\.0\.0\.1 .*rule=reject_unauth_destination '
}

@test "S34 permit_mynetworks: listed networks send without a login, IPv4 and IPv6" {
	setting mynetworks '127.0.0.0/8, !192.0.2.7 192.0.2.0/24 [2001:db8::]/32'
	local ip
	for ip in 127.0.0.1 192.0.2.1 2001:db8::5 ::ffff:192.0.2.9; do
		relay_dialogue "$ip" 250 -s smtp
	done
	for ip in 192.0.2.7 192.0.3.1 2001:db9::1 ::1; do
		relay_dialogue "$ip" '554 5\.7\.1' -s smtp
	done
}

@test "S34 permit_mynetworks = no trusts nobody with other servers" {
	setting mynetworks 192.0.2.0/24
	setting permit_mynetworks no
	relay_dialogue 192.0.2.1 '554 5\.7\.1' -s smtp
}

@test "S34 a pipe has no address and is in no network" {
	setting mynetworks '0.0.0.0/0 ::/0'
	relay_dialogue '' '554 5\.7\.1' -s smtp
}

@test "S55 the submission ports ask listed networks for a login, too" {
	setting mynetworks 192.0.2.0/24
	from 192.0.2.1 smtp_dialogue -s submission <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 530 5\.7\.0
	C: QUIT
	S* 221
	END
}

@test "S34 mail from a listed network goes through the outbound filters" {
	setting mynetworks 192.0.2.0/24
	mail_text | from 192.0.2.1 send_plain "$BOB"
	has "$(message bob)" '^X-Filter: outbound$'
	mail_clear
	mail_text | from 192.0.3.1 send_plain "$BOB"
	hasnt "$(message bob)" '^X-Filter: outbound$'
}

@test "mynetworks that is no list of networks is a fault besace maps names" {
	run ! setting mynetworks '127.0.0.0/8 localhost'
	has "$output" 'settings:[0-9]+: .*mynetworks.*networks are needed'
	run ! setting mynetworks '192.0.2.0/33'
}
