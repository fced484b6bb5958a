#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# relay inside TLS, and its logins.

load lib/helpers
load lib/certificates
load lib/dns
load lib/relay

setup_file()
{
	export CERTS=$BATS_FILE_TMPDIR/certs
	mkdir "$CERTS"
	authority ca
	authority stranger
	certificate mx.example.net ca
	certificate other.example ca
	certificate forged.example stranger
}

setup()
{
	relay_new -o "smtp_tls_CAfile=$CERTS/ca.pem" </dev/null
}

teardown()
{
	instance_stop
	relay_end
}

tls_server()
{
	server_start --tls "$CERTS/$1.pem" "$CERTS/$1.key"
}

# routes LINE...
routes()
{
	printf '%s\n' "$@" >"$BESACE_ETC/routes"
	"$BIN/besace" maps
}

one_mail()
{
	rm -f "$BESACE_VAR"/queue/*/aaa
	mail_text | queue_put aaa "${1-example.net}" "$ALICE" "${2-bob@example.net}" "${@:3}"
	run -0 relay "${1-example.net}" aaa || { cat "$(log_file)"; return 1; }
}

@test "TLS is used when it is offered, with any certificate, and logged" {
	tls_server forged.example </dev/null
	one_mail
	has "$output" ' relayed '
	logged 'result=relayed .*tls=TLSv1\.3:TLS_'
	is 'EHLO STARTTLS EHLO MAIL RCPT DATA dot QUIT' "$(cut -d ' ' -f 2 "$SERVER_LOG" | tr '\n' ' ' | sed 's/ $//')"
}

@test "none: no TLS though it is offered" {
	tls_server mx.example.net </dev/null
	setting smtp_tls_security_level none
	one_mail
	has "$output" ' relayed '
	hasnt "$(cat "$(log_file)")" ' tls='
	is 0 "$(grep -c STARTTLS "$SERVER_LOG")"
}

@test "may: in clear when it is not offered, refused, or fails" {
	local rule
	tls_server mx.example.net </dev/null
	for rule in 'EHLO reply 250 hostile.test' 'STARTTLS reply 454 4.7.0 not now' \
		'STARTTLS reply 502 5.5.1 what' 'STARTTLS after 220 go ahead' \
		'STARTTLS cut' 'EHLO:2@4 cut' 'EHLO+tls cut'; do
		echo "$rule" >"$RULES"
		one_mail
		has "$output" ' relayed '
	done
	logged 'no-session via=mx\.example\.net.* status=4\.7\.5 answer="no TLS with mx\.example\.net'
}

@test "encrypt: rather not at all" {
	local rule
	tls_server forged.example </dev/null
	setting smtp_tls_security_level encrypt
	one_mail
	has "$output" ' relayed '
	for rule in 'EHLO reply 250 hostile.test' 'STARTTLS reply 454 4.7.0 not now' \
		'STARTTLS after 220 go ahead'; do
		echo "$rule" >"$RULES"
		one_mail
		has "$output" ' deferred bob@example\.net "4\.7\.5 no TLS with mx\.example\.net'
	done
	is 1 "$(received)"
	is 1 "$(grep -c ' MAIL ' "$SERVER_LOG")"
}

@test "verify: a certificate of the host's name, by an authority, in its time" {
	setting smtp_tls_security_level verify
	tls_server mx.example.net </dev/null
	one_mail
	has "$output" ' relayed '
	server_stop
	tls_server other.example </dev/null
	one_mail
	has "$output" ' deferred .*"4\.7\.5 no TLS with .*: its certificate is for another name'
	routes 'example.net - tls=verify name=other.example'
	one_mail
	has "$output" ' relayed '
	server_stop
	tls_server forged.example </dev/null
	routes 'example.net - tls=verify name=forged.example'
	one_mail
	has "$output" ' deferred .*"4\.7\.5 no TLS with .*: .*certificate'
	setting smtp_tls_CAfile "$CERTS/stranger.pem"
	one_mail
	has "$output" ' relayed '
	run -0 setting smtp_tls_CAfile /nowhere
	has "$output" 'warning: smtp_tls_CAfile: cannot be read'
	one_mail
	has "$output" ' deferred .*"4\.7\.5 no TLS with .*: smtp_tls_CAfile has no authority that can be read'
}

# addressed [SAN]: a server's certificate has this, by an authority.
addressed()
{
	server_stop
	openssl x509 -req -in "$CERTS/other.example.csr" -CA "$CERTS/ca.pem" \
		-CAkey "$CERTS/ca.key" -CAcreateserial -days 2 -out "$CERTS/address.pem" \
		-extfile <(echo "subjectAltName=$1") 2>/dev/null
	server_start --tls "$CERTS/address.pem" "$CERTS/other.example.key" </dev/null
	routes "example.com [127.0.0.1]:$BESACE_SMTP_PORT user=me password=secret" \
		"example.org [127.0.0.1]:$BESACE_SMTP_PORT tls=verify name=other.example"
}

@test "verify: the certificate of a server by its address has that address" {
	setting smtp_tls_security_level verify
	addressed DNS:other.example,IP:192.0.2.1
	one_mail example.com bob@example.com
	has "$output" ' deferred '
	has "$output" 'IP address mismatch'
	one_mail '[127.0.0.1]' 'bob@[127.0.0.1]'
	has "$output" 'IP address mismatch'
	hasnt "$(cat "$SERVER_LOG")" 'AUTH|MAIL'
	one_mail example.org bob@example.org
	has "$output" ' relayed '
	addressed IP:127.0.0.1
	one_mail '[127.0.0.1]' 'bob@[127.0.0.1]'
	has "$output" ' relayed '
}

@test "verify: a certificate that has expired" {
	openssl x509 -req -in "$CERTS/mx.example.net.csr" -CA "$CERTS/ca.pem" -CAkey "$CERTS/ca.key" \
		-CAcreateserial -extfile <(echo subjectAltName=DNS:mx.example.net) -days -1 \
		-out "$CERTS/expired.pem" 2>/dev/null
	cp "$CERTS/mx.example.net.key" "$CERTS/expired.key"
	setting smtp_tls_security_level verify
	tls_server expired </dev/null
	one_mail
	has "$output" ' deferred .*"4\.7\.5 no TLS with .*: certificate has expired'
}

@test "what stands behind the reply to STARTTLS is dropped" {
	tls_server mx.example.net <<-'END'
	STARTTLS inject 250-injected\r\n250 AUTH PLAIN\r\n
	END
	routes 'example.net - tls=encrypt'
	one_mail
	has "$output" ' relayed .*"250 2\.0\.0 taken"'
	logged 'result=relayed .*tls=TLSv1'
}

@test "REQUIRETLS: inside a verified connection to a server that keeps to it" {
	tls_server mx.example.net <<-'END'
	EHLO+tls reply 250-hostile.test\n250 REQUIRETLS
	END
	routes 'example.net - tls=verify'
	one_mail example.net bob@example.net -- 'Require-Tls: yes'
	has "$output" ' relayed '
	is 'MAIL FROM:<alice@example.test> REQUIRETLS' "$(sed -n 's/^[0-9]* MAIL //p' "$SERVER_LOG")"
	routes 'example.net - tls=encrypt'
	one_mail example.net bob@example.net -- 'Require-Tls: yes'
	has "$output" ' failed bob@example\.net "5\.7\.30 '
	: >"$RULES"
	routes 'example.net - tls=verify'
	one_mail example.net bob@example.net -- 'Require-Tls: yes'
	has "$output" ' failed bob@example\.net "5\.7\.30 '
}

# ---- logins

# submission MECHANISM...: our own server, which offers these.
submission()
{
	printf '%s\n' "$ALICE:{PLAIN}secret, =word" "$BOB:{PLAIN}x" >"$BESACE_ETC/passwords"
	setting auth_mechanisms "$*"
	instance_serve
	# a queue that the instance's own queue-run does not see
	export BESACE_VAR=$BATS_TEST_TMPDIR/var
	queue_make
	server_log_and_route "tls=encrypt"
}

server_log_and_route()
{
	routes "example.test [127.0.0.1]:$SUBMISSION $1 user=$ALICE password=secret, =word"
}

@test "logs in to our own server by each mechanism" {
	local m
	submission plain login cram-md5 scram-sha-256
	for m in plain login cram-md5 scram-sha-256 scram-sha-256-plus; do
		setting auth_mechanisms "$m"
		one_mail example.test "$BOB"
		has "$output" ' relayed '
		serve_logged "mechanism=\"?$m|$(tr a-z A-Z <<<"$m")"
	done
	is 5 "$(count bob)"
	routes "example.test [127.0.0.1]:$SUBMISSION tls=encrypt user=$ALICE password=wrong"
	for m in plain login cram-md5 scram-sha-256 scram-sha-256-plus; do
		setting auth_mechanisms "$m"
		one_mail example.test "$BOB"
		has "$output" ' deferred bob@example\.test "535 4\.'
	done
	is 5 "$(count bob)"
}

@test "SCRAM binds to the channel, and says when it could and was not offered to" {
	submission scram-sha-256 scram-sha-256-plus
	one_mail example.test "$BOB"
	has "$output" ' relayed '
	serve_logged 'mechanism=SCRAM-SHA-256-PLUS'
	# somebody in between, who keeps the offer to himself
	server_start --tls "$CERTS/mx.example.net.pem" "$CERTS/mx.example.net.key" <<-'END'
	EHLO+tls reply 250-hostile.test\n250 AUTH SCRAM-SHA-256
	AUTH reply 535 5.7.8 no
	END
	routes "example.net [127.0.0.1]:$BESACE_SMTP_PORT tls=encrypt user=a password=b"
	one_mail
	is 'y,,n=a' "$(sed -n 's/^[0-9]* AUTH AUTH SCRAM-SHA-256 //p' "$SERVER_LOG" | base64 -d | cut -d , -f 1-3)"
	# the administrator does not want it: then it is as if we could not
	setting smtp_sasl_mechanism_filter 'scram-sha-256 plain'
	sed -i 's/AUTH SCRAM-SHA-256/AUTH SCRAM-SHA-256-PLUS SCRAM-SHA-256/' "$RULES"
	: >"$SERVER_LOG"
	one_mail
	is 'n,,n=a' "$(sed -n 's/^[0-9]* AUTH AUTH SCRAM-SHA-256 //p' "$SERVER_LOG" | base64 -d | cut -d , -f 1-3)"
	setting smtp_sasl_mechanism_filter 'cram-md5'
	one_mail
	has "$output" ' deferred .*"4\.7\.0 no login at .*: it offers no way that we may use'
	setting smtp_sasl_mechanism_filter 'scram-sha-256 plain'
	server_log_and_route 'tls=encrypt'
	one_mail example.test "$BOB"
	has "$output" ' relayed '
	serve_logged 'mechanism=SCRAM-SHA-256( |$)'
}

@test "smtps: TLS from the start, with a login; never in clear" {
	submission plain
	routes "example.test smtps:[127.0.0.1]:$SUBMISSIONS tls=encrypt user=$ALICE password=secret, =word"
	one_mail example.test "$BOB"
	has "$output" ' relayed '
	is 1 "$(count bob)"
	logged 'result=relayed .*tls=TLSv1\.3:'
	# verified, when nothing else is said
	routes "smtps:[127.0.0.1]:$SUBMISSIONS user=$ALICE password=secret, =word"
	setting relayhost "smtps:[127.0.0.1]:$SUBMISSIONS"
	one_mail example.test "$BOB"
	has "$output" ' deferred .*"4\.7\.5 no TLS with .*certificate'
	# a server that does not begin with TLS
	setting relayhost "smtps:[127.0.0.1]:$SUBMISSION"
	setting smtp_tls_security_level none
	setting smtp_helo_timeout 2s
	setting smtp_starttls_timeout 2s
	one_mail example.test "$BOB"
	has "$output" ' deferred .*"4\.7\.5 no TLS with'
	is 1 "$(count bob)"
}

@test "credentials go nowhere that is not verified, unless it is said" {
	submission plain
	server_log_and_route ''
	one_mail example.test "$BOB"
	has "$output" ' deferred .*"4\.7\.5 no TLS'
	is 0 "$(count bob)"
	server_log_and_route 'tls=none'
	one_mail example.test "$BOB"
	has "$output" ' deferred .*"4\.7\.0 no login at .*: not outside TLS'
	server_log_and_route 'tls=none auth=clear'
	one_mail example.test "$BOB"
	has "$output" ' relayed '
	is 1 "$(count bob)"
}

@test "a login is for whom the administrator named, wherever MX records lead" {
	tls_server mx.example.net <<<'EHLO+tls reply 250-hostile.test\n250 AUTH PLAIN'
	routes "example.com example.net:$BESACE_SMTP_PORT user=me password=secret"
	one_mail example.com bob@example.com
	has "$output" ' deferred .*hostname mismatch'
	hasnt "$(cat "$SERVER_LOG")" AUTH
	routes "example.com example.net:$BESACE_SMTP_PORT name=mx.example.net user=me password=secret"
	one_mail example.com bob@example.com
	has "$(cat "$SERVER_LOG")" AUTH
	routes "example.com mx.example.net:$BESACE_SMTP_PORT user=me password=secret"
	one_mail example.com bob@example.com
	hasnt "$output" 'hostname mismatch'
	is 2 "$(grep -c AUTH "$SERVER_LOG")"
}

@test "AUTH: a server without it, with mechanisms we do not know, that breaks off" {
	local rule
	server_start </dev/null
	routes "example.net [127.0.0.1]:$BESACE_SMTP_PORT tls=none auth=clear user=a password=b"
	one_mail
	has "$output" ' deferred .*"4\.7\.0 no login at .*: it offers no way'
	for rule in 'reply 334 !!!' 'reply 334 aGFsbG8=' 'reply 535 5.7.8 no' 'cut' \
		'reply 454 4.7.0 later' 'reply 500 what'; do
		printf '%s\n' 'EHLO reply 250-hostile.test\n250 AUTH XOAUTH2 PLAIN' "AUTH $rule" >"$RULES"
		one_mail
		has "$output" ' deferred '
	done
	# a server that did not prove that it knows the password
	printf '%s\n' 'EHLO reply 250-hostile.test\n250 AUTH SCRAM-SHA-256' 'AUTH reply 235 welcome' >"$RULES"
	one_mail
	has "$output" ' deferred .*it does not know the password'
	printf '%s\n' 'EHLO reply 250-hostile.test\n250 AUTH=PLAIN' 'AUTH reply 235 welcome' >"$RULES"
	one_mail
	has "$output" ' relayed '
	is 'AUTH PLAIN AGEAYg==' "$(sed -n 's/^[0-9]* AUTH //p' "$SERVER_LOG" | tail -n 1)"
	is 1 "$(received)"
}

@test "the password is in no line of the log and in no result" {
	submission plain
	routes "example.test [127.0.0.1]:$SUBMISSION tls=encrypt user=$ALICE password=geheimnis"
	one_mail example.test "$BOB"
	hasnt "$output$(cat "$(log_file)")" geheimnis
}
