#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# mbsync, both ways, against the imaps port of a running instance.

load lib/helpers
load lib/sync

setup_file()
{
	instance_new
	instance_serve
	save_certificate
}

teardown_file()
{
	instance_stop
}

setup()
{
	needs mbsync
	both_sides
	mbsync_config >"$BATS_TEST_TMPDIR/mbsyncrc"
}

mbsync_config()
{
	cat <<-END
	IMAPAccount bob
	Host localhost
	Port $IMAPS
	User $BOB
	PassCmd "echo '$BOB_PASSWORD'"
	SSLType IMAPS
	CertificateFile $CERTIFICATE
	AuthMechs LOGIN

	IMAPStore far
	Account bob

	MaildirStore near
	Path $BATS_TEST_TMPDIR/near/
	Inbox $NEAR

	Channel both
	Far :far:INBOX
	Near :near:INBOX
	Expunge Both
	SyncState *
	CopyArrivalDate yes
	END
}

synchronize()
{
	HOME=$BATS_TEST_TMPDIR timeout 200 mbsync \
		-c "$BATS_TEST_TMPDIR/mbsyncrc" both
}

drop()
{
	reflag "$1" "$2" T
}

@test "mbsync: 5,000 messages, both ways, while more are delivered; a run without news changes nothing" {
	if sanitized; then
		both_ways 200 300
	else
		both_ways 2000 3000
	fi
}
