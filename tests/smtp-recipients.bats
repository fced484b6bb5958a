#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What RCPT says to an address, by where it leads.

load lib/helpers
load lib/deliver

setup()
{
	instance_new -o default_transport=smtp -o inbound_filters=
}

# aliases_are: the lines of stdin are all aliases.
aliases_are()
{
	cat >"$BESACE_ETC/aliases"
	"$BIN/besace" maps
}

@test "S25 S30: an alias is as good as what it leads to" {
	aliases_are <<-'END'
	one@example.test alice@example.test
	two@example.test one@example.test, nobody@example.test
	gone@example.test nobody@example.test, none@example.test
	far@example.test dave@elsewhere.test
	ring@example.test ring2@example.test
	ring2@example.test ring@example.test
	END
	rcpt one@example.test '250 2\.1\.5'
	# some of its targets exist: they get it
	rcpt two@example.test '250 2\.1\.5'
	rcpt far@example.test '250 2\.1\.5'
	rcpt gone@example.test '550 5\.1\.1'
	rcpt ring@example.test '550 5\.4\.6'
}

@test "an alias that is broken waits, unless it leads to somebody as well" {
	map aliases <<-'END'
	broken@example.test=>not an address
	mixed@example.test=>nobody@example.test\nnot an address
	partly@example.test=>not an address\nalice@example.test
	END
	rcpt broken@example.test 451
	rcpt mixed@example.test 451
	rcpt partly@example.test '250 2\.1\.5'
	logged 'error what="expand address"'
}

@test "default_transport: other servers, themselves or by an alias, are refused at RCPT" {
	aliases_are <<<'far@example.test dave@elsewhere.test'
	setting default_transport 'error:5.7.9 not from here'
	export TCPREMOTEIP=127.0.0.1
	setting mynetworks 127.0.0.0/8
	rcpt dave@elsewhere.test '550 5\.7\.9 not from here'
	rcpt far@example.test '550 5\.7\.9 not from here'
}

@test "S28: postmaster and abuse of every domain, and postmaster alone, are taken" {
	printf '%s\n' example.test domain.test xn--bcher-kva.test \
		>"$BESACE_ETC/domains"
	aliases_are </dev/null
	local domain
	for domain in example.test Domain.test xn--bcher-kva.test; do
		rcpt "postmaster@$domain" '250 2\.1\.5'
		rcpt "Abuse@$domain" '250 2\.1\.5'
		rcpt "POSTMASTER+X@$domain" '250 2\.1\.5'
	done
	rcpt postmaster '250 2\.1\.5'
	rcpt Postmaster '250 2\.1\.5'
	rcpt postmasters@example.test '550 5\.1\.1'
	rcpt postmaster@elsewhere.test '554 5\.7\.1'
	rcpt abuse '501'
	# not one of our domains, but ours to answer for
	setting myhostname mx.example.test
	rcpt postmaster@MX.example.test '250 2\.1\.5'
	rcpt alice@mx.example.test '554 5\.7\.1'
	send_plain postmaster@domain.test < <(mail_text)
	is 1 "$(find "$MAIL/postmaster/new" -type f | wc -l)"
}

@test "S84: one table says who is here, and the path follows from the address" {
	printf '%s\n' example.test Domain.test >"$BESACE_ETC/domains"
	printf '%s\n' alice@example.test 'Carol@Domain.test quota=5M' \
		>"$BESACE_ETC/mailboxes"
	aliases_are <<-'END'
	info@example.test Carol@DOMAIN.test
	END
	send_plain info@example.test < <(mail_text)
	is 1 "$(find "$MAIL/domain.test/carol/new" -type f | wc -l)"
	rcpt alice@example.test '250 2\.1\.5'
	rcpt bob@example.test '550 5\.1\.1'
}

@test "an octet that changed in a large table makes no address unknown" {
	local i map=$BESACE_ETC/aliases.cdb
	for i in {1000..2000}; do
		echo "list$i@example.test alice@example.test"
	done | aliases_are
	sed -i 's/list1500@example/listI500@example/' "$map"
	rcpt list1499@example.test '250 2\.1\.5'
	rcpt list1500@example.test 451
	rcpt nobody@example.test 451
	logged 'error .*aliases\.cdb'
	run -75 "$BIN/deliver" list1500@example.test < <(mail_text)
	"$BIN/besace" maps
	rcpt list1500@example.test '250 2\.1\.5'
	rcpt nobody@example.test '550 5\.1\.1'
}
