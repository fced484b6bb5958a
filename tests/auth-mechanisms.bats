#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# SASL over SMTP and IMAP: what is offered, and the mechanisms that never send
# the password.

load lib/helpers

SECRET=correct-horse

setup_file()
{
	instance_new -d "$BATS_FILE_TMPDIR/instance" -o disable_plaintext_auth=yes
	passwords PLAIN
	instance_serve
}

teardown_file()
{
	instance_stop
}

setup()
{
	instance_use "$BATS_FILE_TMPDIR/instance"
	passwords PLAIN
	mail_clear
}

# stored SCHEME: the hash of $SECRET, as Dovecot makes it.
stored()
{
	case $1 in
	PLAIN) echo "{PLAIN}$SECRET" ;;
	CRAM-MD5) echo '{CRAM-MD5}06b2823449e3b836b8c64139791a7c7e1c79fbd5cb283896fdc35a7580dc487e' ;;
	SCRAM-SHA-256) echo '{SCRAM-SHA-256}4096,qls1UGsBM5V/7FZ3siPovw==,TrkJwromxYvEHOfY5U1Kvrx8uM+uLU3CMbhdxzb6NNs=,oBJuzeAMUUlbnAcZYC5Qb2lTAH9FT5O0S6fXZk1O320=' ;;
	CRYPT) echo '{SHA512-CRYPT}$6$oxDgsxABo2KPKD/y$NlAHvKIKV5OhkI.OQM4nPiDA9rZCWeFZD5EsZy0fGcDkR/S3hb2HxvQG7avlVwx.cYO8BiTDmK9IjcdgOBDDa.' ;;
	esac
}

# passwords ALICE-SCHEME [BOB-SCHEME]: the table.
passwords()
{
	{
		echo "$ALICE:$(stored "$1")"
		echo "$BOB:$(stored "${2-$1}")"
	} >"$BESACE_ETC/passwords"
	"$BIN/besace" maps
}

# offered PORT [tls]: the names behind AUTH, or those of AUTH=.
smtp_offers()
{
	tr -d '\r' <<<"$(printf 'EHLO a.example\r\nQUIT\r\n' | smtp_session -s submission)" |
		sed -n 's/^250[- ]AUTH //p'
}

smtp_tls_offers()
{
	"$LIB/scram" --tls --mechanism NONE "127.0.0.1:$SUBMISSIONS" x x |
		sed -n 's/^250[- ]AUTH //p'
}

imap_offers()
{
	printf 'a LOGOUT\r\n' | imap_session | grep -oE 'AUTH=[^] ]*|LOGINDISABLED' | xargs
}

imap_tls_offers()
{
	"$LIB/scram" --imap --tls --mechanism NONE "127.0.0.1:$IMAPS" x x |
		head -n 1 | grep -oE 'AUTH=[^] ]*|LOGINDISABLED' | xargs
}

# scram_as USER PASSWORD [OPTION]...: by SMTP in TLS.
scram_as()
{
	"$LIB/scram" --tls "127.0.0.1:$SUBMISSIONS" "$@"
}

scram()
{
	scram_as "$ALICE" "$SECRET" "$@"
}

refused()
{
	run "$@"
	[ "$status" -ne 0 ]
	has "$output" '^535 5\.7\.8 Authentication failed$'
	hasnt "$output" '^235'
}

certificate()
{
	echo "$BESACE_ETC/tls/example.test.crt"
}

# ---- what is offered

@test "S42 S89: every mechanism that all passwords can do is offered, SMTP and IMAP alike" {
	is 'PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256 SCRAM-SHA-256-PLUS' "$(smtp_tls_offers)"
	is 'AUTH=PLAIN AUTH=LOGIN AUTH=CRAM-MD5 AUTH=SCRAM-SHA-256 AUTH=SCRAM-SHA-256-PLUS' \
		"$(imap_tls_offers)"
	passwords SCRAM-SHA-256 PLAIN
	is 'PLAIN LOGIN SCRAM-SHA-256 SCRAM-SHA-256-PLUS' "$(smtp_tls_offers)"
	passwords CRAM-MD5 PLAIN
	is 'PLAIN LOGIN CRAM-MD5' "$(smtp_tls_offers)"
	passwords CRAM-MD5 SCRAM-SHA-256
	is 'PLAIN LOGIN' "$(smtp_tls_offers)"
	passwords PLAIN CRYPT
	is 'PLAIN LOGIN' "$(smtp_tls_offers)"
	is 'AUTH=PLAIN AUTH=LOGIN' "$(imap_tls_offers)"
}

@test "S43: without TLS no mechanism that sends the password, and none is taken" {
	is 'CRAM-MD5 SCRAM-SHA-256' "$(smtp_offers)"
	is 'LOGINDISABLED AUTH=CRAM-MD5 AUTH=SCRAM-SHA-256' "$(imap_offers)"
	passwords CRYPT
	is '' "$(smtp_offers)"
	is 'LOGINDISABLED' "$(imap_offers)"
	smtp_dialogue -s submission <<-END
	S* 220
	C: EHLO client.example
	S! 250 AUTH
	C: AUTH PLAIN $(auth_plain "$ALICE" "$SECRET")
	S* 538 5\.7\.11
	C: AUTH LOGIN
	S* 538
	C: AUTH SCRAM-SHA-256-PLUS
	S* 504
	C: AUTH ANONYMOUS
	S* 504
	C: QUIT
	S* 221
	END
	imap_dialogue <<-END
	S: * OK
	C: a AUTHENTICATE PLAIN $(auth_plain "$ALICE" "$SECRET")
	S: a NO [PRIVACYREQUIRED]
	C: b AUTHENTICATE SCRAM-SHA-256-PLUS
	S: b NO [CANNOT]
	C: c AUTHENTICATE ANONYMOUS
	S: c NO [CANNOT]
	END
}

@test "auth_mechanisms is a choice of them; what is none is told" {
	setting auth_mechanisms 'scram-sha-256-plus, PLAIN'
	is 'PLAIN SCRAM-SHA-256-PLUS' "$(smtp_tls_offers)"
	is '' "$(smtp_offers)"
	run scram
	has "$output" '^504'
	setting auth_mechanisms 'scram-sha-256'
	is 'LOGINDISABLED AUTH=SCRAM-SHA-256' "$(imap_tls_offers)"
	smtp_tls_dialogue <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN $(auth_plain "$ALICE" "$SECRET")
	S* 504
	C: QUIT
	S* 221
	END
	"$LIB/transcript" --tls --log "$(log_file)" - -- "$BIN/imap-session" -t <<-END
	S: * OK
	C: a LOGIN $ALICE $SECRET
	S: a NO [CANNOT]
	END
	run setting auth_mechanisms 'plain gssapi'
	[ "$status" -eq 78 ]
	has "$output" 'settings:[0-9]+: .*mechanisms are plain, login'
	sed -i '/^auth_mechanisms/d' "$BESACE_ETC/settings"
	"$BIN/besace" maps
}

@test "a trial instance whose passwords can do SCRAM" {
	instance_new -d "$BATS_TEST_TMPDIR/scram" -o password_scheme=SCRAM-SHA-256
	is 'AUTH=PLAIN AUTH=LOGIN AUTH=SCRAM-SHA-256' "$(imap_offers)"
	run -73 "$BIN/besace" init "$BATS_TEST_TMPDIR/none" -o password_scheme=NONE
	has "$output" 'unable to make passwords'
}

@test "a table made before there were notes offers PLAIN and LOGIN only" {
	cdb -d "$BESACE_ETC/passwords.cdb" | grep -avP '\x00' >"$BATS_TEST_TMPDIR/dump"
	cdb -c "$BESACE_ETC/passwords.cdb" "$BATS_TEST_TMPDIR/dump"
	is 'PLAIN LOGIN' "$(smtp_tls_offers)"
	is '' "$(smtp_offers)"
}

# ---- SCRAM

@test "S90: SCRAM-SHA-256 against PLAIN and SCRAM-SHA-256, SMTP and IMAP, with and without TLS" {
	passwords SCRAM-SHA-256 PLAIN
	local user
	for user in "$ALICE" "$BOB" ALICE@Example.Test; do
		scram_as "$user" "$SECRET"
		"$LIB/scram" "127.0.0.1:$SUBMISSION" "$user" "$SECRET"
		"$LIB/scram" --imap "127.0.0.1:$IMAP" "$user" "$SECRET"
		"$LIB/scram" --imap --tls "127.0.0.1:$IMAPS" "$user" "$SECRET"
	done
	refused scram_as "$ALICE" wrong
	refused scram_as "$BOB" wrong
	run "$LIB/scram" --imap --tls "127.0.0.1:$IMAPS" "$BOB" wrong
	has "$output" '^a NO \[AUTHENTICATIONFAILED\]'
	serve_logged 'login result=failed .*mechanism=SCRAM-SHA-256 reason="wrong password"'
}

@test "S90: gsasl by SCRAM-SHA-256 and -PLUS, SMTP and IMAP" {
	needs gsasl
	passwords SCRAM-SHA-256 PLAIN
	local protocol port user
	for protocol in smtp imap; do
		port=$SUBMISSION
		[ "$protocol" = smtp ] || port=$IMAP
		for user in "$ALICE" "$BOB"; do
			run -0 gsasl_login --$protocol -m SCRAM-SHA-256-PLUS -a "$user"
			has "$output" 'server trusted'
			run -0 gsasl_login --$protocol --no-cb -m SCRAM-SHA-256 -a "$user"
			has "$output" 'server trusted'
		done
	done
	serve_logged 'login result=ok .*mechanism=SCRAM-SHA-256-PLUS'
}

gsasl_login()
{
	timeout 20 gsasl "$@" -p "$SECRET" --x509-ca-file="$(certificate)" \
		--connect "localhost:$port" </dev/null
}

@test "SCRAM-SHA-256-PLUS is bound to the channel" {
	refused scram --mechanism SCRAM-SHA-256-PLUS --header 'p=tls-exporter,,'
	serve_logged 'reason="channel binding or nonce does not fit"'
	refused scram --mechanism SCRAM-SHA-256-PLUS --header 'p=tls-exporter,,' \
		--binding 01234567890123456789012345678901
	refused scram --mechanism SCRAM-SHA-256-PLUS --header 'p=tls-unique,,'
	serve_logged 'reason="channel binding other than tls-exporter"'
	refused scram --mechanism SCRAM-SHA-256-PLUS --header 'n,,'
	refused scram --header 'p=tls-exporter,,'
	refused scram --header 'n,,' --binding more
}

@test "a client that was not shown SCRAM-SHA-256-PLUS is refused where it is offered" {
	refused scram --header 'y,,'
	serve_logged 'reason="downgrade: '
	"$LIB/scram" --header 'y,,' "127.0.0.1:$SUBMISSION" "$ALICE" "$SECRET"
	setting auth_mechanisms 'plain scram-sha-256'
	scram --header 'y,,'
	sed -i '/^auth_mechanisms/d' "$BESACE_ETC/settings"
	"$BIN/besace" maps
}

@test "TLS 1.2 has no tls-exporter by default: no SCRAM-SHA-256-PLUS there" {
	run -0 scram --tls12 --header 'y,,'
	has "$output" 'AUTH .*SCRAM-SHA-256$'
	run scram --tls12 --mechanism SCRAM-SHA-256-PLUS
	has "$output" '^504'
}

@test "SCRAM: messages that are none, another nonce, another proof" {
	refused scram --nonce x
	refused scram --server-nonce rOprNGfwEbeRWgbNEkqO
	refused scram --proof ''
	refused scram --proof AAAA
	refused scram --proof AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
	refused scram --header 'n,a=bob@example.test,'
	refused scram --header 'n,x=y,'
	refused scram --header 'n,,m=ext,'
	refused scram --header ''
	scram --header "n,a=$ALICE,"
}

@test "SCRAM: an unknown user has a salt like any other, always the same" {
	local kind
	for kind in PLAIN SCRAM-SHA-256; do
		passwords "$kind"
		shown nobody@example.test >"$BATS_TEST_TMPDIR/1"
		shown NOBODY@example.test >"$BATS_TEST_TMPDIR/2"
		shown nobody2@example.test >"$BATS_TEST_TMPDIR/3"
		shown "$ALICE" >"$BATS_TEST_TMPDIR/4"
		cmp "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/2"
		run ! cmp -s "$BATS_TEST_TMPDIR/1" "$BATS_TEST_TMPDIR/3"
		# as long as a known one, and as many rounds
		is "$(sed 's/s=[^,]*==//' "$BATS_TEST_TMPDIR/1")" \
			"$(sed 's/s=[^,]*==//' "$BATS_TEST_TMPDIR/4")"
		has "$(cat "$BATS_TEST_TMPDIR/1")" '^s=[A-Za-z0-9+/]{22}==,i=4096$'
	done
	is 600 "$(stat -c %a "$BESACE_VAR/auth-secret")"
	refused scram_as nobody@example.test "$SECRET"
	serve_logged 'user=nobody@example.test mechanism=SCRAM-SHA-256 reason="unknown user"'
}

# What SCRAM shows of a login: "s=SALT,i=ROUNDS".
shown()
{
	{ scram_as "$1" wrong || true; } | sed -n 's/^  r=[^,]*,//p'
}

@test "SCRAM: cancelled at any step, also behind the server's proof" {
	run scram --last '*' --then "MAIL FROM:<$ALICE>"
	has "$output" '^501 5\.7\.0'
	has "$output" '^530 5\.7\.0'
	run scram --last 'AAAA' --then "MAIL FROM:<$ALICE>"
	has "$output" '^535 5\.7\.8'
	has "$output" '^530 5\.7\.0'
	run -0 scram --then "MAIL FROM:<$ALICE>"
	has "$output" '^250 2\.1\.0'
	run "$LIB/scram" --imap --last '*' --then 'SELECT INBOX' \
		"127.0.0.1:$IMAP" "$ALICE" "$SECRET"
	has "$output" '^a BAD Cancelled'
	has "$output" '^a BAD Unknown command'
}

@test "no secret of this server: SCRAM is for later, other logins work" {
	scram # which makes it
	mv "$BESACE_VAR/auth-secret" "$BESACE_VAR/away"
	echo short >"$BESACE_VAR/auth-secret"
	run scram
	has "$output" '^454 4\.7\.0'
	serve_logged 'read or make the secret of logins'
	rm "$BESACE_VAR/auth-secret"
	mkfifo "$BESACE_VAR/auth-secret"
	run scram
	has "$output" '^454 4\.7\.0'
	rm "$BESACE_VAR/auth-secret"
	mv "$BESACE_VAR/away" "$BESACE_VAR/auth-secret"
	scram
}

# ---- CRAM-MD5

@test "S90: CRAM-MD5 by swaks, against PLAIN and CRAM-MD5" {
	needs swaks
	local kind
	for kind in PLAIN CRAM-MD5; do
		passwords "$kind"
		run -0 swaks --server 127.0.0.1 --port "$SUBMISSIONS" -tlsc \
			--from "$ALICE" --to "$BOB" --auth CRAM-MD5 \
			--auth-user "$ALICE" --auth-password "$SECRET" --timeout 20
		run -28 swaks --server 127.0.0.1 --port "$SUBMISSIONS" -tlsc \
			--from "$ALICE" --to "$BOB" --auth CRAM-MD5 \
			--auth-user "$ALICE" --auth-password wrong --timeout 20
		has "$output" '535 5\.7\.8'
	done
	is 2 "$(count bob)"
}

@test "S90: CRAM-MD5 by Python's smtplib and imaplib, and gsasl" {
	needs python3
	python3 - "$SUBMISSION" "$IMAP" "$ALICE" "$SECRET" <<-'END'
	import imaplib, smtplib, sys
	submission, imap, user, password = sys.argv[1:]
	client = smtplib.SMTP("127.0.0.1", int(submission))
	client.ehlo()
	client.user, client.password = user, password
	code, _ = client.auth("CRAM-MD5", client.auth_cram_md5)
	assert code == 235, code
	client.quit()
	client = imaplib.IMAP4("127.0.0.1", int(imap))
	assert client.login_cram_md5(user, password)[0] == "OK"
	client.select()
	client.logout()
	END
	needs gsasl
	port=$SUBMISSION run -0 gsasl_login --smtp -m CRAM-MD5 -a "$ALICE"
	port=$IMAP run -0 gsasl_login --imap -m CRAM-MD5 -a "$BOB"
}

@test "CRAM-MD5: each challenge is another, and answered once" {
	printf 'EHLO a\r\nAUTH CRAM-MD5\r\n*\r\nAUTH CRAM-MD5\r\n*\r\nQUIT\r\n' |
		smtp_session -s submission | tr -d '\r' >"$BATS_TEST_TMPDIR/out"
	is 2 "$(grep -c '^334 ' "$BATS_TEST_TMPDIR/out")"
	is 2 "$(grep '^334 ' "$BATS_TEST_TMPDIR/out" | sort -u | wc -l)"
	has "$(sed -n 's/^334 //p' "$BATS_TEST_TMPDIR/out" | head -n 1 | base64 -d)" \
		'^<[A-Za-z0-9+/]{24}\.[0-9]+@example\.test>$'
	smtp_dialogue -s submission <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH CRAM-MD5 $(printf 'a b' | base64)
	S* 501 5\.5\.4
	C: AUTH CRAM-MD5
	S* 334
	C: 
	S* 535 5\.7\.8
	C: AUTH CRAM-MD5
	S* 334
	C: $(printf '%s 0123456789abcdef0123456789abcdef' "$ALICE" | base64 -w0)
	S* 535 5\.7\.8
	C: AUTH CRAM-MD5
	S* 334
	C: $(printf 'nobody 0123456789abcdef0123456789abcdef' | base64 -w0)
	S* 535 5\.7\.8
	C: AUTH CRAM-MD5
	S* 334
	C: $(printf 'a\r\nb\t\0c 0123456789abcdef0123456789abcdef' | base64 -w0)
	S* 535 5\.7\.8
	C: QUIT
	S* 221
	END
}

# ---- other clients

@test "msmtp by each method it shares with us" {
	needs msmtp
	local method
	for method in plain login cram-md5 scram-sha-256; do
		cat >"$BATS_TEST_TMPDIR/msmtprc" <<-END
		account default
		host 127.0.0.1
		port $SUBMISSIONS
		tls on
		tls_starttls off
		tls_certcheck off
		auth $method
		user $ALICE
		password $SECRET
		from $ALICE
		timeout 20
		END
		chmod 600 "$BATS_TEST_TMPDIR/msmtprc"
		mail_text "by $method" | msmtp -C "$BATS_TEST_TMPDIR/msmtprc" "$BOB"
		serve_logged "login result=ok .*mechanism=${method^^}"
	done
	is 4 "$(count bob)"
}

@test "mutt by each method it shares with us; one it cannot do is seen in the log" {
	needs mutt
	local method
	for method in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256; do
		mutt_sends "$method"
		serve_logged "smtp-session.* login result=ok .*mechanism=$method"
	done
	is 4 "$(count bob)"
	# Debian 12's gives no channel binding, and does not try another method.
	run mutt_sends SCRAM-SHA-256-PLUS
	[ "$status" -ne 0 ]
	serve_logged 'auth-cancelled .*detail=SCRAM-SHA-256-PLUS'
}

mutt_sends()
{
	cat >"$BATS_TEST_TMPDIR/muttrc" <<-END
	set from = "$ALICE"
	set smtp_url = "smtps://$ALICE@localhost:$SUBMISSIONS/"
	set smtp_pass = "$SECRET"
	set smtp_authenticators = "$1"
	set certificate_file = "$(certificate)"
	set copy = no
	END
	echo text | HOME=$BATS_TEST_TMPDIR TMPDIR=$BATS_TEST_TMPDIR timeout 20 mutt -n \
		-F "$BATS_TEST_TMPDIR/muttrc" -s "by $1" "$BOB"
}

@test "curl by PLAIN and LOGIN, SMTP and IMAP" {
	needs curl
	local method
	mail_text 'by curl' | sed "s/^From: .*/From: <$ALICE>/" | crlf >"$BATS_TEST_TMPDIR/m"
	for method in PLAIN LOGIN; do
		curl -sS --insecure --url "smtps://127.0.0.1:$SUBMISSIONS" \
			--user "$ALICE:$SECRET" --login-options "AUTH=$method" \
			--mail-from "$ALICE" --mail-rcpt "$BOB" \
			--upload-file "$BATS_TEST_TMPDIR/m"
		curl -sS --insecure --url "imaps://127.0.0.1:$IMAPS/INBOX" \
			--user "$ALICE:$SECRET" --login-options "AUTH=$method" -X NOOP
	done
	is 2 "$(count bob)"
}

@test "mbsync by each method, and by the one it chooses (Cyrus SASL)" {
	needs mbsync
	mail_text 'for mbsync' | "$BIN/deliver" "$BOB"
	local method
	for method in SCRAM-SHA-256 CRAM-MD5 PLAIN "*"; do
		mkdir -p "$BATS_TEST_TMPDIR/$method"
		cat >"$BATS_TEST_TMPDIR/mbsyncrc" <<-END
		IMAPAccount us
		Host localhost
		Port $IMAPS
		User $BOB
		Pass $SECRET
		SSLType IMAPS
		CertificateFile $(certificate)
		AuthMechs $method

		IMAPStore far
		Account us

		MaildirStore near
		Path $BATS_TEST_TMPDIR/$method/
		Inbox $BATS_TEST_TMPDIR/$method/INBOX

		Channel both
		Far :far:
		Near :near:
		Patterns INBOX
		Create Near
		SyncState *
		END
		HOME=$BATS_TEST_TMPDIR timeout 60 mbsync -c "$BATS_TEST_TMPDIR/mbsyncrc" both
		is 1 "$(find "$BATS_TEST_TMPDIR/$method/INBOX/cur" "$BATS_TEST_TMPDIR/$method/INBOX/new" -type f | wc -l)"
		[ "$method" = "*" ] ||
			serve_logged "imap-session.* login result=ok .*mechanism=$method"
	done
}

@test "S67: a session as Thunderbird's: AUTH PLAIN with initial response, the rest pipelined behind it" {
	smtp_tls_dialogue <<-END
	S* 220
	C: EHLO [127.0.0.1]
	S* 250 PIPELINING
	C| AUTH PLAIN $(auth_plain "$ALICE" "$SECRET")
	C| MAIL FROM:<$ALICE>
	C| RCPT TO:<$BOB>
	C: DATA
	S* 235 2\.7\.0
	S* 250
	S* 250
	S* 354
	C| From: <$ALICE>
	C| Subject: pipelined
	C| 
	C| text
	C| .
	C: QUIT
	S* 250
	S* 221
	END
	has "$(message bob)" '^Subject: pipelined$'
	# what follows a failed login is not sent by anybody
	smtp_tls_dialogue <<-END
	S* 220
	C: EHLO [127.0.0.1]
	S* 250
	C| AUTH PLAIN $(auth_plain "$ALICE" wrong)
	C| MAIL FROM:<$ALICE>
	C: QUIT
	S* 535
	S* 530
	S* 221
	END
}

# ---- faults and attacks

@test "every kind of failed login takes auth_failure_delay" {
	setting auth_failure_delay 1s
	local user
	for user in "$ALICE" nobody@example.test; do
		takes_seconds 4 four_failures "$user"
		takes_seconds 1 refused scram_as "$user" wrong
		takes_seconds 1 refused scram_as "$user" wrong --nonce x
	done
	setting auth_failure_delay 0
}

four_failures()
{
	smtp_tls_dialogue <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN $(auth_plain "$1" wrong)
	S= 535 5.7.8 Authentication failed
	C: AUTH PLAIN $(auth_plain "$1" '')
	S= 535 5.7.8 Authentication failed
	C: AUTH PLAIN AAAA
	S= 535 5.7.8 Authentication failed
	C: AUTH SCRAM-SHA-256 $(printf 'y,,n=%s,r=x' "$1" | base64 -w0)
	S= 535 5.7.8 Authentication failed
	C: QUIT
	S* 221
	END
}

# takes_seconds AT-LEAST COMMAND...
takes_seconds()
{
	local start
	start=$(date +%s%N)
	"${@:2}"
	[ $((($(date +%s%N) - start) / 1000000)) -ge $(($1 * 1000)) ]
}

@test "S44: a change of password counts at once, for SMTP and IMAP" {
	scram
	"$LIB/scram" --imap "127.0.0.1:$IMAP" "$ALICE" "$SECRET"
	echo another | "$BIN/besace" user password "$ALICE" --password-stdin
	is 'PLAIN LOGIN' "$(smtp_tls_offers)"
	smtp_tls_dialogue <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN $(auth_plain "$ALICE" "$SECRET")
	S* 535
	C: AUTH PLAIN $(auth_plain "$ALICE" another)
	S* 235
	C: QUIT
	S* 221
	END
	is '' "$(find "$BESACE_ETC/passwords" "$BESACE_ETC/passwords.cdb" -perm /007)"
}

@test "no table: 454 and UNAVAILABLE, whatever the mechanism" {
	mv "$BESACE_ETC/passwords.cdb" "$BATS_TEST_TMPDIR/away"
	is 'PLAIN LOGIN' "$(smtp_tls_offers)"
	smtp_tls_dialogue <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN $(auth_plain "$ALICE" "$SECRET")
	S* 454 4\.7\.0
	C: QUIT
	S* 221
	END
	# it goes between the offer and the login
	cp "$BATS_TEST_TMPDIR/away" "$BESACE_ETC/passwords.cdb"
	local line
	coproc SESSION { smtp_session -s submission; }
	printf 'EHLO client.example\r\n' >&"${SESSION[1]}"
	until [[ ${line-} = '250 '* ]]; do
		read -r -t 20 line <&"${SESSION[0]}"
	done
	rm "$BESACE_ETC/passwords.cdb"
	printf 'AUTH SCRAM-SHA-256 %s\r\n' \
		"$(printf 'n,,n=%s,r=x' "$ALICE" | base64 -w0)" >&"${SESSION[1]}"
	read -r -t 20 line <&"${SESSION[0]}"
	has "$line" '^454 4\.7\.0'
	mv "$BATS_TEST_TMPDIR/away" "$BESACE_ETC/passwords.cdb"
}

@test "hostile exchanges: long lines, bad base64, control octets, AUTH twice, AUTH in a transaction" {
	local long mechanism
	long=$(head -c 20000 /dev/zero | tr '\0' A)
	for mechanism in PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256; do
		smtp_tls_dialogue <<-END
		S* 220
		C: EHLO client.example
		S* 250
		C: AUTH $mechanism
		S~ 334 
		C: $long
		S* 500 5\.5\.2
		C: AUTH $mechanism
		S~ 334 
		C: not base64
		S* 501 5\.5\.2
		C: AUTH $mechanism
		S~ 334 
		C: *
		S* 501 5\.7\.0
		C: NOOP
		S* 250
		C: AUTH PLAIN $(auth_plain "$ALICE" "$SECRET")
		S* 235
		C: AUTH $mechanism
		S* 503 5\.5\.1
		C: MAIL FROM:<$ALICE>
		S* 250
		C: AUTH $mechanism
		S* 503 5\.5\.1
		C: QUIT
		S* 221
		END
		"$LIB/transcript" --tls --log "$(log_file)" - -- "$BIN/imap-session" -t <<-END
		S: * OK
		C: a AUTHENTICATE $mechanism
		S: +
		C: $long
		S: a BAD [TOOBIG]
		C: b AUTHENTICATE $mechanism
		S: +
		C: not base64
		S: b BAD
		C: c AUTHENTICATE $mechanism
		S: +
		C: *
		S: c BAD
		C: d AUTHENTICATE PLAIN $(auth_plain "$ALICE" "$SECRET")
		S: d OK
		C: e AUTHENTICATE $mechanism
		S: e BAD
		END
	done
	local name
	for name in 'a\tb' 'a\nb' 'a\rb' 'a\0b' 'a\x7fb' 'alice@example.test\0'; do
		smtp_tls_dialogue <<-END
		S* 220
		C: EHLO client.example
		S* 250
		C: AUTH LOGIN $(printf %b "$name" | base64 -w0)
		S* 334
		C: $(printf %s "$SECRET" | base64 -w0)
		S= 535 5.7.8 Authentication failed
		C: AUTH SCRAM-SHA-256 $(printf %b "n,,n=$name,r=x" | base64 -w0)
		S= 535 5.7.8 Authentication failed
		C: QUIT
		S* 221
		END
	done
	hasnt "$(cat "$(log_file)")" "$SECRET"
	hasnt "$(cat "$(log_file)")" $'[\t\r\x7f]'
}

@test "S94: a password is in no log line, whatever the mechanism" {
	run -0 scram
	hasnt "$(cat "$SERVE_OUT" "$INSTANCE"/log/* "$(log_file)" 2>/dev/null)" "$SECRET"
}
