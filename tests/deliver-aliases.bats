#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Who gets it: mailboxes, aliases, extensions, catch-all, and who does not.

load lib/helpers
load lib/deliver

setup()
{
	store_new
	map aliases <<-EOM
		bob@domain.net=>bob@example.test
		postmaster@example.test=>bob+postmaster@example.test
		postmaster@mx.example.test=>alice@example.test
		all@example.test=>alice@example.test\nbob@example.test\nall@example.test
		everyone@example.test=>all@example.test\nEve@Domain.net\nstaff@example.test
		staff@example.test=>everyone@example.test\nalice+staff@example.test
		self@example.test=>self@example.test
		ping@example.test=>pong@example.test
		pong@example.test=>ping@example.test
		broken@example.test=>not an address
		@domain.net=>alice+catchall@example.test
	EOM
}

@test "S22: an unknown address is 67, 5.1.1" {
	run -67 deliver_to nobody@example.test nothing@example.test
	is "5.1.1 <nobody@example.test>: no such address here" "${lines[-1]}"
	has "$output" 'orig=nothing@example.test result=refused answer="5.1.1 <nothing@'
	no_mail_at_all
	is 0 "$(queue_count)"
	[ ! -e "$MAIL/example.test" ]
}

@test "no address at all is 67, 5.1.3, and its bytes are not in the reply" {
	for bad in 'alice' 'a b@example.test' $'x\n250 ok@example.test' '@' '' \
		'alice@example.test ' '<alice@example.test>' \
		'"a
b"@example.test'; do
		run -67 deliver_to "$bad"
		has "${lines[-1]}" '^5\.1\.3 <recipient>: not an address$'
	done
	no_mail_at_all
}

@test "S61: letter case does not matter" {
	deliver_to ALICE@EXAMPLE.TEST
	deliver_to Bob@Domain.NET
	is 1 "$(new_count example.test/alice)"
	is 1 "$(new_count example.test/bob)"
}

@test "a quoted local part is the same address" {
	deliver_to '"alice"@example.test'
	has "$(the_message example.test/alice)" '^X-Original-To: "alice"@example.test$'
	has "$(the_message example.test/alice)" '^Delivered-To: alice@example.test$'
}

@test "S25: an alias across domains" {
	deliver_to bob@domain.net
	has "$(the_message example.test/bob)" '^X-Original-To: bob@domain.net$'
	has "$(the_message example.test/bob)" '^Delivered-To: bob@example.test$'
}

@test "S27 S28 S29: an alias to a plus address keeps both names" {
	deliver_to postmaster@example.test
	has "$(the_message example.test/bob)" '^X-Original-To: postmaster@example.test$'
	has "$(the_message example.test/bob)" '^Delivered-To: bob\+postmaster@example.test$'
}

@test "S28: postmaster alone is the host's" {
	map domains <<-EOM
		example.test=>
		mx.example.test=>
	EOM
	deliver_to PostMaster
	has "$(the_message example.test/alice)" '^X-Original-To: PostMaster$'
}

@test "S28: postmaster and abuse answer in every domain, whoever it is" {
	settings recipient_delimiter=+-
	map domains <<-EOM
		example.test=>
		domain.net=>
		empty.test=>
	EOM
	map aliases <<-EOM
		postmaster@example.test=>bob@example.test
		@domain.net=>alice@example.test
		root@example.test=>abuse@example.test
	EOM
	# an entry; the catch-all; nobody: kept where no address leads
	deliver_to postmaster@example.test
	deliver_to Postmaster+x@Domain.net
	is 1 "$(new_count example.test/bob)"
	is 1 "$(new_count example.test/alice)"
	deliver_to abuse@example.test ABUSE@Empty.test
	deliver_to PostMaster
	deliver_to postmaster-x@empty.test abuse+x@mx.example.test
	is 3 "$(new_count postmaster)"
	run -67 deliver_to postmasters@empty.test
	run -67 deliver_to 'abuse=x@empty.test'
	run -67 deliver_to x@empty.test
	# myhostname's, if that has one
	settings myhostname=example.test
	mail_clear
	deliver_to abuse@empty.test
	deliver_to postmaster+x@empty.test
	deliver_to PostMaster
	is 3 "$(new_count example.test/bob)"
	# or who is named
	settings postmaster_address=Carol@example.test
	mail_clear
	deliver_to abuse@example.test postmaster@empty.test abuse@mx.example.test
	deliver_to PostMaster
	is 2 "$(new_count example.test/carol)"
	is 0 "$(new_count postmaster)"
	# an address that is gone, one that is no address, a circle
	for address in nobody@example.test junk abuse@empty.test \
		root@example.test; do
		settings "postmaster_address=$address"
		mail_clear
		deliver_to abuse@empty.test
		deliver_to abuse@example.test
		is 2 "$(new_count postmaster)"
	done
	# a catch-all that counts on them
	settings postmaster_address=carol@example.test
	map aliases <<-EOM
		@empty.test=>postmaster@empty.test
	EOM
	mail_clear
	deliver_to postmaster@empty.test
	deliver_to whoever@empty.test
	is 2 "$(new_count example.test/carol)"
}

@test "S38: plus addressing needs no line in a map" {
	deliver_to alice+shop@example.test
	deliver_to alice+a+b@example.test
	deliver_to bob+x@domain.net
	is 2 "$(new_count example.test/alice)"
	is 1 "$(new_count example.test/bob)"
}

@test "S39: another delimiter, and several at once" {
	local delimiters address
	for delimiters in . _ - +. .+ '+._-'; do
		settings "recipient_delimiter=$delimiters"
		mail_clear
		while read -r -n 1 delimiter && [ -n "$delimiter" ]; do
			for address in alice${delimiter}shop alice${delimiter} \
				alice${delimiter}${delimiter}shop \
				alice${delimiter}a${delimiter}b; do
				deliver_to "$(quoted "$address")@example.test"
			done
		done <<<"$delimiters"
		is $((4 * ${#delimiters})) "$(new_count example.test/alice)"
	done
	settings recipient_delimiter=.
	run -67 deliver_to alice+shop@example.test
	settings recipient_delimiter=
	run -67 deliver_to alice+shop@example.test
}

# quoted LOCAL: as an address has it.
quoted()
{
	case $1 in
	.* | *. | *..*) echo "\"$1\"" ;;
	*) echo "$1" ;;
	esac
}

# lands LOCAL... -- MAILBOX: mail to each is there.
lands()
{
	local where=${*: -1} local
	for local in "${@:1:$#-2}"; do
		mail_clear
		deliver_to "$(quoted "$local")@example.test"
		is 1 "$(new_count "$where")"
	done
}

@test "S40: a delimiter in a real address; the longest existing address wins" {
	settings recipient_delimiter=+.
	map mailboxes <<-EOM
		first@example.test=>m/first
		first.last@example.test=>m/first.last
		first+last@example.test=>m/first+last
		first.last+x@example.test=>m/first.last+x
		.dot@example.test=>m/dot
		end.@example.test=>m/end
	EOM
	map aliases <<-EOM
		first.last+x.z@example.test=>first@example.test
		@domain.net=>first.last+all@example.test
		a.b@domain.net=>first@example.test
	EOM
	lands first first+a first.a first.a+b first+a.b first+ first. -- m/first
	lands first.last First.Last first.last+y first.last.y first.last.y+x \
		first.last+y.x first.last+ first.last. first.last+y+x \
		-- m/first.last
	lands first+last first+last.x first+last+x first+last+x.y -- m/first+last
	lands first.last+x first.last+x.y first.last+x+y first.last+x. \
		-- m/first.last+x
	lands first.last+x.z first.last+x.z.y first.last+x.z+y -- m/first
	# a delimiter at the start starts no extension
	lands .dot .dot+x .dot.x -- m/dot
	lands end. end.+x end..x -- m/end
	for address in '+first' '".first"' '"end"' '"."' '"+"' '"+x"' last.first; do
		run -67 deliver_to "$address@example.test"
	done
	# the catch-all is asked last, with no extension cut off
	mail_clear
	deliver_to a.b+c@domain.net
	is 1 "$(new_count m/first)"
	deliver_to a+b@domain.net
	is 1 "$(new_count m/first.last)"
}

@test "S29: an extension goes through an alias, to where there is none" {
	map aliases <<-EOM
		info@example.test=>bob@example.test
		help@domain.net=>info@example.test
		own@example.test=>bob+own@example.test
		@domain.net=>bob@example.test
	EOM
	deliver_to info+x@example.test
	has "$(the_message example.test/bob)" '^X-Original-To: info\+x@example.test$'
	has "$(the_message example.test/bob)" '^Delivered-To: bob\+x@example.test$'
	mail_clear
	deliver_to Help+A+B@domain.net
	has "$(the_message example.test/bob)" '^Delivered-To: bob\+a\+b@example.test$'
	mail_clear
	deliver_to own+x@example.test
	has "$(the_message example.test/bob)" '^Delivered-To: bob\+own@example.test$'
	mail_clear
	deliver_to who+x@domain.net
	has "$(the_message example.test/bob)" '^Delivered-To: bob@example.test$'
	mail_clear
	settings propagate_unmatched_extensions=canonical
	deliver_to info+x@example.test
	has "$(the_message example.test/bob)" '^Delivered-To: bob@example.test$'
}

@test "S25 S84: an alias of a mailbox's name comes first; naming itself it keeps a copy" {
	map aliases <<-EOM
		alice@example.test=>alice@example.test\nbob@example.test
		bob@example.test=>carol@example.test
		@example.test=>carol@example.test
		@domain.net=>carol@example.test
	EOM
	deliver_to Alice@example.test
	is 1 "$(new_count example.test/alice)"
	has "$(the_message example.test/alice)" '^Delivered-To: alice@example.test$'
	# bob's goes to carol, and stays nowhere else
	is 0 "$(new_count example.test/bob)"
	is 1 "$(new_count example.test/carol)"
	mail_clear
	deliver_to alice+x@example.test
	has "$(the_message example.test/alice)" '^Delivered-To: alice\+x@example.test$'
	has "$(the_message example.test/carol)" '^Delivered-To: carol\+x@example.test$'
	# a catch-all never takes what has a mailbox, extension or not
	mail_clear
	deliver_to eve@domain.net
	deliver_to eve+x@domain.net
	is 2 "$(new_count domain.net/eve)"
	is 0 "$(new_count example.test/carol)"
}

@test "a circle of aliases means the mailboxes on it" {
	map aliases <<-EOM
		alice@example.test=>team@example.test
		team@example.test=>alice@example.test\nbob@example.test
	EOM
	for address in alice team alice+x team+x; do
		mail_clear
		deliver_to "$address@example.test"
		is 1 "$(new_count example.test/alice)"
		is 1 "$(new_count example.test/bob)"
	done
}

@test "an extension never reaches a path" {
	for address in 'alice+../../x@example.test' 'alice+/etc@example.test' \
		'"alice+a/../b"@example.test' 'alice+.Junk@example.test'; do
		mail_clear
		deliver_to "$address" || [ $? = 67 ]
	done
	is "$MAIL/example.test/alice" "$(find "$MAIL" -mindepth 2 -maxdepth 2)"
	is "cur new tmp" "$(cd "$MAIL/example.test/alice" && echo *)"
}

@test "the catch-all of a domain takes what has no entry" {
	deliver_to whoever@domain.net
	has "$(the_message example.test/alice)" '^Delivered-To: alice\+catchall@example.test$'
	deliver_to eve@domain.net
	is 1 "$(new_count domain.net/eve)"
	is 1 "$(new_count example.test/alice)"
}

@test "many addresses, one mailbox: one message" {
	run -0 deliver_to alice@example.test alice+x@example.test \
		ALICE@example.test all@example.test everyone@example.test
	is 1 "$(new_count example.test/alice)"
	is 1 "$(new_count example.test/bob)"
	is 1 "$(new_count domain.net/eve)"
	has "$output" 'to=alice@example.test orig=all@example.test result=delivered'
}

@test "aliases that lead only to each other are a loop" {
	for address in self@example.test ping@example.test; do
		run -77 deliver_to "$address"
		has "${lines[-1]}" "^5\.4\.6 <$address>: "
	done
	no_mail_at_all
}

@test "an alias to something else than an address waits for the administrator" {
	run -75 deliver_to broken@example.test
	has "$output" 'error what="expand address"'
	has "${lines[-1]}" '^4\.3\.5 <broken@example.test>'
	no_mail_at_all
}

@test "aliases sixteen deep work, deeper ones wait for the administrator" {
	map aliases < <(for i in {1..20}; do
		echo "a$i@example.test=>a$((i + 1))@example.test"
	done
	echo "a21@example.test=>alice@example.test")
	deliver_to a6@example.test
	is 1 "$(new_count example.test/alice)"
	run -75 deliver_to a5@example.test
	has "${lines[-1]}" '^4\.3\.5 .*nested too deep'
	run -75 deliver_to a1@example.test
	is 1 "$(new_count example.test/alice)"
}

@test "a list of a thousand mailboxes; one of too many addresses ends soon" {
	map mailboxes < <(for i in {1..1000}; do
		echo "u$i@example.test=>example.test/u$i"
	done)
	map aliases < <(
		echo "list@example.test=>$(printf 'u%d@example.test\\n' {1..1000})"
		echo "huge@example.test=>$(printf 'n%d@example.test\\n' {1..21000})"
	)
	deliver_to list@example.test
	is 1000 "$(mail_files | wc -l)"
	mail_clear
	local start=$SECONDS
	run -75 deliver_to huge@example.test
	has "${lines[-1]}" '^4\.3\.5 .*too many addresses'
	((SECONDS - start < 20))
	no_mail_at_all
}

@test "S62: a message that was here before is stopped by Delivered-To" {
	deliver_to alice@example.test
	run -77 "$DELIVER" ALICE@example.test <"$(messages alice)"
	is "5.4.6 <alice@example.test>: mail loop: it is in Delivered-To already" \
		"${lines[-1]}"
	is 1 "$(mail_files | wc -l)"
	"$DELIVER" bob@example.test <"$(messages alice)"
	is 1 "$(new_count example.test/bob)"
}

@test "Delivered-To in the body, or of another address, is no loop" {
	printf 'Delivered-To: alice@example.testx\nDelivered-To: xalice@example.test\nX: Delivered-To: alice@example.test\n\nDelivered-To: alice@example.test\n' |
		"$DELIVER" alice@example.test
	run -77 "$DELIVER" alice@example.test \
		< <(printf 'delivered-TO:\n\t Alice@Example.Test \r\n\nx\n')
}

@test "more Received fields than hopcount_limit are a loop" {
	settings hopcount_limit=3
	for n in 3 4; do
		{
			for ((i = 0; i < n; i++)); do
				printf 'Received: from a\n\tby b\n'
			done
			printf 'Subject: x\n\nReceived: x\n'
		} >"$BATS_TEST_TMPDIR/$n"
	done
	"$DELIVER" alice@example.test <"$BATS_TEST_TMPDIR/3"
	run -77 "$DELIVER" alice@example.test <"$BATS_TEST_TMPDIR/4"
	has "${lines[-1]}" '^5\.4\.6 '
	is 1 "$(mail_files | wc -l)"
}

@test "a mailbox path that leaves the store is not followed" {
	map mailboxes <<-EOM
		a@example.test=>../outside
		b@example.test=>/outside
		c@example.test=>example.test/../../outside
		d@example.test=>
		e@example.test=>example.test//x
	EOM
	for who in a b c e; do
		run -75 deliver_to $who@example.test
		has "${lines[-1]}" "^4\.3\.5 <$who@example.test>"
		has "$output" 'error what="open mailbox"'
	done
	run -75 deliver_to d@example.test
	has "${lines[-1]}" '^4\.3\.5 <d@example.test>: mailbox without a path'
	no_mail_at_all
	is "" "$(ls "$MAIL")"
	[ ! -e "$MAIL/../outside" ]
}
