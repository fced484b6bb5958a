#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# TLS as every service has it, by the eyes of openssl s_client: certificates by
# name, their renewal, versions, resumption, what is switched off.

load lib/helpers

setup_file()
{
	instance_new
	local name
	for name in global other renewed; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
			-nodes -days 2 -subj "/CN=$name.test" \
			-keyout "$BESACE_ETC/$name.key" \
			-out "$BESACE_ETC/$name.pem" 2>/dev/null
	done
	printf '* global.pem global.key\n' >"$BESACE_ETC/certificates"
	"$BIN/besace" maps
	instance_serve
}

teardown_file()
{
	instance_stop
}

# Sets WHERE to the options of s_client for each service in turn.
services()
{
	printf '%s\n' "-connect 127.0.0.1:$SUBMISSIONS" \
		"-connect 127.0.0.1:$IMAPS" \
		"-starttls smtp -connect 127.0.0.1:$SMTP" \
		"-starttls smtp -connect 127.0.0.1:$SUBMISSION" \
		"-starttls imap -connect 127.0.0.1:$IMAP"
}

# client WHERE [OPTION]...: s_client's report of one handshake.
client()
{
	local where=$1
	shift
	# shellcheck disable=SC2086 # WHERE is several words
	timeout 20 openssl s_client $where "$@" </dev/null 2>&1
}

# subject WHERE [OPTION]...
subject()
{
	client "$@" | sed -n 's/^subject=CN = //p'
}

certificates()
{
	printf '%s\n' "$@" >"$BESACE_ETC/certificates"
	"$BIN/besace" maps
}

@test "S97 S99: the one global pair serves every name, and clients that send none" {
	local where
	while read -r where; do
		is global.test "$(subject "$where" -noservername)"
		is global.test "$(subject "$where" -servername mail.other.test)"
	done < <(services)
}

@test "S68 S98 S99: the certificate of the name that is asked for, on every service" {
	local where
	certificates '* global.pem global.key' 'mail.other.test other.pem other.key'
	while read -r where; do
		is other.test "$(subject "$where" -servername mail.other.test)"
		is other.test "$(subject "$where" -servername MAIL.Other.TEST)"
		is global.test "$(subject "$where" -servername elsewhere.test)"
		is global.test "$(subject "$where" -noservername)"
	done < <(services)
	certificates '* global.pem global.key'
}

@test "S99: the certificate of the name, also where its key is of another kind than the default's" {
	local where option
	for option in 'rsa rsa_keygen_bits:2048' ed25519; do
		# shellcheck disable=SC2086 # two words
		key_pair $option
		certificates '* global.pem global.key' 'mail.kind.test live.pem live.key'
		while read -r where; do
			is kind.test "$(subject "$where" -servername mail.kind.test)"
			is global.test "$(subject "$where" -noservername)"
		done < <(services)
	done
	certificates '* global.pem global.key'
}

@test "a renewed certificate file is seen at the next connection, with nothing reloaded" {
	cp "$BESACE_ETC/global.pem" "$BESACE_ETC/live.pem"
	cp "$BESACE_ETC/global.key" "$BESACE_ETC/live.key"
	certificates '* live.pem live.key'
	is global.test "$(subject "-connect 127.0.0.1:$IMAPS")"
	cp "$BESACE_ETC/renewed.key" "$BESACE_ETC/live.key"
	cp "$BESACE_ETC/renewed.pem" "$BESACE_ETC/live.pem"
	is renewed.test "$(subject "-connect 127.0.0.1:$IMAPS")"
	is renewed.test "$(subject "-starttls smtp -connect 127.0.0.1:$SMTP")"
	certificates '* global.pem global.key'
}

@test "a key that does not fit is refused by besace maps; later it is 454, and mail in clear goes on" {
	cp "$BESACE_ETC/global.pem" "$BESACE_ETC/live.pem"
	cp "$BESACE_ETC/global.key" "$BESACE_ETC/live.key"
	certificates '* live.pem live.key'
	cp "$BESACE_ETC/other.key" "$BESACE_ETC/live.key"
	run ! "$BIN/besace" maps
	has "$output" 'certificates:1:'
	smtp_dialogue <<-END
	S: 220
	C: EHLO client.example
	S* 250
	C: STARTTLS
	S: 454 4.7.0
	C: MAIL FROM:<carol@elsewhere.test>
	S* 250
	C: QUIT
	S* 221
	END
	logged 'tls-unavailable'
	logged ' error what="offer TLS .* object=certificates reason='
	certificates '* global.pem global.key'
}

@test "S99: a key that does not fit the name that is asked for is an error in the log" {
	cp "$BESACE_ETC/other.pem" "$BESACE_ETC/live.pem"
	cp "$BESACE_ETC/other.key" "$BESACE_ETC/live.key"
	certificates '* global.pem global.key' 'mail.other.test live.pem live.key'
	cp "$BESACE_ETC/global.key" "$BESACE_ETC/live.key"
	is '' "$(subject "-connect 127.0.0.1:$IMAPS" -servername mail.other.test)"
	wait_until 20 serve_logged ' error what="offer TLS .* object=certificates reason='
	is global.test "$(subject "-connect 127.0.0.1:$IMAPS" -noservername)"
	certificates '* global.pem global.key'
}

# key_pair ALGORITHM [OPTION]: becomes the default pair.
key_pair()
{
	openssl req -x509 -newkey "$1" ${2:+-pkeyopt "$2"} -nodes -days 2 \
		-subj "/CN=kind.test" -keyout "$BESACE_ETC/live.key" \
		-out "$BESACE_ETC/live.pem" 2>/dev/null
}

@test "every kind of key, cipher and group that a client may come with" {
	local option where="-connect 127.0.0.1:$SUBMISSIONS"
	key_pair ed25519
	certificates '* live.pem live.key'
	for option in 'rsa rsa_keygen_bits:2048' 'rsa-pss rsa_keygen_bits:2048' \
		'ec ec_paramgen_curve:P-256' 'ec ec_paramgen_curve:P-521' \
		ed25519 ed448; do
		# shellcheck disable=SC2086 # two words
		key_pair $option
		has "$(client "$where" -tls1_3)" 'New, TLSv1\.3'
		has "$(client "$where" -tls1_2)" 'New, TLSv1\.2'
	done
	key_pair rsa rsa_keygen_bits:2048
	for option in '-groups X25519' '-groups P-256' '-groups P-384' \
		'-groups P-521' '-groups X448' '-groups ffdhe2048' \
		'-ciphersuites TLS_AES_128_GCM_SHA256' \
		'-ciphersuites TLS_CHACHA20_POLY1305_SHA256' \
		'-sigalgs RSA-PSS+SHA512'; do
		# shellcheck disable=SC2086
		has "$(client "$where" -tls1_3 $option)" 'New, TLSv1\.3'
	done
	for option in ECDHE-RSA-AES256-GCM-SHA384 ECDHE-RSA-CHACHA20-POLY1305 \
		ECDHE-RSA-AES128-SHA256 ECDHE-RSA-AES256-SHA DHE-RSA-AES128-SHA \
		DHE-RSA-AES128-GCM-SHA256 AES128-GCM-SHA256 AES256-SHA; do
		has "$(client "$where" -tls1_2 -cipher "$option")" \
			"Cipher is $option"
	done
	certificates '* global.pem global.key'
}

# pair_serves: what is in live.pem and live.key now, as the default pair.
pair_serves()
{
	certificates '* live.pem live.key'
	is kind.test "$(subject "-connect 127.0.0.1:$SUBMISSIONS" -tls1_3)"
	is kind.test "$(subject "-connect 127.0.0.1:$IMAPS" -tls1_2)"
}

@test "a key in each form that its file may have" {
	local key=$BESACE_ETC/live.key form
	for form in 'ec ec_paramgen_curve:P-384' 'rsa rsa_keygen_bits:2048'; do
		# shellcheck disable=SC2086 # two words
		key_pair $form
		pair_serves
		openssl "${form%% *}" -in "$key" -out "$key.old" \
			"$([[ $form == rsa* ]] && echo -traditional || echo -text)" \
			2>/dev/null
		mv "$key.old" "$key"
		pair_serves
	done
	# with its parameters before it, as "openssl ecparam -genkey" has it
	openssl ecparam -name prime256v1 -genkey -out "$key" 2>/dev/null
	openssl req -x509 -key "$key" -subj /CN=kind.test -days 2 \
		-out "$BESACE_ETC/live.pem" 2>/dev/null
	has "$(<"$key")" 'BEGIN EC PARAMETERS'
	pair_serves
	# a key without its public part, and one file for all
	openssl ec -in "$key" -no_public -out "$key.less" 2>/dev/null
	cat "$BESACE_ETC/live.pem" >>"$key.less"
	mv "$key.less" "$key"
	cp "$key" "$BESACE_ETC/live.pem"
	pair_serves
	certificates '* global.pem global.key'
}

@test "TLS 1.2 and 1.3 and nothing older, on every service; ssl_min_protocol" {
	local where
	while read -r where; do
		has "$(client "$where" -tls1_3)" 'New, TLSv1\.3'
		has "$(client "$where" -tls1_2)" 'New, TLSv1\.2'
		has "$(client "$where" -tls1_1 -cipher DEFAULT@SECLEVEL=0)" \
			'Cipher is \(NONE\)'
		has "$(client "$where" -tls1 -cipher DEFAULT@SECLEVEL=0)" \
			'Cipher is \(NONE\)'
	done < <(services)
	setting ssl_min_protocol TLSv1.3
	while read -r where; do
		has "$(client "$where" -tls1_3)" 'New, TLSv1\.3'
		has "$(client "$where" -tls1_2)" 'Cipher is \(NONE\)'
	done < <(services)
	setting ssl_min_protocol TLSv1.2
}

@test "no compression; a client's ALPN, whatever it asks for, is no obstacle" {
	local where report
	while read -r where; do
		report=$(client "$where" -tls1_2 -alpn h2,smtp)
		has "$report" 'Compression: NONE'
		has "$report" 'New, TLSv1\.2'
		has "$(client "$where" -alpn smtp,imap)" 'New, TLSv1\.3'
	done < <(services)
}

@test "a client cannot renegotiate" {
	local where
	while read -r where; do
		# shellcheck disable=SC2086 # WHERE is several words
		run timeout 20 openssl s_client -tls1_2 $where \
			< <(sleep 1; echo R; sleep 1)
		has "$output" RENEGOTIATING
		has "$output" 'no renegotiation'
	done < <(services)
}

# resume WHERE VERSION: "Reused" or "New", from a ticket taken before.
resume()
{
	client "$1" "$2" -sess_in "$BATS_TEST_TMPDIR/ticket" |
		sed -n 's/^\(New\|Reused\), TLS.*/\1/p'
}

# take_ticket WHERE VERSION: TLS 1.3 sends it behind the handshake.
take_ticket()
{
	# shellcheck disable=SC2086 # WHERE is several words
	timeout 20 openssl s_client $1 "$2" -sess_out "$BATS_TEST_TMPDIR/ticket" \
		< <(sleep 0.5) >/dev/null 2>&1
}

# A file made as if this many hours ago.
age_keys()
{
	touch -d "-$1 hours" "$BESACE_VAR/ticket-keys"
}

@test "a ticket of one process is taken by the next, until its key is two changes old" {
	local where version
	while read -r where; do
		for version in -tls1_2 -tls1_3; do
			take_ticket "$where" "$version"
			is Reused "$(resume "$where" "$version")"
		done
	done < <(services)
	where="-connect 127.0.0.1:$SUBMISSIONS"
	take_ticket "$where" -tls1_2
	age_keys 13
	is Reused "$(resume "$where" -tls1_2)"
	age_keys 13
	is New "$(resume "$where" -tls1_2)"
}

@test "S86: openssl s_client shows the greeting of imaps" {
	run -0 timeout 20 openssl s_client -quiet -connect "127.0.0.1:$IMAPS" \
		< <(sleep 0.5; printf 'a LOGOUT\r\n')
	has "$output" '^\* OK '
}

@test "S56: on the submission port STARTTLS comes before AUTH, and TLS before both are done" {
	instance_new -o disable_plaintext_auth=yes
	smtp_dialogue -s submission <<-END
	S: 220
	C: EHLO client.example
	S! 250 AUTH
	C: AUTH PLAIN $ALICE_PLAIN
	S* 538
	C: MAIL FROM:<$ALICE>
	S* 530
	C: QUIT
	S* 221
	END
}
