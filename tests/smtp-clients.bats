#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Clients people use, against the ports of a running instance.

load lib/helpers

setup_file()
{
	instance_new
	instance_serve
}

teardown_file()
{
	instance_stop
}

setup()
{
	mail_clear
}

# swaks_to PORT [OPTION]...
swaks_to()
{
	local port=$1
	shift
	run -0 swaks --server 127.0.0.1 --port "$port" --helo client.example \
		--to "$BOB" --header 'Subject: by swaks' --timeout 20 "$@"
}

@test "S20 swaks to port 25, in clear" {
	needs swaks
	swaks_to "$SMTP" --from carol@elsewhere.test
	has "$(message bob)" '^Subject: by swaks$'
}

@test "swaks to port 25, in TLS" {
	needs swaks
	swaks_to "$SMTP" --from carol@elsewhere.test --tls
	has "$(message bob | sed -z 's/\n[ \t]/ /g')" '^Received:.* with ESMTPS '
}

@test "swaks to submission, STARTTLS and PLAIN" {
	needs swaks
	swaks_to "$SUBMISSION" --from "$ALICE" --tls --auth PLAIN \
		--auth-user "$ALICE" --auth-password "$ALICE_PASSWORD"
	has "$(message bob | sed -z 's/\n[ \t]/ /g')" '^Received:.* with ESMTPSA '
}

@test "swaks to submissions, TLS from the first byte and LOGIN" {
	needs swaks
	swaks_to "$SUBMISSIONS" --from "$ALICE" --tls-on-connect --auth LOGIN \
		--auth-user "$ALICE" --auth-password "$ALICE_PASSWORD"
	has "$(message bob)" '^Subject: by swaks$'
}

@test "S55 swaks to submissions without a login is refused" {
	needs swaks
	run swaks --server 127.0.0.1 --port "$SUBMISSIONS" --tls-on-connect \
		--from carol@elsewhere.test --to "$BOB" --timeout 20
	[ "$status" -ne 0 ]
	has "$output" '530 5\.7\.0'
	no_mail_at_all
}

@test "curl to submission and submissions" {
	needs curl
	mail_text 'by curl' | sed "s/^From: .*/From: <$ALICE>/" | crlf \
		>"$BATS_TEST_TMPDIR/m"
	local url
	for url in "smtp://127.0.0.1:$SUBMISSION" "smtps://127.0.0.1:$SUBMISSIONS"; do
		run -0 curl -sS --insecure --ssl-reqd --url "$url" \
			--user "$ALICE:$ALICE_PASSWORD" --mail-from "$ALICE" \
			--mail-rcpt "$BOB" --mail-rcpt "$ALICE" \
			--upload-file "$BATS_TEST_TMPDIR/m"
	done
	is 2 "$(count bob)"
	is 2 "$(count alice)"
}

@test "S157 msmtp to submission and submissions" {
	needs msmtp
	local starttls port
	for port in "$SUBMISSION" "$SUBMISSIONS"; do
		starttls=off
		[ "$port" = "$SUBMISSIONS" ] || starttls=on
		cat >"$BATS_TEST_TMPDIR/msmtprc" <<-END
		account default
		host 127.0.0.1
		port $port
		tls on
		tls_starttls $starttls
		tls_certcheck off
		auth on
		user $ALICE
		passwordeval "echo '$ALICE_PASSWORD'"
		from $ALICE
		timeout 20
		END
		chmod 600 "$BATS_TEST_TMPDIR/msmtprc"
		mail_text 'by msmtp' |
			msmtp -C "$BATS_TEST_TMPDIR/msmtprc" "$BOB"
	done
	is 2 "$(count bob)"
}

@test "S54 openssl s_client shows the banner of submissions" {
	run -0 timeout 20 openssl s_client -quiet \
		-connect "127.0.0.1:$SUBMISSIONS" < <(sleep 0.5; printf 'QUIT\r\n')
	has "$output" '^220 '
}

@test "S30 S31 a stranger's mail to nobody and to elsewhere is refused by swaks' eyes" {
	needs swaks
	run swaks --server 127.0.0.1 --port "$SMTP" --to nobody@example.test \
		--from carol@elsewhere.test --timeout 20
	[ "$status" -ne 0 ]
	has "$output" '550 5\.1\.1'
	run swaks --server 127.0.0.1 --port "$SMTP" --to dave@elsewhere.test \
		--from carol@elsewhere.test --timeout 20
	[ "$status" -ne 0 ]
	has "$output" '55[04] 5\.7\.1'
	no_mail_at_all
}

@test "twenty clients at once, each message once" {
	local i pids=()
	for i in {1..20}; do
		{
			printf 'S* 220\nC: EHLO a.example\nS* 250\nC: MAIL FROM:<carol@elsewhere.test>\nS* 250\n'
			printf 'C: RCPT TO:<bob@example.test>\nS* 250\nC: DATA\nS* 354\n'
			printf 'C: Subject: number %s\nC: \nC: text\nC: .\nS* 250\nC: QUIT\nS* 221\n' "$i"
		} | "$LIB/transcript" -t 60 --connect "127.0.0.1:$SMTP" - 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	is 20 "$(count bob)"
	is 20 "$(messages bob | xargs grep -h '^Subject: number' | sort -u | wc -l)"
}
