#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Trust by address: mynetworks, trusted-hosts.

load lib/helpers

setup_file()
{
	mark=$BATS_FILE_TMPDIR/outbound
	printf '#!/bin/sh\necho "X-Filter: outbound"\nexec cat\n' >"$mark"
	chmod 755 "$BATS_FILE_TMPDIR" "$mark"
	instance_new -o default_transport=smtp -o "outbound_filters=$mark" -o inbound_filters=cat
}

setup()
{
	mail_clear
	setting mynetworks ''
	setting permit_mynetworks yes
	setting trusted_hosts ''
	: >"$BESACE_ETC/trusted-hosts"
	"$BIN/besace" maps
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

# signed_from IP [NAME]: sends a message with our domain in From; 0 when it came
# out signed.
signed_from()
{
	mail_clear
	printf '%s\n' "From: $ALICE" "To: $BOB" 'Subject: signed?' '' text |
		TCPREMOTEIP=$1 TCPREMOTEHOST=${2-} send_plain "$BOB" >/dev/null
	[ "$(count bob)" = 1 ] || return 2
	message bob | grep -q '^DKIM-Signature: .*d=example\.test'
}

@test "S120 trusted-hosts: mail from a listed host is signed, from others not" {
	setting outbound_filters dkimsign
	run ! signed_from 192.0.2.1
	printf '%s\n' '# OpenDKIM TrustedHosts' 127.0.0.1 localhost ::1 \
		'192.0.2.0/24 # an office' '!192.0.2.7' 2001:db8::/32 \
		'*.example.com' mail.partner.test >"$BESACE_ETC/trusted-hosts"
	"$BIN/besace" maps
	local ip
	for ip in 127.0.0.1 127.0.0.9 ::1 192.0.2.1 2001:db8::9; do
		signed_from "$ip"
	done
	for ip in 192.0.2.7 192.0.3.1 2001:db9::1; do
		run -1 signed_from "$ip"
	done
	signed_from 198.51.100.1 a.example.com
	signed_from 198.51.100.1 Mail.Partner.test
	run -1 signed_from 198.51.100.1 example.com
	run -1 signed_from 198.51.100.1 mail.partner.test.evil.test
	has "$("$BIN/besace" settings)" '^trusted_hosts = !192\.0\.2\.7, '
}

@test "S120 a listed host may not relay, nor send in anybody's name" {
	echo 192.0.2.0/24 >"$BESACE_ETC/trusted-hosts"
	"$BIN/besace" maps
	relay_dialogue 192.0.2.1 '554 5\.7\.1' -s smtp
	export TCPREMOTEIP=192.0.2.1
	SENDER=$ALICE run -1 send_plain "$BOB" < <(mail_text)
	no_mail_at_all
}

@test "S120 the setting trusted_hosts and the file add up; a fault is named" {
	setting outbound_filters dkimsign
	setting trusted_hosts '203.0.113.0/24'
	signed_from 203.0.113.1
	echo 192.0.2.0/24 >"$BESACE_ETC/trusted-hosts"
	"$BIN/besace" maps
	signed_from 203.0.113.1
	signed_from 192.0.2.1
	printf '192.0.2.0/24\n192.0.2.0/33\n' >"$BESACE_ETC/trusted-hosts"
	run ! "$BIN/besace" maps
	has "$output" 'trusted-hosts:2: 192\.0\.2\.0/33: is neither an address or network'
}
