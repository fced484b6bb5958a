#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Other programs in deliver's place (virtual_transport), and under it, one run
# for each mailbox (mailbox_command).

load lib/helpers

setup()
{
	instance_new -o inbound_filters=
	DIR=$BATS_TEST_TMPDIR/programs
	mkdir "$DIR"
	# The mail user runs them when the session is root's.
	chmod 1777 "$DIR"
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR" \
		"$BATS_TEST_TMPDIR/.." 2>/dev/null || true
	printf '%s\n' 'dave@example.test other/dave' \
		'@catch.test catch.test/all' >>"$BESACE_ETC/mailboxes"
	echo catch.test >>"$BESACE_ETC/domains"
	echo 'team@example.test alice+team@example.test, bob@example.test' \
		>>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	export DIR
}

# program NAME < text: a program of the administrator's.
program()
{
	cat >"$DIR/$1"
	chmod 755 "$DIR/$1"
}

# The Nth example in shell of deliver's man page.
man_example()
{
	awk -v n="$1" '/^#!\/bin\/sh/ { i++; on = 1 } /^\.Ed/ { on = 0 }
		on && i == n' "$TREE/deliver/deliver.8" | sed 's/\\e/\\/g'
}

# ---- virtual_transport

@test "S162: the man page's ten lines take deliver's place" {
	man_example 1 | sed "s|/var/mail|$DIR/mail|g" | program transport
	is 1 "$(($(wc -l <"$DIR/transport") <= 12))"
	mkdir -m 1777 "$DIR/mail"
	setting virtual_transport "$DIR/transport"
	mail_text | SENDER=$'"a $(b) \'"@elsewhere.test' send_plain "$ALICE" "$BOB"
	for who in "$ALICE" "$BOB"; do
		is 1 "$(find "$DIR/mail/$who" -type f | wc -l)"
		is "Return-Path: <\"a \$(b) '\"@elsewhere.test>" \
			"$(head -n 1 "$DIR/mail/$who"/*)"
		has "$(cat "$DIR/mail/$who"/*)" '^Hello Bob.$'
	done
	no_mail_at_all
	run ! send_plain "x/y@catch.test" < <(mail_text)
	has "$output" '^550 5\.1\.1 '
	is "$ALICE $BOB" "$(cd "$DIR/mail" && echo *)"
}

@test "S162: arguments, facts and standard input are those of the contract" {
	program transport <<-'END'
		#!/bin/sh
		printf '[%s]' "$@" >"$DIR/arguments"
		env -0 >"$DIR/environment"
		stat -L -c %F /dev/stdin >"$DIR/stdin"
		cat >"$DIR/message"
		echo to nobody
		head -c 1 "$DIR/message" >/dev/null
	END
	sed -i "s|\$DIR|$DIR|" "$DIR/transport"
	setting virtual_transport "$DIR/transport \"one two\""
	mail_text | send_plain "$ALICE" bob+x@example.test
	is "[one two][-f][carol@elsewhere.test][--][$ALICE][bob+x@example.test]" \
		"$(cat "$DIR/arguments")"
	has "$(tr '\0' '\n' <"$DIR/environment")" '^SENDER=carol@elsewhere.test$'
	has "$(tr '\0' '\n' <"$DIR/environment")" "^RECIPIENTS=$ALICE\$"
	is "regular file" "$(cat "$DIR/stdin")"
	has "$(head -n 1 "$DIR/message")" '^Received: '
}

@test "S162: the exit code decides, the last line on stderr is the reply" {
	local code wanted said
	while read -r code wanted said; do
		program transport <<-END
			#!/bin/sh
			cat >/dev/null
			echo "some noise" >&2
			echo "${said#- }" >&2
			[ $code != signal ] || kill -KILL \$\$
			exit ${code/signal/0}
		END
		setting virtual_transport "$DIR/transport"
		run send_plain "$BOB" < <(mail_text)
		has "${lines[-1]}" "^$wanted"
	done <<-'END'
		0 250 - whatever
		99 250 - whatever
		67 550.5\.1\.1.gone 5.1.1 gone
		77 550.5\.7\.1.no 5.7.1 no
		65 550.5\.6\.0.bad 5.6.0 bad
		75 451.4\.2\.1.wait 4.2.1 wait
		75 452.4\.2\.2.full 4.2.2 full
		67 550.5\.7\.1 - says nothing
		77 550.5\.7\.1 4.2.1 of the other class
		1 451.4\. 5.1.1 is not this code
		64 451.4\. 5.1.1 is not this code
		127 451.4\. - missing
		signal 451.4\. 5.1.1 is not this code
	END
}

# ---- mailbox_command

# command < text: mailbox_command, which finds its folder as the first word.
command_is()
{
	program command
	setting mailbox_command "$DIR/command \"$DIR\""
}

# What it was told for RECIPIENT: a value's name, or "message".
told()
{
	local file=$DIR/told.$1
	[ "$2" != message ] || {
		cat "$file.message"
		return
	}
	sed -zn "s/^$2=\(.*\)/[\1]/p" "$file" | tr -d '\0'
}

# One that keeps everything it is told.
recording_command()
{
	command_is <<-'END'
		#!/bin/sh
		env -0 >"$1/told.$RECIPIENT"
		cat >"$1/told.$RECIPIENT.message"
	END
}

run_deliver()
{
	mail_text | "$BIN/deliver" -f sender@elsewhere.test "$@" 2>&1
}

@test "S41 S74: a program for each mailbox, told domain, user, extension, recipient, next hop" {
	recording_command
	run -0 run_deliver 'Alice+Shop-1@Example.TEST' dave@example.test
	local to=alice+shop-1@example.test
	is "[example.test] [example.test]" "$(told $to DOMAIN) $(told $to NEXTHOP)"
	is "[alice] [shop-1]" "$(told $to USER) $(told $to EXTENSION)"
	is "[alice+shop-1] [$to]" "$(told $to LOCAL) $(told $to RECIPIENT)"
	is '[Alice+Shop-1@Example.TEST]' "$(told $to ORIGINAL_RECIPIENT)"
	is "[sender@elsewhere.test]" "$(told $to SENDER)"
	is "[$MAIL/example.test/alice]" "$(told $to HOME)"
	is "[dave] []" "$(told dave@example.test USER) $(told dave@example.test EXTENSION)"
	is "[$MAIL/other/dave]" "$(told dave@example.test HOME)"
	has "$output" 'to=dave@example.test orig=dave@example.test result=delivered via=mailbox_command'
	no_mail_at_all
}

@test "S62: the program gets the fields of the delivery on top, and the rest as it was" {
	recording_command
	printf 'Return-Path: <x@y>\nA: 1\n\n\0\377end' |
		"$BIN/deliver" -f '' alice+x@example.test
	printf '%s\n' 'Return-Path: <>' 'X-Original-To: alice+x@example.test' \
		'Delivered-To: alice+x@example.test' >"$DIR/wanted"
	printf 'A: 1\n\n\0\377end' >>"$DIR/wanted"
	cmp "$DIR/wanted" "$DIR/told.alice+x@example.test.message"
}

@test "S63: aliases and extensions lead to one run a mailbox" {
	recording_command
	run -0 run_deliver team@example.test alice@example.test bob+y@example.test
	is "alice+team@example.test alice+team@example.test.message bob@example.test bob@example.test.message" \
		"$(cd "$DIR" && echo told.* | sed 's/told\.//g')"
}

@test "mailbox_command: an alias that means the mailbox of its name too" {
	recording_command
	echo 'bob@example.test bob@example.test, alice+copy@example.test' \
		>>"$BESACE_ETC/aliases"
	"$BIN/besace" maps
	run_deliver bob+list@example.test
	is "[bob] [list]" "$(told bob+list@example.test USER) $(told bob+list@example.test EXTENSION)"
	is "[alice] [copy]" "$(told alice+copy@example.test USER) $(told alice+copy@example.test EXTENSION)"
	setting propagate_unmatched_extensions ""
	run_deliver bob+list@example.test
	is "[bob] []" "$(told "$BOB" USER) $(told "$BOB" EXTENSION)"
}

@test "mailbox_command: what a stranger writes is no shell's to read" {
	recording_command
	mail_text | "$BIN/deliver" -f '"$(touch pwned)`id`;'\''"@x.test' \
		-- '"-x$(touch pwned)"@catch.test' 'a=b|c@catch.test'
	is '[-x$(touch pwned)]' "$(told '"-x$(touch pwned)"@catch.test' USER)"
	is "[\"\$(touch pwned)\`id\`;'\"@x.test]" \
		"$(told '"-x$(touch pwned)"@catch.test' SENDER)"
	run -64 "$BIN/deliver" -f $'a\nPATH=x@b.test' a@catch.test <<<"A: 1"
	[ ! -e pwned ]
}

@test "mailbox_command: not told what deliver's caller has in its environment" {
	recording_command
	SECRET=1 MESSAGE_UID=id1 HELO=me LD_PRELOAD="" run_deliver "$BOB"
	is "" "$(told "$BOB" SECRET)$(told "$BOB" LD_PRELOAD)"
	is "[id1][me]" "$(told "$BOB" MESSAGE_UID)$(told "$BOB" HELO)"
}

@test "mailbox_command: the exit code decides, the last line is the reply" {
	local code wanted text
	while read -r code wanted text; do
		command_is <<-END
			#!/bin/sh
			echo "$text" >&2
			[ $code != signal ] || kill -KILL \$\$
			exit ${code/signal/0}
		END
		run "-$wanted" run_deliver "$BOB"
		[ "$wanted" = 0 ] || has "${lines[-1]}" "^${text%% *} <$BOB>: ${text#* }\$"
	done <<-'END'
		0 0 x
		99 0 x
		67 77 5.1.1 gone
		77 77 5.2.1 not for me
		75 75 4.2.2 full
	END
	for code in 1 64 127 signal; do
		command_is <<-END
			#!/bin/sh
			echo "5.1.1 not for good" >&2
			[ $code != signal ] || kill -KILL \$\$
			exit ${code/signal/0}
		END
		run -75 run_deliver "$BOB"
		has "${lines[-1]}" "^4\.3\.0 <$BOB>: "
	done
	for command in /nonexistent/program 'a | b' '"open'; do
		setting mailbox_command "$command"
		run -75 run_deliver "$BOB"
		has "${lines[-1]}" '^4\.3\.'
	done
	no_mail_at_all
}

@test "S63: what fails for one does not repeat it for the other" {
	command_is <<-'END'
		#!/bin/sh
		echo "$RECIPIENT" >>"$1/runs"
		case $USER in
		bob) echo "4.2.2 mailbox is full" >&2; exit 75 ;;
		dave) echo "5.2.1 gone for good" >&2; exit 77 ;;
		esac
	END
	run -0 run_deliver "$ALICE" "$BOB" dave@example.test
	is "$ALICE $BOB dave@example.test" "$(paste -sd ' ' "$DIR/runs")"
	local file
	file=$(echo "$BESACE_VAR"/queue/new/*)
	has "$(cat "$file")" "^Recipient: $BOB\$"
	has "$(cat "$file")" '^Status: 4\.2\.2$'
	hasnt "$(cat "$file")" "^Recipient: $ALICE\$"
	run -75 run_deliver "$BOB"
	run -77 run_deliver dave@example.test
	is 1 "$(find "$BESACE_VAR/queue/new" -type f | wc -l)"
}

@test "mailbox_command: one that hangs is ended; who had no turn is tried again" {
	setting filter_timeout 1s
	command_is <<-'END'
		#!/bin/sh
		echo "$RECIPIENT" >>"$1/runs"
		exec sleep 600
	END
	run -75 run_deliver "$ALICE" "$BOB"
	is "$ALICE" "$(cat "$DIR/runs")"
	has "$output" 'error what="wait for a program that took too long" object=command'
	has "$output" "to=$BOB .*no time left for this delivery"
}

# ---- what is no program

# in_vain TEXT: such a file, executable, is none of the programs that are run.
in_vain()
{
	printf '%s' "$1" | program none
	setting "$2" "$DIR/none"
	run ! send_plain "$ALICE" < <(mail_text)
	has "$output" '^451 4\.3\.0 '
	logged "error what=\"start program\" object=$DIR/none reason=\"it is neither a binary nor a script with #! on top\""
	rm "$BATS_TEST_TMPDIR/log"
	no_mail_at_all
}

@test "S162: a file that is empty, or no program, is not run by a shell" {
	for name in virtual_transport mailbox_command inbound_filters; do
		in_vain '' "$name"
		in_vain 'exit 0' "$name"
		setting "$name" "$([ "$name" != virtual_transport ] || echo deliver)"
	done
	mail_text | send_plain "$ALICE"
	is 1 "$(count alice)"
}

@test "S162: a name without a slash is looked for in PATH, past what cannot be run" {
	mkdir "$DIR/a" "$DIR/b"
	chmod 755 "$DIR"/[ab]
	touch "$DIR/a/in-path"
	printf '#!/bin/sh\necho "5.7.1 found" >&2; exit 77\n' | program b/in-path
	setting virtual_transport in-path
	PATH=$DIR/none::$DIR/a:$DIR/b:$PATH run ! send_plain "$ALICE" < <(mail_text)
	has "$output" '^550 5\.7\.1 found'
	chmod 755 "$DIR/a/in-path"
	PATH=$DIR/a:$DIR/b:$PATH run ! send_plain "$ALICE" < <(mail_text)
	has "$output" '^451 4\.3\.0 '
}
