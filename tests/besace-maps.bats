#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# "besace maps": the text files, what is wrong in them, and the maps.

load lib/helpers

setup()
{
	export BESACE_ETC=$BATS_TEST_TMPDIR/etc
	mkdir "$BESACE_ETC"
}

# text FILE < lines
text()
{
	cat >"$BESACE_ETC/$1"
}

maps()
{
	"$BIN/besace" maps
}

# value MAP KEY: what the map has, "-" for nothing.
value()
{
	cdb -q "$BESACE_ETC/$1.cdb" "$2" || echo -
}

# complains FILE:LINE PATTERN: of that line, so.
complains()
{
	has "$output" "^$BESACE_ETC/$1: .*$2"
}

two_domains()
{
	printf 'example.test\ndomain.test\n' | text domains
	printf '%s\n' 'postmaster@example.test bob@example.test' \
		'postmaster@domain.test bob@example.test' | text aliases
	echo 'postmaster_address = bob@example.test' | text settings
	printf 'bob@example.test  example.test/bob/\n' | text mailboxes
	printf 'bob@example.test:{PLAIN}secret\n' | text passwords
}

@test "no text at all makes empty maps that say they are whole" {
	run -0 maps
	is '' "$output"
	local map
	for map in settings domains mailboxes aliases senders passwords dkim certificates routes; do
		is 'besace 1' "$(value "$map" '')"
		is 1 "$(cdb -d "$BESACE_ETC/$map.cdb" | grep -acP '^\+\d+,\d+:[^\0]')"
	done
	is 640 "$(stat -c %a "$BESACE_ETC/passwords.cdb")"
	is 640 "$(stat -c %a "$BESACE_ETC/routes.cdb")"
	is 644 "$(stat -c %a "$BESACE_ETC/aliases.cdb")"
	is 644 "$(stat -c %a "$BESACE_ETC/dkim.cdb")"
}

@test "nothing but maps and texts is left in the directory" {
	two_domains
	run -0 maps
	is '' "$(find "$BESACE_ETC" -name '*tmp*')"
	is 14 "$(find "$BESACE_ETC" -type f | wc -l)"
}

@test "settings: Postfix's form, with comments and lines that go on" {
	text settings <<-'END'
		# a comment
		message_size_limit = 3M
		  # a comment between
		inbound_filters = spamscore |
		    second --option

		myhostname=mx.example.test
	END
	run -0 maps
	is 3M "$(value settings message_size_limit)"
	is 'spamscore | second --option' "$(value settings inbound_filters)"
	is mx.example.test "$(value settings myhostname)"
}

@test "settings: every fault is told with its line, and nothing changes" {
	two_domains
	maps
	text settings <<-'END'
		mesage_size_limit = 3M
		message_size_limit = 3 MB
		filter_timeout = soon
		disable_plaintext_auth = maybe
		smtpd_timeout
		myhostname = a
		myhostname = b
		somethingelse = 1
	END
	sed -i 's/bob@/carol@/' "$BESACE_ETC/mailboxes"
	run -78 maps
	complains settings:1 'did you mean message_size_limit'
	complains settings:2 'a size is a number with'
	complains settings:3 'a time is a number with'
	complains settings:4 'yes or no'
	complains settings:5 'NAME = VALUE'
	complains settings:7 'line 6'
	complains settings:8 'not a setting'
	is 7 "$(grep -c '^/' <<<"$(grep -v ' warning:' <<<"$output")")"
	has "$output" '^besace: 7 errors; the maps are as they were'
	is example.test/bob "$(value mailboxes bob@example.test)"
}

@test "mailboxes: postmap's form, any letter case, with a quota" {
	two_domains
	text mailboxes <<-'END'
		# Postfix's vmaps
		Bob@Example.TEST	example.test/bob/
		alice@example.test   /example.test/alice
		"john doe"@example.test  example.test/john doe
		carol@example.test
		   example.test/carol/   quota=5G
		@domain.test domain.test/all/
	END
	run -78 maps
	complains mailboxes:4 'doe'
	sed -i '/john/d' "$BESACE_ETC/mailboxes"
	run -0 maps
	is example.test/bob "$(value mailboxes bob@example.test)"
	is example.test/alice "$(value mailboxes alice@example.test)"
	is "example.test/carol	quota=5368709120" "$(value mailboxes carol@example.test)"
	is domain.test/all "$(value mailboxes @domain.test)"
}

@test "S75 S84 mailboxes: without a path an address has domain/user" {
	two_domains
	printf '%s\n' Dora@example.test 'emil@example.test quota=1k' | text mailboxes
	run -0 maps
	is example.test/dora "$(value mailboxes dora@example.test)"
	is "example.test/emil	quota=1024" "$(value mailboxes emil@example.test)"
}

@test "mailboxes: paths that lead out, domains that are not ours, addresses that are none" {
	two_domains
	text mailboxes <<-'END'
		a@example.test ../a
		b@example.test x/../../b
		c@example.test x//c
		d@example.test ./d
		@example.test
		f@other.test other.test/f
		no address at all
		bob x/bob
		g@example.test x/g quota=5X
		h@example.test x/h size=5G
	END
	run -78 maps
	local line
	for line in 1 2 3 4; do
		complains mailboxes:$line 'below virtual_mailbox_base'
	done
	complains mailboxes:5 'name of a directory.*DOMAIN/USER'
	complains mailboxes:6 'not ours.*domains'
	complains mailboxes:7 'no @domain'
	complains mailboxes:8 'no @domain'
	complains mailboxes:9 'a size is'
	complains mailboxes:10 'quota=SIZE'
}

@test "a key twice: an error that names both lines, unless both say the same" {
	two_domains
	printf '%s\n' 'bob@example.test a/b' 'x@example.test a/x' 'BOB@example.test a/c' | text mailboxes
	run -78 maps
	complains mailboxes:3 'bob@example.test: .*line 1'
	printf '%s\n' 'bob@example.test a/b' 'x@example.test a/x' 'BOB@example.test a/b/' | text mailboxes
	run -0 maps
	complains mailboxes:3 'line 1'
	is a/b "$(value mailboxes bob@example.test)"
	is 1 "$(cdb -d "$BESACE_ETC/mailboxes.cdb" | grep -c bob@)"
}

@test "aliases: Postfix's virtual: lists, catch-alls, plus addresses, other servers" {
	two_domains
	text aliases <<-'END'
		postmaster@example.test bob+postmaster@example.test
		# a list that goes on
		team@example.test  bob@example.test,
		  Carol@Elsewhere.TEST
		@domain.test bob@example.test
		odd@example.test "a, b"@elsewhere.test
	END
	run -0 maps
	is '' "$output"
	is bob+postmaster@example.test "$(value aliases postmaster@example.test)"
	is 'bob@example.test Carol@elsewhere.test' "$(value aliases team@example.test | xargs)"
	is bob@example.test "$(value aliases @domain.test)"
	is '"a, b"@elsewhere.test' "$(value aliases odd@example.test)"
}

@test "aliases: what leads nowhere is told, programs are refused" {
	two_domains
	text aliases <<-'END'
		postmaster@example.test bob@example.test
		postmaster@domain.test bob@example.test
		gone@example.test nobody@example.test
		bob@example.test postmaster@example.test
		domain.test anything
	END
	run -0 maps
	complains aliases:3 'warning: nobody@example.test: leads nowhere'
	complains aliases:4 'warning: bob@example.test: is a mailbox too'
	complains aliases:5 'warning: .*domains'
	printf '%s\n' 'a@example.test |/bin/sh' 'b@example.test :include:/etc/passwd' \
		'c@example.test /dev/null' 'd@example.test user' 'e@example.test' \
		'f@example.test @domain.test' 'g@unknown.test bob@example.test' | text aliases
	run -78 maps
	complains aliases:1 'not to programs'
	complains aliases:2 'not to programs'
	complains aliases:3 'not to programs'
	complains aliases:4 'no @domain'
	complains aliases:5 'leads nowhere'
	complains aliases:6 'whole domain'
	complains aliases:7 'not ours'
}

@test "aliases: those that lead only to each other are told" {
	two_domains
	text aliases <<-'END'
		postmaster@example.test bob@example.test
		abuse@example.test bob@example.test
		a@example.test b@example.test
		b@example.test c@domain.test, a@example.test
		c@domain.test A@example.test
		self@example.test self@example.test
		bob@example.test bob@example.test
		out@example.test a@example.test, x@elsewhere.test
	END
	run -0 maps
	local line
	for line in 3 4 5 6; do
		complains "aliases:$line" 'warning: .* leads only back to itself'
	done
	hasnt "$output" 'aliases:[1278]:.*itself'
}

@test "settings: a program that cannot be run, and a reverse-path's domain that is none" {
	text settings <<-'END'
		mailbox_command = /no/such/program -d
		inbound_filters = spamscore | nosuch
		outbound_filters = dkimsign | cat
	END
	run -0 maps
	complains settings:1 'warning: /no/such/program: is no program that can be run'
	complains settings:2 'warning: nosuch: is no program that can be run'
	hasnt "$output" '(spamscore|dkimsign|cat): is no program'
	text settings <<<'mailbox_command = open " quote'
	run -0 maps
	complains settings:1 'warning: mailbox_command: is no command'
	text settings <<-END
		inbound_filters = $BATS_TEST_TMPDIR
		virtual_transport =
		mailbox_command =
		outbound_filters =
	END
	run -0 maps
	complains settings:1 'is no program that can be run'
	complains settings:2 'warning: virtual_transport: is not one command'
	hasnt "$output" 'settings:[34]:'
	text settings <<<'virtual_transport = deliver | cat'
	run -0 maps
	complains settings:1 'warning: virtual_transport: is not one command'
	text settings <<<'mailbox_command = cat | cat'
	run -0 maps
	complains settings:1 'warning: mailbox_command: is not one command'
	text settings <<<'srs_domain = a b'
	run -78 maps
	complains settings:1 'srs_domain = a b.*: a host name is needed'
}

@test "settings: of what smtp-session has in itself, none is looked for in PATH" {
	local alone=$BATS_TEST_TMPDIR/alone name
	mkdir "$alone" "$alone/bin"
	cp "$BIN/besace" "$alone"
	for name in deliver dkimsign spamscore cat; do
		printf '#!/bin/sh\n' >"$alone/bin/$name"
		chmod 755 "$alone/bin/$name"
	done
	text settings <<-END
		virtual_transport = deliver
		inbound_filters = spamscore | cat
		outbound_filters = dkimsign | $alone/bin/dkimsign
	END
	PATH=$alone/bin:$PATH run -0 "$alone/besace" maps
	complains settings:1 'warning: deliver: .* has it in itself'
	complains settings:2 'warning: spamscore: .* has it in itself'
	complains settings:3 'warning: dkimsign: .* has it in itself'
	is 3 "$(grep -c 'in itself' <<<"$output")"
	run -0 maps
	hasnt "$output" 'in itself'
}

@test "aliases: a mailbox that keeps a copy and sends on is right" {
	two_domains
	echo 'bob@example.test Bob@Example.test, dave@elsewhere.test' >>"$BESACE_ETC/aliases"
	run -0 maps
	is '' "$output"
}

@test "S28: a domain without postmaster or abuse is told, unless somebody stands in" {
	two_domains
	text settings </dev/null
	printf '%s\n' 'postmaster@example.test bob@example.test' \
		'@domain.test bob@example.test' | text aliases
	run -0 maps
	complains domains:1 'warning: example.test: has no abuse'
	hasnt "$output" 'has no postmaster'
	hasnt "$output" 'domains:2'
	printf '%s\n' 'postmaster@example.test bob@example.test' | text aliases
	run -0 maps
	complains domains:2 'warning: domain.test: has neither postmaster nor abuse'
	is 1 "$(grep -c 'domain.test: has ' <<<"$output")"
	local address
	for address in bob@example.test bob+postmaster@example.test \
		POSTMASTER@Example.test root@elsewhere.test; do
		echo "postmaster_address = $address" | text settings
		run -0 maps
		is '' "$output"
	done
	echo 'myhostname = Example.test' | text settings
	run -0 maps
	is '' "$output"
	echo 'postmaster_address = nobody@example.test' | text settings
	run -0 maps
	complains domains:2 'warning: domain.test: has neither postmaster nor abuse'
	echo 'postmaster_address = bob' | text settings
	run -78 maps
	complains settings:1 'postmaster_address: is not a mail address'
}

@test "senders: who may send as an address" {
	two_domains
	printf '%s\n' 'info@example.test BOB@example.test, eve@domain.test' | text senders
	run -0 maps
	is 'bob@example.test eve@domain.test' "$(value senders info@example.test | xargs)"
	complains senders:1 'warning: eve@domain.test: is no login'
	hasnt "$output" 'bob@example.test'
}

@test "senders: a user of this machine, for sendmail, is a login too" {
	two_domains
	printf '%s\n' 'info@example.test root, no-such-user' | text senders
	run -0 maps
	complains senders:1 'warning: no-such-user: is no login'
	hasnt "$output" ' root: '
}

@test "settings: Postfix's hash:/... for senders is a fault, not a 451 for all" {
	two_domains
	printf '%s\n' 'smtpd_sender_login_maps = hash:/etc/postfix/senders' | text settings
	run -78 maps
	complains settings:1 'only the file senders'
}

@test "passwords: Dovecot's passwd-file, several passwords of one login" {
	two_domains
	text passwords <<-'END'
		# comment
		Bob@Example.test:{SHA512-CRYPT}$6$EKv2ENABXfZ9EKDF$EPZ6rEKeeFzitBdHTwhDiwDpw7XmXk/jDCJrz6JDuHSavcpwdiGgfrAYx8HBvxlEKZp2YM4LcjRwOPvGGXd9j/:5000:5000::/home/vmail/x:/bin/false:userdb_quota=x
		bob@example.test:{PLAIN}phone::::::label=phone scope=imap,smtp
		eve@domain.test:$1$qM6UAE4Y$ZeoGYxCI9HAXkiBQZU70P1
	END
	run -0 maps
	is '' "$output"
	is 2 "$(value passwords bob@example.test | grep -c .)"
	has "$(value passwords bob@example.test)" '^\{SHA512-CRYPT\}\$6\$[^	]*		$'
	has "$(value passwords bob@example.test)" '^\{PLAIN\}phone	phone	imap,smtp$'
	has "$(value passwords eve@domain.test)" '^\$1\$'
}

@test "passwords: no hash, two of one label, fields that narrow a login" {
	two_domains
	text passwords <<-'END'
		bob@example.test:
		eve@domain.test:{PLAIN}a
		eve@domain.test:{PLAIN}b
		x@y.test:{PLAIN}a::::::nologin
		y@y.test:{PLAIN}a::::::allow_nets=192.0.2.0/24
		z@y.test:{PLAIN}a::::::scope=pop3
		:{PLAIN}a
	END
	run -78 maps
	complains passwords:1 'no password hash'
	complains passwords:3 'label in line 2'
	complains passwords:4 'open to more'
	complains passwords:5 'open to more'
	complains passwords:6 'imap, smtp, sieve'
	complains passwords:7 'login is missing'
	hasnt "$output" '\{PLAIN\}'
}

@test "passwords: a scheme that is not ours is told, and others still work" {
	two_domains
	printf '%s\n' 'a@b.test:{PBKDF2}$1$x$5000$y' 'b@b.test:{PLAIN}x' | text passwords
	run -0 maps
	complains passwords:1 'warning: a@b.test: .*scheme'
	has "$(value passwords b@b.test)" '^\{PLAIN\}x'
}

@test "OpenDKIM's tables: names, wildcards, keys that cannot be used" {
	openssl genrsa -out "$BESACE_ETC/k.pem" 2048 2>/dev/null
	for_owner "$BESACE_ETC/k.pem"
	text dkim-keys <<-'END'
		default._domainkey.example.test example.test:default:k.pem  # a comment
		any  %:s2:k.pem
	END
	text dkim-signing <<-'END'
		*@Example.test default._domainkey.example.test
		domain.test any
		.sub.test any
		*@*.deep.test any
		* any
	END
	run -0 maps
	is '' "$output"
	is "example.test	default	k.pem" "$(value dkim example.test)"
	is "%	s2	k.pem" "$(value dkim domain.test)"
	is "%	s2	k.pem" "$(value dkim '*.sub.test')"
	is "%	s2	k.pem" "$(value dkim '*.deep.test')"
	is "%	s2	k.pem" "$(value dkim '*')"
	text dkim-keys <<-'END'
		one example.test:sel
		two example.test:sel:missing.pem
		three example.test:sel:dkim-keys
	END
	text dkim-signing <<-'END'
		alice@example.test two
		*@example.test four
	END
	run -78 maps
	complains dkim-keys:1 'DOMAIN:SELECTOR:KEYFILE'
	complains dkim-keys:2 'missing.pem: No such file'
	complains dkim-keys:3 'not a private key'
	complains dkim-signing:1 'by domain, not by address'
	complains dkim-signing:2 'four: is no key'
}

# for_owner FILE: readable for the mail's owner.
for_owner()
{
	chmod 640 "$1"
	[ "$(id -u)" != 0 ] || chgrp 5000 "$1"
}

# new_certificate NAME [DAYS]
new_certificate()
{
	openssl req -x509 -newkey "${KIND:-ec}" -nodes \
		-pkeyopt "${KIND_OPTION:-ec_paramgen_curve:P-256}" -subj "/CN=$1" -days "${2:-10}" -keyout "$BESACE_ETC/$1.key" \
		-out "$BESACE_ETC/$1.crt" 2>/dev/null
	for_owner "$BESACE_ETC/$1.key"
}

@test "keys that only root can read are told" {
	needs_root 'may read everything'
	new_certificate one
	echo '* one.crt one.key' | text certificates
	run -0 maps
	is '' "$output"
	chmod 600 "$BESACE_ETC/one.key"
	run -0 maps
	complains certificates:1 'warning: .*one.key: cannot be read by the mail.s owner'
	chown 5000 "$BESACE_ETC/one.key"
	run -0 maps
	is '' "$output"
	mkdir "$BESACE_ETC/live" "$BESACE_ETC/live/one"
	mv "$BESACE_ETC"/one.* "$BESACE_ETC/live/one"
	echo '* live/one/one.crt live/one/one.key' | text certificates
	chmod 700 "$BESACE_ETC/live"
	run -0 maps
	complains certificates:1 'warning: .*one.key: is in a directory that the mail.s owner may not enter'
	chmod 711 "$BESACE_ETC/live"
	run -0 maps
	is '' "$output"
}

@test "certificates: by name, with the right key, in date" {
	new_certificate one
	new_certificate two
	text certificates <<-'END'
		* one.crt one.key
		Mail.Example.test two.crt two.key
		*.example.test one.crt one.key
	END
	run -0 maps
	is '' "$output"
	is "two.crt	two.key" "$(value certificates mail.example.test)"
	is "one.crt	one.key" "$(value certificates '*.example.test')"
	text certificates <<-'END'
		* one.crt two.key
		mail.example.test missing.crt one.key
		*.example.test one.key one.key
		a.example.test one.crt missing.key
		not/a/name one.crt one.key
	END
	run -78 maps
	complains certificates:1 'two.key: is not the key'
	complains certificates:2 'missing.crt: No such file'
	complains certificates:3 'does not start with a certificate'
	complains certificates:4 'missing.key: No such file'
	complains certificates:5 'server name'
}

@test "certificates: keys that no client would have are told" {
	new_certificate one
	KIND=rsa KIND_OPTION=rsa_keygen_bits:1024 new_certificate short
	KIND_OPTION=ec_paramgen_curve:secp256k1 new_certificate odd
	KIND_OPTION=ec_paramgen_curve:secp384r1 new_certificate good
	text certificates <<-'END'
		* one.crt one.key
		a.example.test short.crt short.key
	END
	run -78 maps
	complains certificates:2 'short.key: is too short a key for TLS'
	text certificates <<-'END'
		* good.crt good.key
		a.example.test odd.crt odd.key
	END
	run -0 maps
	complains certificates:2 'warning: .*odd.key: has a curve that clients do not know'
	hasnt "$output" good.key
}

@test "a text file that cannot be read is an error, not an empty table" {
	two_domains
	maps
	rm "$BESACE_ETC/mailboxes"
	mkdir "$BESACE_ETC/mailboxes"
	run -78 maps
	has "$output" "^$BESACE_ETC/mailboxes: Is a directory"
	is example.test/bob "$(value mailboxes bob@example.test)"
}

@test "a disk that fills up leaves every old map" {
	needs_root 'mounts a small disk'
	two_domains
	maps
	cp -r "$BESACE_ETC" "$BATS_TEST_TMPDIR/before"
	unshare -m true || skip 'no namespaces here'
	seq 1 20000 | sed 's/.*/user&@example.test example.test\/user&/' >>"$BESACE_ETC/mailboxes"
	run unshare -m bash -c '
		mkdir "$BATS_TEST_TMPDIR/small"
		mount -t tmpfs -o size=1600k tmpfs "$BATS_TEST_TMPDIR/small" &&
		cp -r "$BESACE_ETC"/* "$BATS_TEST_TMPDIR/small" || exit 99
		BESACE_ETC=$BATS_TEST_TMPDIR/small "$BIN/besace" maps
		echo "status $?"
		find "$BATS_TEST_TMPDIR/small" -name "*tmp*"
		for map in "$BATS_TEST_TMPDIR/small"/*.cdb; do
			cmp "$map" "$BATS_TEST_TMPDIR/before/$(basename "$map")" || exit 98
		done'
	is 0 "$status"
	has "$output" '^status 73$'
	has "$output" 'No space left'
	hasnt "$output" 'tmp\.'
}

@test "hostile bytes in a table are shown tamed" {
	printf 'a\033[31mb\001@x y\n' | text mailboxes
	run -78 maps
	has "$output" 'x1b\[31m'
	hasnt "$output" $'\033'
}

@test "many addresses are read and found" {
	echo example.test | text domains
	seq 1 50000 | sed 's/.*/user&@example.test example.test\/user&/' | text mailboxes
	run -0 timeout 20 "$BIN/besace" maps
	is example.test/user49999 "$(value mailboxes user49999@example.test)"
}

@test "as root, what holds secrets is for the mail user's group" {
	needs_root 'changes the group'
	two_domains
	run -0 maps
	is 5000:640 "$(stat -c %g:%a "$BESACE_ETC/passwords.cdb")"
	is 0 "$(stat -c %u "$BESACE_ETC/passwords.cdb")"
}

@test "two at a time wait for each other" {
	two_domains
	local i pids=()
	for i in 1 2 3 4 5 6; do
		maps 3>&- &
		pids+=($!)
	done
	for i in "${pids[@]}"; do
		wait "$i"
	done
	is example.test/bob "$(value mailboxes bob@example.test)"
}

@test "arguments it does not take are a usage error" {
	run -64 "$BIN/besace" maps now
	run -64 "$BIN/besace"
	run -64 "$BIN/besace" nonsense
	has "$output" 'no verb "nonsense"'
	run -0 "$BIN/besace" --help
	has "$output" '^  maps '
	run -0 "$BIN/besace" --version
	has "$output" '^besace [0-9]'
}

@test "routes: hosts, options, credentials; what is wrong in them" {
	text routes <<-'END'
		example.net  [smtp.example.net]:587 tls=verify user=alice password=a b  c
		.Example.Net  -  tls=encrypt
		bücher.test  mx.bücher.test name=mail.bücher.test
		[192.0.2.1]  [IPv6:2001:db8::1]
		*            [127.0.0.1]:2525 auth=clear
		    user=bob
		    password=secret
	END
	run -0 maps
	is $'[smtp.example.net]:587\tverify\t\t\talice\ta b  c' "$(value routes example.net)"
	is $'-\tencrypt\t\t\t\t' "$(value routes .example.net)"
	is $'mx.bücher.test\t\tmail.bücher.test\t\t\t' "$(value routes xn--bcher-kva.test)"
	is $'[IPv6:2001:db8::1]\t\t\t\t\t' "$(value routes '[192.0.2.1]')"
	is $'[127.0.0.1]:2525\t\t\tclear\tbob\tsecret' "$(value routes '*')"
	text routes <<-'END'
		from:Alice@Example.NET  [smtp.example.net]:587 user=a password=b
		from:.example.net  -
		from:Bücher.test  [h]
		from:<>  [h]
		[Smtp.Example.Net]:587  user=a password=b c
		example.org  tls=encrypt name=x.test
		[192.0.2.1]  tls=may
		smtps:[h]:10465  user=a password=b
	END
	run -0 maps
	is $'[smtp.example.net]:587\t\t\t\ta\tb' "$(value routes from:alice@example.net)"
	is $'-\t\t\t\t\t' "$(value routes from:.example.net)"
	is $'[h]\t\t\t\t\t' "$(value routes from:xn--bcher-kva.test)"
	is $'[h]\t\t\t\t\t' "$(value routes 'from:<>')"
	is $'\t\t\ta\tb c' "$(value routes 'hop:[smtp.example.net]:587')"
	is $'encrypt\tx.test\t\t\t' "$(value routes hop:example.org)"
	is $'may\t\t\t\t' "$(value routes 'hop:[192.0.2.1]')"
	is $'\t\t\ta\tb' "$(value routes 'hop:smtps:[h]:10465')"
	text routes <<-'END'
		from:alice@ [h]
		from:a@b.test user=a password=secret
		from:a@b.test - user=a password=secret
		* - user=a password=secret
		.b.test - user=a password=secret
		a.test [h]:465 tls=none
		smtps:[h] tls=none
		* user=a password=secret
		from:* [h]
	END
	run -78 maps
	complains routes:1 'is no sender: from:ADDRESS'
	complains routes:2 'write "DOMAIN \[HOST\]:PORT OPTIONS"'
	complains routes:3 'would send the password to many'
	complains routes:4 'would send the password to many'
	complains routes:5 'would send the password to many'
	complains routes:6 'tls=none does not go with'
	complains routes:7 'tls=none does not go with'
	complains routes:8 'is no next hop'
	complains routes:9 'is no sender'
	hasnt "$output" secret
	text routes <<-'END'
		example.net
		example.org [mx.example.org
		example.com [mx.example.com]:0
		a.test mx.test tls=always
		b.test mx.test user=alice
		c.test mx.test colour=red
		d.test mx.test auth=never
		@e.test mx.test
	END
	run -78 maps
	complains routes:1 'write "DOMAIN \[HOST\]:PORT OPTIONS"'
	complains routes:2 'write "DOMAIN \[HOST\]:PORT OPTIONS"'
	complains routes:3 'write "DOMAIN \[HOST\]:PORT OPTIONS"'
	complains routes:4 'TLS is none, may, encrypt, dane-only or verify'
	complains routes:5 'user= and password= go together'
	complains routes:6 'colour: is no option'
	complains routes:7 'auth is tls or clear'
	complains routes:8 'is no domain'
	hasnt "$output" secret
}

@test "routes: lines as Postfix has them, and slips, say what to write; no secret is shown" {
	text routes <<-'END'
		[smtp.example.net]:587 alice:secret
		smtp.example.net alice:secret
		@example.org [smtp.example.net]
		alice@example.org [smtp.example.net]
		example.com 192.0.2.1
		example.com [smtp.example.net]:submission
		example.com [smtp.example.net]:587 user=alice pasword=secret
		example.com [smtp.example.net]:587 user=alice secret
	END
	run -78 maps
	complains routes:1 'written "\[HOST\]:PORT user=LOGIN password=SECRET"'
	complains routes:2 'write "DOMAIN \[HOST\]:PORT OPTIONS"'
	complains routes:3 'write from:ADDRESS or from:DOMAIN'
	complains routes:4 'write from:ADDRESS or from:DOMAIN'
	complains routes:5 'an address in brackets'
	complains routes:6 'the port in digits'
	complains routes:7 'pasword: is no option'
	complains routes:8 'is no option'
	hasnt "$output" secret
}

@test "resolver: addresses, with or without a port, or nothing" {
	local servers
	for servers in '' 127.0.0.1 127.0.0.1:53 ::1 '[::1]' '[::1]:5353' \
		'127.0.0.1:53, [::1]:53' '192.0.2.1,192.0.2.2 , 2001:db8::1'; do
		text settings <<<"resolver = $servers"
		run -0 maps
	done
	for servers in dns.example.net 127.0.0.1:dns 127.0.0.1:0 127.0.0.1:65536 \
		127.0.0.1: '[::1' '[::1]x53' '[::1]:' '[127.0.0.1]' , \
		'127.0.0.1,,127.0.0.2' '127.0.0.1 127.0.0.2' 127.0.0.256; do
		text settings <<<"resolver = $servers"
		run -78 maps
		complains settings:1 'addresses are needed, as 127.0.0.1:53'
	done
}

@test "routes: passwords that anybody can read, or that nobody sends" {
	text settings <<<'relayhost = [Smtp.example.net]:587'
	text routes <<-'END'
		[smtp.example.net]:587  user=a password=b
		smtp.example.net        user=a password=b
		from:a@b.test  [other.example]
		[other.example]         user=a password=b
		[other.example]:587     user=a password=b
		[third.example]         tls=encrypt
	END
	chmod 644 "$BESACE_ETC/routes"
	run -0 maps
	complains routes 'warning: has passwords that every user'
	complains routes:2 'warning: smtp.example.net: neither relayhost nor a route'
	complains routes:5 'warning: "?\[other.example\]:587"?: neither relayhost'
	is 3 "$(grep -c etc/routes <<<"$output")"
	chmod 640 "$BESACE_ETC/routes"
	run -0 maps
	is 2 "$(grep -c etc/routes <<<"$output")"
}

@test "settings of other servers: relayhost, TLS, addresses" {
	text settings <<-'END'
		relayhost = [smtp.example.net]:587
		smtp_tls_security_level = verify
		smtp_address_preference = ipv6
	END
	run -0 maps
	text settings <<-'END'
		relayhost = [smtp.example.net
		smtp_tls_security_level = dane
		smtp_address_preference = ipv5
	END
	run -78 maps
	complains settings:1 'a host is needed'
	complains settings:2 'none, may, encrypt, dane-only or verify'
	complains settings:3 'any, ipv4 or ipv6'
}
