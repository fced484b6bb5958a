#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# The spam folder: made, subscribed, named by a setting, and never a reason to
# lose mail.

load lib/helpers
load lib/deliver

setup()
{
	store_new
	alice=$MAIL/example.test/alice
}

spam_to()
{
	{
		printf 'X-Spam-Flag: YES\n'
		mail_text
	} | "$DELIVER" -f sender@elsewhere.test "$@" 2>&1
}

@test "spam goes to .Junk, which is made as a folder and subscribed" {
	run -0 spam_to alice@example.test bob@example.test
	has "$output" 'path="example.test/alice/.Junk/new/'
	is 1 "$(new_count example.test/alice/.Junk)"
	is 1 "$(new_count example.test/bob/.Junk)"
	is 0 "$(new_count example.test/alice)"
	[ -f "$alice/.Junk/maildirfolder" ]
	is "700" "$(find "$alice" -type d -printf '%m\n' | sort -u)"
	printf 'V\t2\n\nJunk\n' | cmp - "$alice/subscriptions"
	spam_to alice@example.test
	is 2 "$(new_count example.test/alice/.Junk)"
}

@test "a folder that is there is not subscribed again" {
	spam_to alice@example.test
	printf 'V\t2\n\nSent\n' >"$alice/subscriptions"
	spam_to alice@example.test
	printf 'V\t2\n\nSent\n' | cmp - "$alice/subscriptions"
}

@test "S08: the folder's name is a setting, with levels; empty is the inbox" {
	settings spam_folder=Spam.Maybe
	spam_to alice@example.test
	is 1 "$(new_count example.test/alice/.Spam.Maybe)"
	has "$(cat "$alice/subscriptions")" $'^Spam\tMaybe$'
	settings spam_folder=
	spam_to alice@example.test
	is 1 "$(new_count example.test/alice)"
}

@test "the first X-Spam-Flag of the header decides, in any letter case" {
	printf 'X-Spam-Flag: NO\nX-Spam-Flag: YES\n\nX-Spam-Flag: YES\n' |
		"$DELIVER" alice@example.test
	printf 'X-Spam-Flag: YESNO\n\nX-Spam-Flag: YES\n' |
		"$DELIVER" alice@example.test
	printf 'Subject: X-Spam-Flag: YES\n\nX-Spam-Flag: YES\n' |
		"$DELIVER" alice@example.test
	is 3 "$(new_count example.test/alice)"
	printf 'x-spam-FLAG:\n yes \n\nx\n' | "$DELIVER" alice@example.test
	is 1 "$(new_count example.test/alice/.Junk)"
}

@test "S78: a folder that cannot be had: the inbox, and a log line" {
	deliver_to alice@example.test
	for fault in file symlink closed; do
		rm -rf "$alice/.Junk"
		case $fault in
		file) touch "$alice/.Junk" ;;
		symlink) ln -s /tmp "$alice/.Junk" ;;
		closed) mkdir -m 0 "$alice/.Junk" && owned_by_vmail "$alice" ;;
		esac
		before=$(new_count example.test/alice)
		run -0 spam_to alice@example.test
		has "$output" 'error what="open spam folder" object=example.test/alice folder=Junk .*instead=inbox'
		is $((before + 1)) "$(new_count example.test/alice)"
	done
}

@test "a folder whose tmp is closed: the inbox" {
	spam_to alice@example.test
	chmod 0500 "$alice/.Junk/tmp"
	run -0 spam_to alice@example.test
	is 1 "$(new_count example.test/alice)"
}

@test "a folder name that is none: the inbox" {
	for name in .. ../bob /x a..b Junk/../../bob; do
		settings "spam_folder=$name"
		run -0 spam_to alice@example.test
		has "$output" 'instead=inbox'
	done
	is 5 "$(new_count example.test/alice)"
	is alice "$(ls "$MAIL/example.test")"
}

@test "a list of subscriptions that is locked does not stop mail" {
	deliver_to alice@example.test
	touch "$alice/subscriptions.lock"
	run -0 spam_to alice@example.test
	has "$output" 'error what="subscribe new folder"'
	is 1 "$(new_count example.test/alice/.Junk)"
}
