#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# OfflineIMAP, both ways, against the imaps port of a running instance.

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
	needs offlineimap
	both_sides
	offlineimap_config >"$BATS_TEST_TMPDIR/offlineimaprc"
}

offlineimap_config()
{
	cat <<-END
	[general]
	accounts = bob
	metadata = $BATS_TEST_TMPDIR/metadata
	fsync = false
	socktimeout = 60

	[Account bob]
	localrepository = near
	remoterepository = far

	[Repository near]
	type = Maildir
	localfolders = $BATS_TEST_TMPDIR/near

	[Repository far]
	type = IMAP
	remotehost = localhost
	remoteport = $IMAPS
	remoteuser = $BOB
	remotepass = $BOB_PASSWORD
	sslcacertfile = $CERTIFICATE
	usecompression = yes
	folderfilter = lambda name: name == "INBOX"
	END
}

# It says "ERROR" and ends with 0.
synchronize()
{
	HOME=$BATS_TEST_TMPDIR timeout 200 offlineimap -o -u basic \
		-c "$BATS_TEST_TMPDIR/offlineimaprc" 2>&1 | tee "$BATS_TEST_TMPDIR/run"
	! grep -Eq 'ERROR|WARNING' "$BATS_TEST_TMPDIR/run"
}

drop()
{
	files "$1" "$2" | xargs rm
}

@test "OfflineIMAP: 200 messages, both ways, while more are delivered; a run without news changes nothing" {
	both_ways 100 100
}
