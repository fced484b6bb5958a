#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Accounts: user add, password, passwords, del, list; lookup.

load lib/helpers

setup_file()
{
	instance_new -d "$BATS_FILE_TMPDIR/template"
}

setup()
{
	cp -a "$BATS_FILE_TMPDIR/template" "$BATS_TEST_TMPDIR/instance"
	instance_use "$BATS_TEST_TMPDIR/instance"
	sed -i "s|^virtual_mailbox_base.*|virtual_mailbox_base = $MAIL|" "$BESACE_ETC/settings"
	"$BIN/besace" maps
}

user()
{
	"$BIN/besace" user "$@"
}

# add ADDRESS [PASSWORD [OPTION]...]
add()
{
	printf '%s\n' "${2-a password}" | user add "$1" --password-stdin "${@:3}"
}

# The text files as they are now.
texts()
{
	(cd "$BESACE_ETC" && md5sum domains mailboxes aliases senders passwords settings ./*.cdb)
}

login()
{
	PLAIN=$(auth_plain "$1" "$2")
	export PLAIN
	smtp_dialogue -s submission <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: AUTH PLAIN \${PLAIN}
	S* ${3:-235}
	C: QUIT
	S* 221
	END
}

mail_to()
{
	mail_text | send_plain "$@"
}

@test "S101 S103 S108 S109: add makes lines, mailbox and login, each once" {
	run -0 add carol@example.test 'a password'
	has "$output" 'carol@example.test can receive, log in and send'
	is 1 "$(grep -c '^carol@example.test' "$BESACE_ETC/mailboxes")"
	is 1 "$(grep -c '^carol@example.test' "$BESACE_ETC/senders")"
	is 1 "$(grep -c '^carol@example.test:' "$BESACE_ETC/passwords")"
	is 1 "$(grep -c '^example.test' "$BESACE_ETC/domains")"
	mail_to carol@example.test
	is 1 "$(count carol)"
	login carol@example.test 'a password'
	login carol@example.test 'A password' 535
}

@test "S104 S105 S106 S107: Maildir, folders, subscriptions, modes" {
	add carol@new.test
	local dir folder
	dir=$MAIL/new.test/carol
	for folder in '' .Drafts .Sent .Junk .Trash; do
		[ -d "$dir/$folder/new" ] && [ -d "$dir/$folder/cur" ] && [ -d "$dir/$folder/tmp" ]
		is 700 "$(stat -c %a "$dir/$folder/new")"
	done
	is 700 "$(stat -c %a "$MAIL/new.test")"
	is "INBOX Drafts Sent Junk Trash" "$(sed 1,2d "$dir/subscriptions" | xargs)"
	if [ "$(id -u)" = 0 ]; then
		is '' "$(find "$MAIL/new.test" ! -user 5000 -o ! -group 5000)"
	fi
}

@test "a new domain is added, and said" {
	run -0 add carol@New.test
	has "$output" 'new.test is one of our domains now'
	hasnt "$output" warning
	run -0 "$BIN/besace" lookup Abuse@new.test
	has "$output" 'mailbox: alice@example.test'
	is 1 "$(grep -c '^new.test$' "$BESACE_ETC/domains")"
	run -0 add dave@new.test
	hasnt "$output" 'one of our domains'
	is 1 "$(grep -c '^new.test$' "$BESACE_ETC/domains")"
}

@test "S110 S111: only a hash is stored, the file's mode stays" {
	add carol@example.test 'open sesame'
	run ! grep -r 'open sesame' "$INSTANCE"
	has "$(cat "$BESACE_ETC/passwords")" '^carol@example.test:\{CRYPT\}\$y\$'
	is 640 "$(stat -c %a "$BESACE_ETC/passwords")"
	rm "$BESACE_ETC/passwords"
	add dave@example.test
	is 640 "$(stat -c %a "$BESACE_ETC/passwords")"
}

@test "S110: on a terminal the password is asked twice and not shown" {
	needs script
	local out
	out=$( (sleep 0.5; echo 'tty password'; sleep 0.5; echo 'tty password'; sleep 2) |
		script -qec "'$BIN/besace' user add carol@example.test" /dev/null)
	has "$out" 'Password:'
	has "$out" 'again'
	hasnt "$out" 'tty password'
	login carol@example.test 'tty password'
	out=$( (sleep 0.5; echo 'one'; sleep 0.5; echo 'two'; sleep 1) |
		script -qec "'$BIN/besace' user add dave@example.test" /dev/null) || true
	has "$out" 'differ'
	run ! grep dave "$BESACE_ETC/mailboxes"
}

@test "S102: usage, addresses that are none: nothing is changed" {
	local before
	before=$(texts)
	run -64 user
	run -64 user add
	run -64 user add a@example.test b@example.test
	run -64 user add a@example.test --yes
	run -64 user frobnicate
	run -65 user add carol --password-stdin
	has "$output" 'no @domain'
	run -65 user add 'a b@example.test' --password-stdin
	run -65 user add '"a/b"@example.test' --password-stdin
	run -65 user add 'a/b@example.test' --password-stdin
	run -65 user add '".."@example.test' --password-stdin
	run -65 user add '#carol@example.test' --password-stdin
	run -65 user add 'a:b@example.test' --password-stdin
	run -65 user add 'a@[192.0.2.1]' --password-stdin
	run -65 add carol@example.test ''
	run -65 add carol@example.test "$(printf 'x%.0s' {1..600})"
	is "$before" "$(texts)"
}

@test "P04: who is there already is refused, in any letter case; aliases too" {
	local before
	before=$(texts)
	run -73 add ALICE@example.test
	has "$output" 'alice@example.test stands in mailboxes already'
	run -73 add postmaster@example.test
	is "$before" "$(texts)"
	login "$ALICE" "$ALICE_PASSWORD"
}

@test "P32: an error in any text: the account is not there, the text is as it was" {
	echo 'broken' >>"$BESACE_ETC/aliases"
	local before
	before=$(texts)
	run -78 add carol@example.test
	has "$output" 'aliases:[0-9]+: broken'
	has "$output" 'nothing was changed'
	is "$before" "$(texts)"
}

@test "comments, order and unfinished last lines stay" {
	printf '# first\nzed@example.test example.test/zed\n\n# last, no newline' >>"$BESACE_ETC/mailboxes"
	add carol@example.test
	has "$(tail -n 1 "$BESACE_ETC/mailboxes")" '^carol@'
	user del carol@example.test --yes
	is '# last, no newline' "$(tail -n 1 "$BESACE_ETC/mailboxes")"
	is 1 "$(grep -c '^# first$' "$BESACE_ETC/mailboxes")"
}

@test "password: the new one works, the old one does not, others stay" {
	printf 'alice@example.test:{PLAIN}phone::::::label=phone\n' >>"$BESACE_ETC/passwords"
	printf 'another\n' | user password ALICE@example.test --password-stdin
	login "$ALICE" another
	login "$ALICE" "$ALICE_PASSWORD" 535
	login "$ALICE" phone
	login "$BOB" "$BOB_PASSWORD"
	is 2 "$(grep -c '^alice@' "$BESACE_ETC/passwords")"
	run -67 user passwd nobody@example.test --password-stdin </dev/null
	has "$output" 'no account nobody@example.test'
}

@test "password for a mailbox that has none gives it one" {
	sed -i '/^bob@/d' "$BESACE_ETC/passwords"
	"$BIN/besace" maps
	login "$BOB" "$BOB_PASSWORD" 535
	printf 'fresh\n' | user password "$BOB" --password-stdin
	login "$BOB" fresh
}

@test "S113: del asks, and anything but y stops" {
	local before answer
	before=$(texts)
	for answer in n '' no q; do
		run -77 user del "$BOB" <<<"$answer"
		has "$output" 'aborting'
	done
	run -77 user del "$BOB" </dev/null
	is "$before" "$(texts)"
}

@test "S114: del leaves no line, and neither login nor mail works" {
	printf 'info@example.test alice@example.test, bob@example.test\nsales@example.test bob@example.test\n' >>"$BESACE_ETC/senders"
	run -0 user del "$BOB" --yes
	run ! grep -r bob@ "$BESACE_ETC"
	has "$(cat "$BESACE_ETC/senders")" '^info@example.test +alice@example.test$'
	run ! grep sales@ "$BESACE_ETC/senders"
	login "$BOB" "$BOB_PASSWORD" 535
	run mail_to "$BOB"
	has "$output" '^550 5\.1\.1'
	login "$ALICE" "$ALICE_PASSWORD"
}

@test "S115: the mail stays unless it is asked for" {
	mail_to "$BOB"
	run -0 user del "$BOB" <<<$'y\nn'
	has "$output" "stays in $MAIL/example.test/bob"
	is 1 "$(count bob)"
	add "$BOB"
	is 1 "$(count bob)"
	run -0 user del "$BOB" <<<$'y\ny'
	has "$output" 'is gone'
	[ ! -e "$MAIL/example.test/bob" ]
	[ -d "$MAIL/example.test/alice" ]
	run -0 user del "$ALICE" --yes --delete-mail
	[ ! -e "$MAIL/example.test" ]
	[ -d "$MAIL" ]
}

@test "deleting mail follows no link" {
	mkdir "$BATS_TEST_TMPDIR/precious"
	touch "$BATS_TEST_TMPDIR/precious/file"
	chmod -R 777 "$BATS_TEST_TMPDIR/precious"
	ln -s "$BATS_TEST_TMPDIR/precious" "$MAIL/example.test/bob/link"
	run -0 user del "$BOB" --yes --delete-mail
	[ ! -e "$MAIL/example.test/bob" ]
	[ -e "$BATS_TEST_TMPDIR/precious/file" ]
}

@test "P30: del takes the exact account, no other that looks like it" {
	add jbob@example.test
	add bob@example.tests
	add bobxexample.test@example.test
	user del "$BOB" --yes
	run -0 user list
	has "$output" '^jbob@example.test	'
	has "$output" '^bob@example.tests	'
	has "$output" '^bobxexample.test@example.test	'
	hasnt "$output" '^bob@example.test	'
}

@test "P31: del names the aliases that lead nowhere now" {
	run -0 user del "$ALICE" --yes
	has "$output" 'aliases:2: warning: alice@example.test: leads nowhere'
	has "$output" 'aliases:3: warning: alice@example.test: leads nowhere'
	run -67 user del "$ALICE" --yes
}

@test "list: addresses, paths, and who has no password" {
	printf 'hand@example.test example.test/hand quota=1G\n' >>"$BESACE_ETC/mailboxes"
	run -0 user list
	has "$output" '^alice@example.test	example.test/alice$'
	has "$output" '^hand@example.test	example.test/hand	quota=1073741824	no password$'
	is 3 "${#lines[@]}"
}

@test "accounts made at the same time are all there" {
	local i pids=()
	for i in 1 2 3 4 5 6; do
		add "user$i@example.test" 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	is 6 "$(grep -c '^user[1-6]@' "$BESACE_ETC/mailboxes")"
	is 6 "$(grep -c '^user[1-6]@' "$BESACE_ETC/passwords")"
}

@test "S05: as root, a base that is not there is told, nothing is changed" {
	local before
	sed -i 's|^virtual_mailbox_base.*|virtual_mailbox_base = /nonexistent|' "$BESACE_ETC/settings"
	"$BIN/besace" maps
	before=$(texts)
	run -73 add carol@example.test
	has "$output" 'virtual_mailbox_base /nonexistent: No such file'
	is "$before" "$(texts)"
}

@test "S82: one command makes a folder with the right owner and modes" {
	local box=$MAIL/example.test/alice owner mask
	owner=$(stat -c '%u %g' "$box")
	for mask in 000 022 777; do
		(
			umask $mask
			"$BIN/besace" user folder "$ALICE" "Lists.umask$mask"
		)
		is "$owner 700" "$(find "$box/.Lists.umask$mask" -type d -printf '%U %G %m\n' | sort -u)"
		is "$owner 600" "$(find "$box/.Lists.umask$mask" -type f -printf '%U %G %m\n' | sort -u)"
		is "cur maildirfolder new tmp " "$(ls "$box/.Lists.umask$mask" | tr '\n' ' ')"
	done
	run -0 "$BIN/besace" user folder "$ALICE" "$(printf 'Entw\303\274rfe & mehr')"
	[ -d "$box/.Entw&APw-rfe &- mehr/new" ]
	run -0 "$BIN/besace" user folder "$ALICE" "$(printf 'Entw\303\274rfe & mehr')"
	run -0 "$BIN/imap-session" -u "$ALICE" < <(printf 'a LSUB "" *\r\n')
	has "$output" 'LSUB .*Entw&APw-rfe &- mehr'
	has "$output" 'LSUB .*Lists.umask777'
}

@test "S82: a folder that cannot be, or nobody's: refused, nothing is made" {
	local name
	for name in INBOX a..b .a a/b ../x "$(printf 'a\377')" "$(printf 'a\nb')" ''; do
		run -65 "$BIN/besace" user folder "$ALICE" "$name"
		has "$output" 'cannot be a folder'
	done
	run -67 "$BIN/besace" user folder nobody@example.test x
	run -64 "$BIN/besace" user folder "$ALICE"
	run -64 "$BIN/besace" user folder "$ALICE" a b
	run -64 "$BIN/besace" user list "$ALICE"
	[ ! -e "$MAIL/example.test/nobody" ]
}

@test "S09: mail is never made as root" {
	needs_root 'changes the user'
	sed -i '/^virtual_[ug]id/d' "$BESACE_ETC/settings"
	echo 'virtual_uid_maps = static:0' >>"$BESACE_ETC/settings"
	run "$BIN/besace" maps
	has "$output" 'settings: warning: virtual_uid_maps'
	run -73 add carol@example.test
	[ ! -e "$MAIL/example.test/carol" ]
}

@test "lookup: mailbox, extension, alias, catch-all, unknown, remote" {
	printf '%s\n' example.test domain.test >"$BESACE_ETC/domains"
	cat >>"$BESACE_ETC/aliases" <<-'END'
		team@example.test alice@example.test, bob+team@example.test, x@elsewhere.test
		ring@example.test ring2@example.test
		ring2@example.test ring@example.test
		@domain.test bob@example.test
	END
	"$BIN/besace" maps
	run -0 "$BIN/besace" lookup Alice@Example.test
	has "$output" "mailbox: alice@example.test in mailboxes, in $MAIL/example.test/alice"
	run -0 "$BIN/besace" lookup alice+shop@example.test
	has "$output" 'mailbox: alice@example.test in mailboxes, extension "?shop"?'
	run -0 "$BIN/besace" lookup team@example.test
	has "$output" '  alias: team@example.test in aliases'
	has "$output" '      mailbox: alice@'
	has "$output" 'extension "team"'
	has "$output" 'remote: not one of our domains'
	run -67 "$BIN/besace" lookup ring@example.test
	has "$output" 'named before: not followed again'
	has "${lines[-1]}" 'its aliases lead only to each other'
	run -0 "$BIN/besace" lookup whoever@domain.test
	has "$output" 'alias: @domain.test in aliases, the catch-all'
	run -67 "$BIN/besace" lookup nobody@example.test
	has "$output" 'unknown'
	run -65 "$BIN/besace" lookup nobody
}

@test "lookup: the way to other servers, by recipient and by sender" {
	cat >"$BESACE_ETC/routes" <<-'END'
		from:alice@example.test [smtp.provider.example]:465 user=al password=secret
		inner.example [10.0.0.5]
		own.example - tls=encrypt
	END
	"$BIN/besace" maps
	way()
	{
		run -0 "$BIN/besace" lookup "$@"
		hasnt "$output" secret
		sed -n 's/.*remote: not one of our domains, //p' <<<"$output"
	}
	is 'by its own servers, TLS may, or more by DANE or MTA-STS' "$(way x@example.net)"
	is 'by its own servers, TLS may, or more by DANE or MTA-STS' "$(way x@example.net bob@example.test)"
	is 'by [smtp.provider.example]:465 (from:alice@example.test in routes), TLS verify, login al' \
		"$(way x@example.net alice+lists@example.test)"
	is 'by [10.0.0.5] (inner.example in routes), TLS may' "$(way x@inner.example alice@example.test)"
	is 'by its own servers (own.example in routes), TLS encrypt' "$(way x@own.example '')"
	setting relayhost smart.example
	is 'by smart.example (relayhost), TLS may, or more by DANE or MTA-STS' "$(way x@example.net '')"
	setting smtp_dns_support_level enabled
	is 'by smart.example (relayhost), TLS may, or more by MTA-STS' "$(way x@example.net '')"
	setting smtp_dns_support_level dnssec
	setting relayhost '[smart.example]'
	is 'by [smart.example] (relayhost), TLS may, or more by DANE' "$(way x@example.net '')"
	setting smtp_tls_security_level encrypt
	is 'by [smart.example] (relayhost), TLS encrypt, or more by DANE' "$(way x@example.net '')"
	setting smtp_tls_security_level none
	is 'by [smart.example] (relayhost), TLS none' "$(way x@example.net '')"
	run -64 "$BIN/besace" lookup a b c
	run -64 "$BIN/besace" lookup
	echo x >"$BESACE_ETC/aliases.cdb"
	run -75 "$BIN/besace" lookup alice@example.test
	has "$output" 'aliases.cdb'
}

@test "settings: each with value, default and explanation" {
	sed -i 's/^#message_size_limit.*/message_size_limit = 3M/' "$BESACE_ETC/settings"
	"$BIN/besace" maps
	run -0 "$BIN/besace" settings
	has "$output" '^message_size_limit = 3M$'
	has "$output" '^    \(default: 50M\)$'
	has "$output" '^    Largest message'
	has "$output" '^recipient_delimiter = \+$'
	run -64 "$BIN/besace" settings x
}

# ---- several passwords

@test "app passwords: made, shown, replaced, removed; each opens what it is for" {
	printf 'phone word\n' | user password ALICE@example.test --label phone \
		--scope imap --password-stdin
	run -0 user password "$ALICE" --label laptop --random
	local laptop
	laptop=$(sed -n 's/^its password is //p' <<<"$output")
	has "$laptop" '^[a-z0-9]{20}$'
	run -0 user passwords "$ALICE"
	is $'-\tCRYPT\tall\nphone\tCRYPT\timap\nlaptop\tCRYPT\tall' "$output"
	login "$ALICE" "$ALICE_PASSWORD"
	login "$ALICE" "$laptop"
	logged 'login result=ok .*user=alice@example.test mechanism=PLAIN label=laptop$'
	login "$ALICE" 'phone word' 535
	logged 'login result=failed .*reason="password is not for this service"'
	imap_dialogue <<-END
	S: * OK
	C: a LOGIN $ALICE "phone word"
	S: a OK
	END
	logged 'imap-session.* login result=ok .*label=phone$'

	# another word, the scope stays
	printf 'new word\n' | user password "$ALICE" --label phone --password-stdin
	run -0 user passwords "$ALICE"
	has "$output" $'^phone\tCRYPT\timap$'
	is 3 "${#lines[@]}"
	login "$ALICE" 'new word' 535
	printf 'new word\n' | user password "$ALICE" --label phone --scope imap,smtp --password-stdin
	login "$ALICE" 'new word'
	login "$ALICE" 'phone word' 535

	run -0 user password "$ALICE" --label phone --remove
	login "$ALICE" 'new word' 535
	login "$ALICE" "$laptop"
	run -67 user password "$ALICE" --label phone --remove
	has "$output" 'no password of this label'
	login "$ALICE" "$ALICE_PASSWORD"
	run -0 user password "$ALICE" --remove
	login "$ALICE" "$ALICE_PASSWORD" 535
	login "$ALICE" "$laptop"
	run ! grep -r -e 'phone word' -e "$laptop" "$BESACE_ETC"
}

@test "a new password's scheme: --scheme, password_scheme" {
	local scheme
	for scheme in SCRAM-SHA-256 CRAM-MD5 ARGON2ID BLF-CRYPT SHA512-CRYPT PLAIN CRYPT; do
		printf 'a word\n' | user password "$ALICE" --scheme "$scheme" --password-stdin
		has "$(cat "$BESACE_ETC/passwords")" "^alice@example.test:\\{$scheme\\}"
		login "$ALICE" 'a word'
	done
	setting password_scheme SCRAM-SHA-256
	add carol@example.test
	has "$(cat "$BESACE_ETC/passwords")" '^carol@example.test:\{SCRAM-SHA-256\}16384,'
	add dave@example.test 'a word' --scheme PLAIN
	has "$(cat "$BESACE_ETC/passwords")" '^dave@example.test:\{PLAIN\}a word$'
	local before
	before=$(texts)
	run -65 user password "$ALICE" --scheme SSHA --password-stdin <<<x
	has "$output" 'no new password can be of the scheme "SSHA"'
	run -65 user password "$ALICE" --label 'a b' --password-stdin <<<x
	run -65 user password "$ALICE" --label '' --password-stdin <<<x
	run -78 user password "$ALICE" --label a --scope pop3 --password-stdin <<<x
	has "$output" 'a scope is a list of imap, smtp, sieve'
	has "$output" 'nothing was changed'
	run -64 user password "$ALICE" --random --password-stdin
	run -64 user password "$ALICE" --remove --scope imap
	run -64 user password "$ALICE" --label
	run -64 user password
	run -64 user passwords
	run -64 user add x@example.test --label phone --random
	run -67 user passwords nobody@example.test
	is "$before" "$(texts)"
}

@test "a password that takes a mechanism from all users, or gives it, is told" {
	run -0 add alice-2@example.test
	hasnt "$output" 'offered'
	user del alice-2@example.test --yes
	setting password_scheme SCRAM-SHA-256
	printf 'a word\n' | user password "$ALICE" --password-stdin
	run -0 user password "$BOB" --random
	has "$output" '^SCRAM-SHA-256 is offered now: every password can do it$'
	hasnt "$output" 'CRAM-MD5'
	run -0 user password "$ALICE" --scheme CRYPT --label phone --random
	has "$output" '^besace: SCRAM-SHA-256 is not offered any more: not every password can do it$'
	run -0 user password "$ALICE" --label phone --remove
	has "$output" 'SCRAM-SHA-256 is offered now'
	setting auth_mechanisms plain
	run -0 user password "$BOB" --scheme CRYPT --random
	hasnt "$output" 'offered'
}

@test "several SCRAM passwords of a login share a salt, so that each works" {
	setting password_scheme SCRAM-SHA-256
	local label
	printf 'main\n' | user password "$ALICE" --password-stdin
	printf 'bob\n' | user password "$BOB" --password-stdin
	for label in phone laptop; do
		printf '%s\n' "$label" | user password "$ALICE" --label "$label" \
			--scope smtp --password-stdin
	done
	printf 'main2\n' | user password "$ALICE" --password-stdin
	is 1 "$(sed -n 's/^alice.*}\([^,]*,[^,]*\),.*/\1/p' "$BESACE_ETC/passwords" | sort -u | wc -l)"
	local port listener word
	port=$(free_port)
	tcpserver -HRl0 127.0.0.1 "$port" "$BIN/smtp-session" -s submission \
		2>>"$(log_file)" 3>&- &
	listener=$!
	wait_until 5 listening "$port"
	for word in main2 phone laptop; do
		"$LIB/scram" "127.0.0.1:$port" "$ALICE" "$word"
	done
	run "$LIB/scram" "127.0.0.1:$port" "$ALICE" main
	has "$output" '^535'
	kill "$listener"
	logged 'mechanism=SCRAM-SHA-256 label=laptop$'
}
