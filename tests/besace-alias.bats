#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Addresses to give away: besace alias, and how they end.

load lib/helpers
load lib/deliver

setup()
{
	instance_new -o inbound_filters=
}

alias_verb()
{
	"$BIN/besace" alias "$@"
}

# message WHO: the one message WHO has.
message()
{
	is 1 "$(find "$MAIL/example.test/$1/new" -type f | wc -l)"
	cat "$MAIL/example.test/$1"/new/*
}

@test "S29: an address for one site: mail to it names it; taken away, it is refused" {
	run -0 alias_verb add site@example.test --to alice+site=name@example.test
	is site@example.test "$output"
	send_plain site@example.test < <(mail_text)
	has "$(message alice)" '^X-Original-To: site@example.test$'
	has "$(message alice)" '^Delivered-To: alice\+site=name@example.test$'
	run -0 alias_verb del Site@example.test
	rcpt site@example.test '550 5\.1\.1'
	run -67 alias_verb del site@example.test
	has "$output" 'no alias site@example.test'
}

@test "S29: a made up address with a label and an end" {
	run -0 --separate-stderr alias_verb add --to "$ALICE" --for 'My-Shop' --expires 90d
	[[ $output =~ ^myshop-[a-z0-9]{6}@example\.test$ ]]
	local address=$output
	run -0 alias_verb list
	has "$output" "^$address	alice@example.test	$(date -u -d '90 days' +%Y-%m-%dT)..:..Z	My-Shop\$"
	has "$output" "^postmaster@example.test	alice@example.test	-	-\$"
	rcpt "$address" '250 2\.1\.5'
	rcpt "${address^^}" '250 2\.1\.5'
	run -0 "$BIN/besace" lookup "$address"
	has "$output" ', until 20'
	# another of the same label, and one of no label, in a domain of choice
	echo other.test >>"$BESACE_ETC/domains"
	run -0 --separate-stderr alias_verb add @other.test --to "$ALICE" --for 'My-Shop'
	[[ $output =~ ^myshop-[a-z0-9]{6}@other\.test$ ]]
	run -0 --separate-stderr alias_verb add --to "$BOB,$ALICE"
	[[ $output =~ ^[a-z0-9]{6}@example\.test$ ]]
	rcpt "$output" '250 2\.1\.5'
	# no delimiter of extensions in it
	setting recipient_delimiter +-
	run -0 --separate-stderr alias_verb add --to "$ALICE" --for shop
	[[ $output =~ ^shop[a-z0-9]{6}@example\.test$ ]]
}

@test "S29: an address that has expired is refused, with no map made again" {
	local until
	until=$(date -u -d '1 minute ago' +%Y-%m-%dT%H:%MZ)
	cat >>"$BESACE_ETC/aliases" <<-END
	old@example.test alice@example.test expires=$until label=old-shop
	day@example.test alice@example.test expires=2001-02-03
	next@example.test alice@example.test expires=2999-12-31
	bob@example.test alice@example.test expires=$until
	list@example.test old@example.test bob@example.test
	@domain.test alice@example.test
	gone@domain.test alice@example.test expires=2001-02-03
	END
	echo domain.test >>"$BESACE_ETC/domains"
	"$BIN/besace" maps
	rcpt old@example.test '550 5\.1\.6 This address has expired'
	logged 'refused .*to=old@example.test .*answer="550 5.1.6'
	rcpt OLD+x@example.test '550 5\.1\.6'
	rcpt day@example.test '550 5\.1\.6'
	rcpt next@example.test '250 2\.1\.5'
	# a catch-all does not bring it back
	rcpt gone@domain.test '550 5\.1\.6'
	rcpt other@domain.test '250 2\.1\.5'
	# postmaster always answers
	sed -i 's/^postmaster@.*/& expires=2001-02-03/' "$BESACE_ETC/aliases"
	"$BIN/besace" maps
	rcpt postmaster@example.test '250 2\.1\.5'
	rcpt abuse@domain.test '250 2\.1\.5'
	# a mailbox that sent its mail on has it again
	send_plain list@example.test < <(mail_text)
	has "$(message bob)" '^Delivered-To: bob@example.test$'
	is '' "$(find "$MAIL/example.test/alice/new" -type f)"
	run -67 "$BIN/deliver" old@example.test < <(mail_text)
	is '5.1.6 <old@example.test>: this address has expired' "${lines[-1]}"
	run -67 "$BIN/besace" lookup old@example.test
	has "$output" 'unknown: an alias that has expired'
	run -0 alias_verb list
	has "$output" "^old@example.test	.*	expired $until	old-shop\$"
}

@test "an alias ends while the maps stay" {
	local when
	run -0 --separate-stderr alias_verb add soon@example.test --to "$ALICE" --expires 1s
	when=$(cdb -q "$BESACE_ETC/aliases.cdb" soon@example.test | grep -oP 'expires=\K\d+')
	# whole minutes, and never sooner than was said
	((when % 60 == 0 && when > $(date +%s) - 60))
	when=$(($(date +%s) + 1))
	map aliases <<-END
	soon@example.test=>alice@example.test\texpires=$when
	END
	until (($(date +%s) >= when)); do
		read -rt 0.2 <> <(:) || :
	done
	rcpt soon@example.test '550 5\.1\.6'
	map aliases <<-END
	soon@example.test=>alice@example.test\texpires=soon
	END
	rcpt soon@example.test 451
}

@test "comments, order and other lines stay; so does all with a fault" {
	printf '%s\n' '# first' 'a@example.test alice@example.test,' \
		'  bob@example.test # no comment' '' '#b@example.test x' \
		'b@example.test  bob@example.test' >"$BESACE_ETC/aliases"
	sed -i 's/ # no comment//' "$BESACE_ETC/aliases"
	"$BIN/besace" maps
	cp "$BESACE_ETC/aliases" "$BATS_TEST_TMPDIR/before"
	run -0 alias_verb add c@example.test --to "$ALICE" --for x --expires 2027-02-19
	is "c@example.test  alice@example.test expires=2027-02-19T00:00Z label=x" \
		"$(diff "$BATS_TEST_TMPDIR/before" "$BESACE_ETC/aliases" | sed -n 's/^> //p')"
	run -0 alias_verb del c@example.test
	cmp "$BATS_TEST_TMPDIR/before" "$BESACE_ETC/aliases"
	run -0 alias_verb del a@example.test
	is "$(printf '%s\n' '# first' '' '#b@example.test x' \
		'b@example.test  bob@example.test')" "$(cat "$BESACE_ETC/aliases")"
	cp "$BESACE_ETC/aliases" "$BATS_TEST_TMPDIR/before"
	run -73 alias_verb add B@example.test --to "$ALICE"
	has "$output" 'b@example.test stands in mailboxes or aliases already'
	run -73 alias_verb add "$ALICE" --to "$BOB"
	run -65 alias_verb add x@example.test --to nobody
	has "$output" 'no @domain'
	run -65 alias_verb add x@example.test --to $'a@b.test\ny@example.test b@c.test'
	run -65 alias_verb add '#x@example.test' --to "$ALICE"
	run -65 alias_verb add x@elsewhere.test --to "$ALICE"
	has "$output" 'domain that is not ours'
	run -65 alias_verb add --to dave@elsewhere.test
	run -65 alias_verb add x@example.test --to "$ALICE" --for 'a b'
	run -65 alias_verb add x@example.test --to "$ALICE" --expires soon
	run -65 alias_verb add x@example.test --to "$ALICE" --expires 0
	local words
	for words in '' add 'add --to' "add --for x" del 'list x' 'del a b' \
		"del a@example.test --to $ALICE" "add a b --to $ALICE" other; do
		# shellcheck disable=SC2086 # several words
		run -64 alias_verb $words
	done
	cmp "$BATS_TEST_TMPDIR/before" "$BESACE_ETC/aliases"
}

@test "the owner of what an alias leads to sends as it, until it ends" {
	run -0 alias_verb add mine@example.test --to "$ALICE" --expires 1d
	echo 'late@example.test alice@example.test expires=2001-02-03' >>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	smtp_dialogue -s submission <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN $ALICE_PLAIN
	S* 235
	C: MAIL FROM:<mine@example.test>
	S* 250
	C: RSET
	S* 250
	C: MAIL FROM:<late@example.test>
	S* 550 5\.1\.0
	C: QUIT
	S* 221
	END
}
