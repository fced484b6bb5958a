#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Servers that mean harm: by their pace, and by how they end.

load lib/helpers
load lib/dns
load lib/relay

setup()
{
	relay_new </dev/null
}

teardown()
{
	relay_end
}

# large_mail OCTETS: the file "aaa".
large_mail()
{
	{
		mail_text large
		yes "$(printf '%076d' 0)" | head -c "$1"
		echo
	} | queue_put aaa example.net "$ALICE" bob@example.net
}

# server_hangs_up [OPTION]...: it refuses the message early, and does not read on.
server_hangs_up()
{
	server_start "$@" <<-'END'
	EHLO reply 250-hostile.test\n250-PIPELINING\n250 STARTTLS
	EHLO+tls reply 250-hostile.test\n250 PIPELINING
	body after 552 5.3.4 too large for us
	END
}

@test "a refusal amid the message by a server that hangs up on the rest of it" {
	local i
	setting smtp_tls_security_level none
	server_hangs_up
	for i in {1..10}; do
		large_mail 8000000
		run -0 relay example.net
		is 'failed 552 5.3.4' "$(queue_state aaa)"
	done
	is 0 "$(received)"
}

@test "the same inside TLS" {
	local dir=$BATS_TEST_TMPDIR
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-subj /CN=mx.example.net -keyout "$dir/key" -out "$dir/chain" 2>/dev/null
	server_hangs_up --tls "$dir/chain" "$dir/key"
	large_mail 8000000
	run -0 relay example.net
	logged 'result=failed answer="552 5\.3\.4 too large for us" .*tls=TLSv1'
	is 'failed 552 5.3.4' "$(queue_state aaa)"
	is 0 "$(received)"
}

# descriptors PID: the flags of those that are regular files, but for standard
# error, which the checking build keeps for its reports.
descriptors()
{
	local fd
	for fd in "/proc/$1/fd"/*; do
		[ ! -f "$fd" ] || [ "${fd##*/}" = 2 ] || sed -n 's/^flags:[[:space:]]*//p' "/proc/$1/fdinfo/${fd##*/}"
	done
}

# A second transaction comes after a state was written by the other process.
@test "who talks to the server can only read the message, in each transaction" {
	local job client
	setting smtp_destination_recipient_limit 1
	server_start <<<'MAIL:2 stall'
	mail_text | queue_put aaa example.net "$ALICE" bob@example.net carol@example.net
	"$BIN/relay" example.net <<<new/aaa >/dev/null 2>>"$(log_file)" &
	job=$!
	wait_until 60 eval '[ "$(grep -c " MAIL " "$SERVER_LOG")" = 2 ]'
	client=$(pgrep -P "$job")
	run -0 descriptors "$client"
	kill "$job"
	is 1 "${#lines[@]}"
	has "$output" '0$'
	is 'relayed 250 2.0.0
waiting - -' "$(queue_state aaa)"
}

@test "a server that takes its time for each of many recipients" {
	setting smtp_mail_timeout 1s
	setting smtp_rcpt_timeout 5s
	setting smtp_data_init_timeout 1s
	server_start <<<'RCPT late 3'
	mail_text | queue_put aaa example.net "$ALICE" {a,b,c,d,e,f,g,h}@example.net
	run -0 relay example.net
	is 8 "$(queue_state aaa | grep -c '^waiting - 4\.4\.2')"
	has "$output" 'timed out at RCPT'
	is 0 "$(received)"
}

@test "a connection is not used for ever" {
	local i
	setting smtp_connection_reuse_time_limit 1s
	server_start <<<'dot late 2'
	for i in aaa bbb; do
		mail_text | queue_put "$i" example.net "$ALICE" bob@example.net
	done
	run -0 relay example.net
	is 2 "$(received)"
	is 2 "$(cut -d' ' -f1 "$SERVER_LOG" | sort -u | grep -c .)"
}

# The first recipient's mail would be sent again, at each try.
@test "no room to write down what was sent: nothing is sent, but what goes whole" {
	local i
	server_start <<<'RCPT:2 reply 450 4.2.0 later'
	for i in aaa bbb; do
		{
			mail_text large
			yes "$(printf '%076d' 0)" | head -c 300000
			echo
		} | queue_put $i example.net "$ALICE" bob@example.net carol@example.net
	done
	sed -i '/^Recipient: carol/,/^State/d' "$BESACE_VAR/queue/new/bbb"
	(
		ulimit -f 100
		run -75 relay example.net
	)
	logged 'make room for the results of" object=new/aaa'
	is $'waiting - -\nwaiting - -' "$(queue_state aaa)"
	is gone "$(queue_state bbb)"
	is 1 "$(received)"
	relay example.net
	is $'relayed 250 2.0.0\nwaiting 450 4.2.0' "$(queue_state aaa)"
}
