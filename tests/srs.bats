#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Bounces to what aliases sent on: who gets them, and that nobody can send
# through us in this way.

load lib/helpers

setup()
{
	instance_new -o srs_domain=srs.test -o myhostname=mx.test \
		-o default_transport=smtp
	[ "$(id -u)" != 0 ] || chown 5000:5000 "$BESACE_VAR"
}

srs()
{
	"$LIB/srs" "$@"
}

# rcpt_from SENDER "CODE TEXT" RECIPIENT
rcpt_from()
{
	rcpt "$3" "$2" "" "$1"
}

@test "RCPT: a reverse-path of ours is taken for bounces, in any letter case" {
	local path
	path=$(srs dave@elsewhere.test srs.test)
	rcpt_from "" '250' "$path"
	rcpt_from "" '250' "${path^^}"
	rcpt_from "" '250' "$(srs SRS0=x=y=a.test=b@them.test srs.test)"
	rcpt_from "" '250' "$(srs -d 21 dave@elsewhere.test srs.test)"
	rcpt_from carol@elsewhere.test '550 5.7.1 Only bounces' "$path"
}

@test "RCPT: what we did not make, or too long ago, is an unknown address" {
	local path
	path=$(srs dave@elsewhere.test srs.test)
	for bad in "${path/dave/mary}" "${path/elsewhere/otherwise}" \
		"${path/SRS0=?/SRS0=}" 'SRS0=@srs.test' 'SRS1=a=b==c@srs.test' \
		"$(srs -d 22 dave@elsewhere.test srs.test)" \
		"$(srs -d -1 dave@elsewhere.test srs.test)"; do
		rcpt_from "" '550 5.1.1' "$bad"
	done
	setting srs_max_age 30d
	rcpt_from "" '250' "$(srs -d 30 dave@elsewhere.test srs.test)"
}

@test "RCPT: at another domain it is no reverse-path of ours" {
	local path
	path=$(srs dave@elsewhere.test other.test)
	rcpt_from "" '554 5.7.1' "$path"
	rcpt_from "" '550 5.1.1' "${path/other/example}"
	setting srs_domain ""
	rcpt_from "" '250' "$(srs dave@elsewhere.test mx.test)"
	rcpt_from "" '554 5.7.1' "$(srs dave@elsewhere.test srs.test)"
}

@test "RCPT: without its secret it is unknown; with a damaged one, later" {
	local path
	path=$(srs dave@elsewhere.test srs.test)
	rm "$BESACE_VAR/srs-secrets"
	rcpt_from "" '550 5.1.1' "$path"
	[ ! -e "$BESACE_VAR/srs-secrets" ]
	echo damaged >"$BESACE_VAR/srs-secrets"
	rcpt_from "" 451 "$path"
	logged 'error what="read or make the secrets of reverse-paths" object=[^ ]*/srs-secrets '
}

@test "RCPT: what is kept of long ones cannot be read: later" {
	local path
	path=$(srs aaaaaaaaaaaaaaaa@ srs.test)
	rcpt_from "" '550 5.1.1' "$path"
	rm -f "$BESACE_VAR/reverse-paths"
	mkdir "$BESACE_VAR/reverse-paths"
	rcpt_from "" 451 "$path"
	logged 'error what=open object=[^ ]*/reverse-paths '
}

@test "MAIL: mail that we sent on may come back with its reverse-path" {
	local path
	path=$(srs dave@elsewhere.test srs.test)
	rcpt_from "$path" '250' "$ALICE"
}

@test "lookup says where a reverse-path leads, and why not" {
	local path
	path=$(srs dave@elsewhere.test srs.test)
	run -0 "$BIN/besace" lookup "$path"
	has "$output" '^  reverse-path of mail sent on, taken for bounces only$'
	has "$output" '^    dave@elsewhere.test$'
	run -0 "$BIN/besace" lookup "$(srs SRS0=x=y=a.test=b@them.test srs.test)"
	has "$output" '^    SRS0=x=y=a.test=b@them.test$'
	run -67 "$BIN/besace" lookup "${path/dave/mary}"
	has "$output" 'unknown: a reverse-path that was not made here'
	run -67 "$BIN/besace" lookup "$(srs -d 22 dave@elsewhere.test srs.test)"
	has "$output" 'unknown: a reverse-path that is too old'
}
