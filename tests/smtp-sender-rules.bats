#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Who may send in whose name, as far as the tables say.

load lib/helpers

setup_file()
{
	instance_new -o smtpd_hard_error_limit=1000
	printf '%s\n' other.test >>"$BESACE_ETC/domains"
	printf '%s\n' 'info@example.test alice@example.test' \
		'list@example.test alice@example.test, bob@example.test' \
		'outside@example.test dave@elsewhere.test' \
		'chain@example.test info+x@example.test' \
		'loop@example.test loop2@example.test' \
		'loop2@example.test loop@example.test' \
		'@other.test bob@example.test' \
		'team@other.test alice@example.test, bob@example.test' \
		'sales@other.test alice@example.test' \
		'bob@example.test bob@example.test, dave@elsewhere.test' \
		>>"$BESACE_ETC/aliases"
	printf '%s\n' 'desk@example.test bob@example.test, alice@example.test' \
		'sales@other.test bob@example.test' \
		'noreply@example.test alice@example.test' \
		'private@gmail.example bob@example.test' \
		'@partner.example alice@example.test' \
		>>"$BESACE_ETC/senders"
	"$BIN/besace" maps
}

setup()
{
	cp "$BESACE_ETC/settings" "$BATS_TEST_TMPDIR/settings"
}

teardown()
{
	cp "$BATS_TEST_TMPDIR/settings" "$BESACE_ETC/settings"
	"$BIN/besace" maps
}

# sends WHO REPLY ADDRESS...: the reply to MAIL FROM of each, as a user who
# logged in, or on port 25 as "stranger".
sends()
{
	local who=$1 reply=$2 address service=submission login=""
	shift 2
	case $who in
	alice) login=$ALICE_PLAIN ;;
	bob) login=$BOB_PLAIN ;;
	stranger) service=smtp ;;
	esac
	{
		printf 'S* 220\nC: EHLO client.example\nS* 250\n'
		[ -z "$login" ] || printf 'C: AUTH PLAIN %s\nS* 235\n' "$login"
		for address; do
			printf 'C: MAIL FROM:<%s>\nS* %s\nC: RSET\nS* 250\n' \
				"$address" "$reply"
		done
		printf 'C: QUIT\nS* 221\n'
	} | smtp_dialogue -s "$service" || {
		echo "$who: $*"
		return 1
	}
}

@test "S45 reject_unlisted_sender: an address of our domains must exist" {
	sends stranger '550 5\.1\.0' ghost@example.test Ghost+x@EXAMPLE.test
	logged 'refused ip=local from=ghost@example\.test rule=reject_unlisted_sender '
	sends alice '550 5\.1\.0' ghost@example.test
	sends stranger 250 ghost@elsewhere.test ''
	setting reject_unlisted_sender no
	sends stranger 250 ghost@example.test
}

@test "S47 reject_non_fqdn_sender: a sender needs a complete domain" {
	sends stranger '504 5\.5\.2' alice alice@host '"odd name"' ALICE@localhost
	sends alice '504 5\.5\.2' alice alice@host
	sends stranger 250 'carol@[192.0.2.1]' 'carol@[IPv6:2001:db8::1]'
	logged 'from=alice@host rule=reject_non_fqdn_sender '
	smtp_dialogue -s smtp <<-'END'
	S* 220
	C: EHLO client.example
	S* 250
	C: MAIL FROM:alice
	S* 504 5\.5\.2
	C: MAIL FROM:<alice@>
	S* 501
	C: MAIL FROM:<al ice>
	S~ 5
	C: QUIT
	S* 221
	END
	setting reject_non_fqdn_sender no
	sends stranger 250 alice@host
	sends stranger 501 alice
}

@test "S48 reject_sender_login_mismatch: an address that is a login's needs that login" {
	# a mailbox, with an extension, in any case; an alias for one; a line in
	# senders; a catch-all
	sends stranger '553 5\.7\.1' alice@example.test ALICE@Example.Test \
		bob+shop@example.test '"alice"@example.test' \
		info@example.test desk@example.test private@gmail.example \
		anything@other.test anything@partner.example
	logged 'refused .*from=alice@example\.test rule=reject_sender_login_mismatch '
	# nobody's alone, or nobody's at all
	sends stranger 250 list@example.test outside@example.test \
		loop@example.test team@other.test carol@gmail.example
	setting reject_sender_login_mismatch no
	sends stranger 250 alice@example.test info@example.test
	sends bob '553 5\.7\.1' alice@example.test
}

@test "S49 reject_authenticated_sender_login_mismatch: a user sends as himself" {
	sends bob '553 5\.7\.1' alice@example.test info@example.test \
		list@example.test carol@elsewhere.test outside@example.test
	logged 'rule=reject_authenticated_sender_login_mismatch '
	sends bob 250 bob@example.test BOB@EXAMPLE.test bob+shop@example.test ''
	sends alice 250 info@example.test info+more@example.test \
		chain@example.test
	# either of the two settings is enough
	setting reject_authenticated_sender_login_mismatch no
	sends bob '553 5\.7\.1' alice@example.test
	setting reject_sender_login_mismatch no
	sends bob 250 alice@example.test carol@elsewhere.test
}

@test "S50 smtpd_sender_login_maps: a line in senders lets a login use an address" {
	sends bob 250 desk@example.test private@gmail.example
	sends alice 250 desk@example.test noreply@example.test \
		anything@partner.example
	sends alice '553 5\.7\.1' private@gmail.example
	# live after the maps are made, not before
	sends bob '553 5\.7\.1' info@example.test
	echo "info@example.test $ALICE, $BOB" >>"$BESACE_ETC/senders"
	sends bob '553 5\.7\.1' info@example.test
	"$BIN/besace" maps
	sends bob 250 info@example.test info+more@example.test
	sends alice 250 info@example.test
}

@test "S50 a line in senders comes before an alias" {
	sends bob 250 sales@other.test
	sends alice '553 5\.7\.1' sales@other.test
}

@test "S50 the owner of a catch-all sends as any name that is nobody else's" {
	sends bob 250 anything@other.test another.one@other.test
	sends bob '553 5\.7\.1' team@other.test
	sends alice '553 5\.7\.1' anything@other.test
}

@test "S50 smtpd_sender_login_maps empty: only one's own addresses" {
	setting smtpd_sender_login_maps ''
	sends bob '553 5\.7\.1' private@gmail.example
	sends bob 250 bob@example.test
}

@test "a table of senders that cannot be read is a temporary failure" {
	mv "$BESACE_ETC/senders.cdb" "$BESACE_ETC/gone"
	sends bob 451 bob@example.test
	sends stranger 451 carol@elsewhere.test
	logged 'senders\.cdb'
	head -c 2500 "$BESACE_ETC/gone" | tr '\0-\377' '\377' >"$BESACE_ETC/senders.cdb"
	sends bob 451 bob@example.test
	mv "$BESACE_ETC/gone" "$BESACE_ETC/senders.cdb"
	sends bob 250 bob@example.test
}

@test "S48 trusted networks send in anybody's name" {
	setting mynetworks 192.0.2.0/24
	TCPREMOTEIP=192.0.2.1 sends stranger 250 alice@example.test root@host
	TCPREMOTEIP=192.0.3.1 sends stranger '553 5\.7\.1' alice@example.test
}
