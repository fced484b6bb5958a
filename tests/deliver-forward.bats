#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What aliases send to other servers: reverse-path, spam, loops, and the way
# back of bounces.

load lib/helpers

setup()
{
	# Run by root, deliver becomes the mail user.
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" \
		"$BATS_TEST_TMPDIR/.." 2>/dev/null || true
	instance_new -o default_transport=smtp -o srs_domain=srs.test
	cat >>"$BESACE_ETC/aliases" <<-'EOM'
		out@example.test dave@elsewhere.test
		both@example.test alice@example.test, dave@elsewhere.test
		nested@example.test out+x@example.test
		two@example.test out@example.test, other@example.test
		other@example.test mary@elsewhere.test
	EOM
	"$BIN/besace" maps
}

# as SENDER [RECIPIENT]... < message
as()
{
	"$BIN/deliver" -f "$@" 2>&1
}

queued()
{
	find "$BESACE_VAR/queue/new" -type f
}

# The only file of the queue, or the part of it behind the blank line.
entry()
{
	is 1 "$(queued | wc -l)"
	sed '/^$/q' "$(queued)"
}

sent_on()
{
	sed '1,/^$/d' "$(queued)"
}

reverse_path()
{
	sed -n '/^$/q; s/^Sender: //p' "$(queued)"
}

queue_clear()
{
	queued | tr '\n' '\0' | xargs -0r rm
}

nothing()
{
	is "" "$(queued)"
	no_mail_at_all
}

@test "S26: an alias to another server: the message as it was, the reverse-path ours" {
	mail_text >"$BATS_TEST_TMPDIR/m"
	run -0 as Carol@elsewhere.test out@example.test <"$BATS_TEST_TMPDIR/m"
	is "$("$LIB/srs" Carol@elsewhere.test srs.test)" "$(reverse_path)"
	has "$(entry)" '^Recipient: dave@elsewhere\.test$'
	has "$output" 'from=Carol@elsewhere\.test to=dave@elsewhere\.test orig=out@example\.test result=queued'
	is "Delivered-To: out@example.test" "$(sent_on | head -n 1)"
	sent_on | tail -n +2 | cmp - "$BATS_TEST_TMPDIR/m"
}

@test "SRS: a secret is made, and is the mail owner's alone" {
	[ ! -e "$BESACE_VAR/srs-secrets" ]
	mail_text | as carol@elsewhere.test out@example.test
	is "600 $(stat -c %u "$BESACE_VAR")" \
		"$(stat -c '%a %u' "$BESACE_VAR/srs-secrets")"
	cp "$BESACE_VAR/srs-secrets" "$BATS_TEST_TMPDIR/before"
	mail_text | as carol@elsewhere.test out@example.test
	cmp "$BATS_TEST_TMPDIR/before" "$BESACE_VAR/srs-secrets"
}

@test "SRS: an SRS0 address of others becomes SRS1" {
	mail_text | as SRS0=HHHH=TT=a.test=b@them.test out@example.test
	is "$("$LIB/srs" SRS0=HHHH=TT=a.test=b@them.test srs.test)" "$(reverse_path)"
	has "$(reverse_path)" '^SRS1=......=them\.test==HHHH=TT=a\.test=b@srs\.test$'
}

@test "SRS: bounces, our users' mail and reverse-paths of ours go on as they are" {
	mail_text | as "" out@example.test
	is "" "$(reverse_path)"
	queue_clear
	mail_text | AUTH_USER=$ALICE as "$ALICE" out@example.test
	is "$ALICE" "$(reverse_path)"
	queue_clear
	local path
	path=$("$LIB/srs" x@y.test srs.test)
	mail_text | as "$path" out@example.test
	is "$path" "$(reverse_path)"
	queue_clear
	# One of our domains that a stranger wrote there; a user's other address.
	mail_text | as "$ALICE" out@example.test
	is "$("$LIB/srs" "$ALICE" srs.test)" "$(reverse_path)"
	queue_clear
	mail_text | AUTH_USER=$ALICE as alice@gmail.test out@example.test
	is "$("$LIB/srs" alice@gmail.test srs.test)" "$(reverse_path)"
}

@test "SRS: a sender too long for it is kept, and found again" {
	local long path
	long="0102018c2b1b3b5e-1f7e9c1e-8f3e-4f4b-9d0a-3d5c1d8d4d2f-000000@bounces.sender.test"
	mail_text | as "$long" out@example.test
	path=$(reverse_path)
	has "$path" '^SRS0=......=..==[a-z2-7]{16}@srs\.test$'
	queue_clear
	run -0 "$BIN/besace" lookup "$path"
	has "$output" "^    $long\$"
	mail_text | as "" "${path^^}"
	has "$(entry)" "^Recipient: $long\$"
	queue_clear
	rm "$BESACE_VAR/reverse-paths"
	run -67 as "" "$path" < <(mail_text)
	# Where it cannot be kept, the message goes on in its sender's name.
	rm "$BESACE_VAR/reverse-paths"
	mkdir "$BESACE_VAR/reverse-paths"
	run -0 as "$long" out@example.test < <(mail_text)
	is "$long" "$(reverse_path)"
	has "$output" 'forward from=.* reason="too long for a reverse-path of ours'
}

@test "SRS: what is no alias's is not rewritten" {
	mail_text | as carol@elsewhere.test dave@elsewhere.test
	is carol@elsewhere.test "$(reverse_path)"
	hasnt "$(sent_on)" '^Delivered-To'
}

@test "SRS: myhostname is the domain unless srs_domain names another" {
	setting srs_domain ""
	mail_text | as carol@elsewhere.test out@example.test
	has "$(reverse_path)" '^SRS0=......=..=elsewhere\.test=carol@example\.test$'
}

@test "SRS: without a secret nothing is delivered, and it is tried again" {
	echo damaged >"$BESACE_VAR/srs-secrets"
	run -75 as carol@elsewhere.test both@example.test < <(mail_text)
	has "$output" 'error what="read or make the secrets of reverse-paths"'
	has "${lines[-1]}" '^4\.3\.0 '
	nothing
	mail_text | as carol@elsewhere.test "$ALICE"
}

@test "a forward names the alias that led out, the last of several" {
	mail_text | as carol@elsewhere.test nested@example.test
	is "Delivered-To: out+x@example.test" "$(sent_on | head -n 1)"
}

@test "two aliases to one server do not tell each other's readers of themselves" {
	mail_text | as carol@elsewhere.test two@example.test
	is 2 "$(queued | wc -l)"
	for who in out:dave other:mary; do
		file=$(grep -lr "^Delivered-To: ${who%:*}@example.test\$" \
			"$BESACE_VAR/queue/new")
		has "$(cat "$file")" "^Recipient: ${who#*:}@elsewhere\.test\$"
		is 1 "$(grep -c '^Delivered-To' "$file")"
	done
}

@test "a message that starts with no field does not become one of ours" {
	printf ' folded\n\nx\n' | as carol@elsewhere.test out@example.test
	is "Delivered-To: out@example.test||" \
		"$(sent_on | head -n 2 | tr '\n' '|')"
	queue_clear
	printf 'A: 1\r\n\r\nx\r\n' | as carol@elsewhere.test out@example.test
	is 0 "$(sent_on | grep -vc $'\r$')"
}

@test "a loop through another server is ended when the message comes again" {
	mail_text | as carol@elsewhere.test out@example.test
	sent_on >"$BATS_TEST_TMPDIR/again"
	path=$(reverse_path)
	queue_clear
	for address in out@example.test OUT@Example.Test; do
		run -77 as "$path" "$address" <"$BATS_TEST_TMPDIR/again"
		has "${lines[-1]}" '^5\.4\.6 <dave@elsewhere\.test>: mail loop: '
	done
	nothing
	# What came through another alias is no loop.
	as "$path" other@example.test <"$BATS_TEST_TMPDIR/again"
	is 2 "$(sent_on | grep -c '^Delivered-To')"
}

@test "more Received fields than hopcount_limit are not sent on" {
	setting hopcount_limit 3
	for n in 3 4; do
		{
			for ((i = 0; i < n; i++)); do
				printf 'Received: from a\n\tby b\n'
			done
			mail_text
		} >"$BATS_TEST_TMPDIR/$n"
	done
	as carol@elsewhere.test out@example.test <"$BATS_TEST_TMPDIR/3"
	queue_clear
	run -77 as carol@elsewhere.test out@example.test <"$BATS_TEST_TMPDIR/4"
	has "${lines[-1]}" '^5\.4\.6 '
	nothing
}

spam()
{
	printf 'X-Spam-Flag: YES\n'
	mail_text
}

@test "spam is not sent on: alone it is refused, others get it, nobody is told" {
	run -77 as carol@elsewhere.test out@example.test < <(spam)
	is "5.7.1 <dave@elsewhere.test>: spam is not sent on to other servers" \
		"${lines[-1]}"
	nothing
	run -0 as carol@elsewhere.test both@example.test < <(spam)
	is 1 "$(count alice Junk)"
	is "" "$(queued)"
	has "$output" 'to=dave@elsewhere\.test orig=both@example\.test result=refused'
	# A user's own mail, which no alias sends, is his.
	spam | as "$ALICE" dave@elsewhere.test
	is 1 "$(queued | wc -l)"
}

@test "a bounce goes back to whom we sent it on for, and nothing else does" {
	path=$("$LIB/srs" dave@elsewhere.test srs.test)
	mail_text | as "" "$path"
	is "" "$(reverse_path)"
	has "$(entry)" '^Recipient: dave@elsewhere\.test$'
	hasnt "$(sent_on)" '^Delivered-To'
	queue_clear
	run -77 as carol@elsewhere.test "$path" < <(mail_text)
	is "5.7.1 <dave@elsewhere.test>: only bounces are taken for this address" \
		"${lines[-1]}"
	run -77 "$BIN/deliver" "$path" < <(mail_text)
	run -67 as "" "${path/dave/mary}" < <(mail_text)
	run -67 as "" "$("$LIB/srs" -d 22 dave@elsewhere.test srs.test)" < <(mail_text)
	nothing
	mail_text | as "" "$("$LIB/srs" SRS0=x=y=a.test=b@them.test srs.test)"
	has "$(entry)" '^Recipient: SRS0=x=y=a\.test=b@them\.test$'
	queue_clear
	mail_text | as "" "$("$LIB/srs" "$ALICE" srs.test)"
	is 1 "$(count alice)"
}

@test "a trial instance sends nothing on, in nobody's name" {
	setting default_transport 'error:5.7.1 nothing goes out'
	run -77 as carol@elsewhere.test out@example.test < <(mail_text)
	is "5.7.1 <dave@elsewhere.test>: nothing goes out" "${lines[-1]}"
	[ ! -e "$BESACE_VAR/srs-secrets" ]
	nothing
}
