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

# rcpt ADDRESS REPLY: RCPT to it is answered by REPLY, a regular expression.
rcpt()
{
	smtp_dialogue <<-END
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:<carol@elsewhere.test>
	S: 250
	C: RCPT TO:<$1>
	S* $2
	C: QUIT
	S* 221
	END
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
