#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The filter chain between DATA and deliver: what a filter's end means for the
# client, and that nothing is left in any mailbox when it is no good one.

load lib/helpers

setup_file()
{
	instance_new
	# Filters run as the mail user when the session is root's.
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" \
		"$BATS_FILE_TMPDIR/.." 2>/dev/null || true
}

setup()
{
	mail_clear
	# What filters may write to, whoever they run as.
	OUT=$BATS_FILE_TMPDIR/out-$BATS_TEST_NUMBER
	mkdir -p "$OUT"
	chmod 1777 "$OUT"
	chmod o+x "$BATS_TEST_TMPDIR"
}

# filter NAME < script: an executable filter; prints its path.
filter()
{
	local path=$OUT/$1
	{
		echo '#!/bin/sh'
		cat
	} >"$path"
	chmod 755 "$path"
	echo "$path"
}

# with_filters COMMANDS: sends a message through them; replies in $output.
with_filters()
{
	setting inbound_filters "$1"
	run send_plain "$BOB" < <(mail_text filtered)
}

# The reply to the end of data.
final()
{
	tail -1 <<<"$output"
}

@test "a filter that dies: 4xx, no mail anywhere" {
	with_filters "$(filter dies <<<'kill -SEGV $$')"
	has "$(final)" '^4[0-9][0-9] 4\.'
	no_mail_at_all
	logged ' error what="run a program" object=[^ ]*/dies ended="signal 11"'
}

@test "a filter that exits 75: 4xx with its reason, no mail anywhere" {
	with_filters "$(filter later <<-'END'
		cat
		echo noise >&2
		echo '4.7.1 Come back later' >&2
		exit 75
		END
	)"
	is '451 4.7.1 Come back later' "$(final | tr -d '\r')"
	no_mail_at_all
}

@test "a filter that exits 77: 5xx with its reason, no mail anywhere" {
	with_filters "$(filter no <<-'END'
		cat
		echo '5.7.1 Score 14.2 is over 10' >&2
		exit 77
		END
	)"
	has "$(final | tr -d '\r')" '^55[04] 5\.7\.1 Score 14\.2 is over 10$'
	no_mail_at_all
}

@test "a filter that exits 65: 5xx; 71, 73, 74, 69, 1, 127, 200: 4xx" {
	local code # run has its own status
	with_filters "$(filter "exits65" <<<'cat; exit 65')"
	has "$(final)" '^55[0-9] 5\.'
	for code in 71 73 74 69 1 2 64 70 78 126 127 200; do
		with_filters "$(filter "exits$code" <<<"cat; exit $code")"
		has "$(final)" '^4[0-9][0-9] 4\.'
		logged " error .*/exits$code ended=\"status $code\""
	done
	no_mail_at_all
}

@test "a filter that prints nothing and exits 0: 4xx, no mail anywhere" {
	with_filters "$(filter silent <<<'cat >/dev/null')"
	has "$(final)" '^4[0-9][0-9] 4\.'
	no_mail_at_all
}

@test "a filter that is killed midway: 4xx, no mail anywhere" {
	with_filters "$(filter midway <<-'END'
		head -c 40
		kill -KILL $$
		END
	)"
	has "$(final)" '^4[0-9][0-9] 4\.'
	no_mail_at_all
}

@test "a filter that does not exist or may not run: 4xx" {
	with_filters "$OUT/nowhere"
	has "$(final)" '^4[0-9][0-9] 4\.'
	echo text >"$OUT/plain"
	with_filters "$OUT/plain"
	has "$(final)" '^4[0-9][0-9] 4\.'
	printf '#!/no/such/interpreter\n' >"$OUT/moved"
	chmod 755 "$OUT/moved"
	with_filters "$OUT/moved"
	has "$(final)" '^4[0-9][0-9] 4\.'
	no_mail_at_all
	logged 'nowhere reason="No such file'
	logged 'moved reason="it is there, but the interpreter'
}

@test "a filter that never ends: 4xx after filter_timeout, and it is gone" {
	setting filter_timeout 1s
	with_filters "$(filter hangs <<<'echo $$ >'"$OUT/pid"'; cat; sleep 60; exit 0')"
	setting filter_timeout 300s
	has "$(final)" '^4[0-9][0-9] 4\.'
	no_mail_at_all
	wait_until 3 gone "$(cat "$OUT/pid")"
}

@test "a filter that changes the body: 4xx; one that changes the header: accepted" {
	with_filters "$(filter body <<<"sed 's/^Hello/Goodbye/'")"
	has "$(final)" '^4[0-9][0-9] 4\.'
	no_mail_at_all
	logged 'body'
	with_filters "$(filter header <<<"sed 's/^Subject: .*/Subject: replaced/'")"
	has "$(final)" '^250'
	has "$(message bob)" '^Subject: replaced$'
}

@test "a filter that exits 99: accepted, thrown away, logged" {
	with_filters "$(filter discard <<<'exit 99')"
	has "$(final)" '^250'
	no_mail_at_all
	logged 'discard'
}

@test "a second filter starts only after the first ended with 0, on all it wrote" {
	local first second
	first=$(filter first <<<"echo first >>$OUT/order; echo 'X-First: yes'; cat; sleep 0.3; echo first ends >>$OUT/order")
	second=$(filter second <<<"echo second >>$OUT/order; echo 'X-Second: yes'; cat")
	with_filters "$first | $second"
	has "$(final)" '^250'
	is "first
first ends
second" "$(cat "$OUT/order")"
	has "$(message bob)" '^X-First: yes$'
	has "$(message bob)" '^X-Second: yes$'
	rm "$OUT/order"
	mail_clear
	first=$(filter first <<<'cat; exit 75')
	with_filters "$first | $second"
	has "$(final)" '^4'
	[ ! -e "$OUT/order" ]
	no_mail_at_all
}

@test "filters take arguments, and see the message with LF line ends" {
	with_filters "$(filter wordy <<<"printf '%s\\n' \"\$@\" >$OUT/args; tee $OUT/seen") -a word"
	has "$(final)" '^250'
	is "-a
word" "$(cat "$OUT/args")"
	is 0 "$(grep -c $'\r' "$OUT/seen")"
	has "$(cat "$OUT/seen")" '^Received: '
	has "$(cat "$OUT/seen")" '^Hello Bob\.$'
}

@test "facts of the session come in the environment" {
	setting inbound_filters "$(filter facts <<<"env >$OUT/env; cat")"
	TCPREMOTEIP=192.0.2.7 TCPREMOTEHOST=h.example TCPLOCALPORT=25 \
		send_plain "$BOB" "$ALICE" < <(mail_text)
	local env
	env=$(cat "$OUT/env")
	has "$env" '^SENDER=carol@elsewhere\.test$'
	has "$env" '^RECIPIENTS=bob@example\.test$'
	has "$env" '^alice@example\.test$'
	has "$env" '^TCPREMOTEIP=192\.0\.2\.7$'
	has "$env" '^HELO=client\.example$'
	has "$env" '^MESSAGE_UID=.+$'
	hasnt "$env" '^AUTH_USER=.'
	hasnt "$env" '^TLS_PROTOCOL=.'
}

@test "a login and TLS are facts too, and outbound_filters the chain" {
	setting outbound_filters "$(filter facts <<<"env >$OUT/env; cat")"
	smtp_tls_dialogue <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN ${ALICE_PLAIN}
	S* 235
	C: MAIL FROM:<alice@example.test>
	S* 250
	C: RCPT TO:<bob@example.test>
	S* 250
	C: DATA
	S* 354
	C: Subject: out
	C: 
	C: .
	S* 250
	C: QUIT
	S* 221
	END
	has "$(cat "$OUT/env")" '^AUTH_USER=alice@example\.test$'
	has "$(cat "$OUT/env")" '^TLS_PROTOCOL=TLSv1\.[23]$'
	has "$(cat "$OUT/env")" '^TLS_CIPHER=.'
}

@test "a filter that changed the size and printed garbage as its reason breaks no reply line" {
	with_filters "$(filter garbage <<-'END'
		cat
		printf '5.7.1 one\rtwo\033\201 three\n' >&2
		exit 77
		END
	)"
	is 0 "$(grep -c '^two' <<<"$output")"
	has "$(final)" '^55[04] 5\.7\.1 '
	no_mail_at_all
}

@test "S72 without filters mail goes to the inbox" {
	with_filters ""
	has "$(final)" '^250'
	is 1 "$(count bob)"
	hasnt "$(message bob)" '^X-Spam'
}
