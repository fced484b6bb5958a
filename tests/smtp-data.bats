#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What happens to the bytes of a message on the way from DATA to the mailbox.

load lib/helpers

setup_file()
{
	instance_new
	export HALF=$BATS_FILE_TMPDIR/50MB
}

setup()
{
	mail_clear
}

# with_data BYTES: a session whose message is exactly these escaped bytes,
# sent in one write; then the replies that stand on stdin are expected.
with_data()
{
	{
		cat <<-'END'
		S* 220
		C: EHLO client.example
		S* 250
		C: MAIL FROM:<carol@elsewhere.test>
		S* 250
		C: RCPT TO:<bob@example.test>
		S* 250
		C: DATA
		S* 354
		END
		printf 'C> %s\n' "$1"
		cat
	} | smtp_dialogue -s smtp
}

# A second message hidden behind an end of data that only some servers see.
SMUGGLED='MAIL FROM:<evil@elsewhere.test>\r\nRCPT TO:<alice@example.test>\r\nDATA\r\nSubject: smuggled\r\n\r\nevil\r\n.\r\n'

# refused_whole BYTES: DATA with these bytes before "." is refused for good,
# once, and nothing of it is run as a command or delivered.
refused_whole()
{
	with_data "Subject: outer\\r\\n\\r\\ntext$1$SMUGGLED" <<-'END'
	S~ 5(50|54) 5\.
	QUIET 0.2
	C: NOOP
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S* 421
	S$
	END
	no_mail_at_all
}

@test "bare LF around the dot smuggles no message: LF . LF" {
	refused_whole '\n.\n'
}

@test "bare LF around the dot smuggles no message: LF . CRLF" {
	refused_whole '\n.\r\n'
}

@test "bare LF around the dot smuggles no message: CRLF . LF" {
	refused_whole '\r\n.\n'
}

@test "bare CR around the dot smuggles no message: CR . CRLF" {
	refused_whole '\r.\r\n'
}

@test "bare CR around the dot smuggles no message: CR . CR" {
	refused_whole '\r.\r'
}

@test "bare CR around the dot smuggles no message: CRLF . CR" {
	refused_whole '\r\n.\r'
}

@test "bare CR around the dot smuggles no message: CR LF LF . CR LF, CR CR LF . CRLF" {
	refused_whole '\r\n\n.\r\n'
	refused_whole '\r\r\n.\r\r\n'
}

@test "NUL around the dot smuggles no message" {
	# NUL is an ordinary byte: the only end is CRLF . CRLF, and what stands
	# before it is one message.
	with_data "Subject: outer\\r\\n\\r\\ntext\\r\\n.\\0\\r\\n${SMUGGLED}" <<-'END'
	S* 250
	QUIET 0.2
	C: QUIT
	S* 221
	END
	is 1 "$(count bob)"
	is 0 "$(count alice)"
}

@test "a bare LF or CR anywhere in a message refuses it" {
	local bytes
	for bytes in 'Subject: a\nb\r\n\r\n' 'Subject: a\r\n\r\nx\ny\r\n' \
		'Subject: a\r\n\r\nx\ry\r\n' 'Subject: a\r\n\r\nx\r\r\n' '\n' '\r'; do
		with_data "$bytes\\r\\n.\\r\\n" <<-'END'
		S~ 5(50|54) 5\.
		C: QUIT
		S* 221
		END
	done
	no_mail_at_all
}

@test "NUL and 8-bit bytes survive unchanged, all 256 values but CR and LF" {
	local i body=""
	for ((i = 0; i < 256; i++)); do
		((i == 10 || i == 13)) || body+=$(printf '\\x%02x' "$i")
	done
	with_data "Subject: bytes\\r\\n\\r\\n$body\\r\\n.\\r\\n" <<-'END'
	S* 250
	C: QUIT
	S* 221
	END
	printf '%b\n' "$body" >"$BATS_TEST_TMPDIR/wanted"
	tail -n 1 "$(messages bob)" | cmp - "$BATS_TEST_TMPDIR/wanted"
}

@test "a long line survives unchanged" {
	local body
	body=$(head -c 100000 /dev/zero | tr '\0' y)
	printf 'From: c@elsewhere.test\n\n%s\n' "$body" | send_plain "$BOB"
	is "$body" "$(tail -n 1 "$(messages bob)")"
}

@test "dots: one is taken away at the start of a line, no other" {
	with_data 'Subject: dots\r\n\r\n..\r\n...a\r\n.b\r\nc.\r\n.\r\n' <<-'END'
	S* 250
	C: QUIT
	S* 221
	END
	is ".
..a
b
c." "$(message bob | sed '1,/^$/d')"
}

@test "the message ends in a line end and nothing is added to its body" {
	mail_text end 'last line' | send_plain "$BOB"
	is 'last line' "$(tail -c 10 "$(messages bob)")"
	is 0 "$(message bob | grep -c $'\r')"
}

@test "a message that starts with white space, a body line, or nothing gets no field of ours folded" {
	local bytes
	for bytes in ' folded: x\r\n\r\nbody\r\n' 'no header at all\r\n' '\r\nbody\r\n' ''; do
		mail_clear
		with_data "$bytes.\\r\\n" <<-'END'
		S~ (250|5)
		C: QUIT
		S* 221
		END
		[ "$(count bob)" = 0 ] && continue
		has "$(sed '/^$/q' "$(messages bob)")" '^Delivered-To: bob@example\.test$'
	done
}

@test "a Return-Path that the sender wrote is not kept" {
	printf '%s\n' 'Return-Path: <forged@elsewhere.test>' 'Subject: x' '' t |
		send_plain "$BOB"
	is 'Return-Path: <carol@elsewhere.test>' "$(message bob | grep -i '^return-path:')"
}

@test "a Received line says from whom, by whom, how and when" {
	mail_text | send_plain "$BOB"
	local head
	head=$(message bob | sed '/^$/q' | sed -z 's/\n[ \t]/ /g')
	has "$head" '^Received: from client\.example .*by .*with ESMTP.*id .*; ...?, +[0-9]+ ... 20[0-9]{2} '
}

@test "a message in a loop (more Received lines than hopcount_limit) is refused" {
	{
		for ((i = 0; i < 120; i++)); do
			echo "Received: from a by b; Mon, 06 Jan 2025 10:00:00 +0000"
		done
		mail_text
	} >"$BATS_TEST_TMPDIR/m"
	run send_plain "$BOB" <"$BATS_TEST_TMPDIR/m"
	has "$output" '^5.* 5\.4\.6'
	no_mail_at_all
}

# ---- size

# A message of exactly N bytes on the wire: header, then lines of 78.
sized()
{
	local header=$'Subject: big\r\n\r\n' rest
	rest=$(($1 - ${#header}))
	printf %s "$header"
	if ((rest % 80)); then
		printf '%*s\r\n' $((rest % 80 < 2 ? rest % 80 + 78 : rest % 80 - 2)) '' | tr ' ' z
		((rest % 80 >= 2)) || rest=$((rest - 80))
	fi
	yes "$(printf '%078d\r' 0)" | head -n $((rest / 80))
}

@test "S35: SIZE: a size that is declared too big is refused at MAIL" {
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250 SIZE 52428800
	C: MAIL FROM:<carol@elsewhere.test> SIZE=52428801
	S* 552 5\.3\.4
	C: MAIL FROM:<carol@elsewhere.test> SIZE=52428800
	S* 250
	C: QUIT
	S* 221
	END
}

# big_session FILE REPLY: the file's bytes as DATA, then the reply wanted.
big_session()
{
	printf '%s\n' 'S* 220' 'C: EHLO client.example' 'S* 250' \
		'C: MAIL FROM:<carol@elsewhere.test>' 'S* 250' \
		'C: RCPT TO:<bob@example.test>' 'S* 250' 'C: DATA' 'S* 354' \
		"CFILE $1" 'C: .' "$2" 'C: NOOP' 'S* 250' 'C: QUIT' 'S* 221' |
		"$LIB/transcript" -t 60 --log "$(log_file)" - -- \
			"$BIN/smtp-session" -s smtp
}

@test "S35: 50 MB and one byte get 552, after all of it, and the session goes on" {
	sized 52428801 >"$BATS_TEST_TMPDIR/big"
	is 52428801 "$(stat -c %s "$BATS_TEST_TMPDIR/big")"
	big_session "$BATS_TEST_TMPDIR/big" 'S* 552 5\.3\.4'
	no_mail_at_all
}

@test "two DATA of 50 MB at once are both delivered, byte by byte" {
	local first second
	sized 52428800 >"$BATS_TEST_TMPDIR/big"
	is 52428800 "$(stat -c %s "$BATS_TEST_TMPDIR/big")"
	big_session "$BATS_TEST_TMPDIR/big" 'S* 250 2\.' 3>&- &
	first=$!
	big_session "$BATS_TEST_TMPDIR/big" 'S* 250 2\.' 3>&- &
	second=$!
	wait $first
	wait $second
	is 2 "$(count bob)"
	local file wanted
	wanted=$(tr -d '\r' <"$BATS_TEST_TMPDIR/big" | sed '1,/^$/d' | md5sum)
	while read -r file; do
		is "$wanted" "$(sed '1,/^$/d' "$file" | md5sum)"
	done < <(messages bob)
}

@test "message_size_limit can be set" {
	instance_new -o message_size_limit=1k
	sized 1025 >"$BATS_TEST_TMPDIR/big"
	big_session "$BATS_TEST_TMPDIR/big" 'S* 552 5\.3\.4'
	sized 1024 >"$BATS_TEST_TMPDIR/fits"
	big_session "$BATS_TEST_TMPDIR/fits" 'S* 250'
	is 1 "$(count bob)"
}
