#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# What goes wrong on the machine: mail for nobody else is deferred with 75,
# nothing is visible, nothing stays in tmp/, and the log names the file.

load lib/helpers
load lib/deliver

setup()
{
	store_new
	alice=$MAIL/example.test/alice
	bob=$MAIL/example.test/bob
}

# deferred CODE RECIPIENT...: 75, the reply's code, and no mail anywhere.
deferred()
{
	local code=$1
	shift
	run -75 deliver_to "$@"
	has "${lines[-1]}" "^${code//./\\.} "
	has "$output" 'result=deferred answer='
	no_mail_at_all
}

@test "a missing, broken, truncated, unmarked map: 75, and the log names it" {
	local map fault
	for map in settings domains mailboxes aliases; do
		cp "$BESACE_ETC/$map.cdb" "$BATS_TEST_TMPDIR/kept"
		for fault in missing empty cut garbage unmarked; do
			case $fault in
			missing) rm "$BESACE_ETC/$map.cdb" ;;
			empty) : >"$BESACE_ETC/$map.cdb" ;;
			cut) truncate -s 1000 "$BESACE_ETC/$map.cdb" ;;
			garbage)
				head -c 3000 /dev/zero | tr '\0' '\377' \
					>"$BESACE_ETC/$map.cdb" ;;
			unmarked)
				printf '+1,1:a->b\n\n' |
					cdb -c "$BESACE_ETC/$map.cdb" - ;;
			esac
			echo "$map: $fault"
			deferred 4.3.0 alice@example.test
			has "$output" "error what=.*$map\.cdb"
			cp "$BATS_TEST_TMPDIR/kept" "$BESACE_ETC/$map.cdb"
		done
	done
	deliver_to alice@example.test
}

@test "a map that is damaged inside: 75, never an unknown user" {
	# Where the hash tables stand, and their slots: far beyond the file.
	local size offset
	size=$(stat -c %s "$BESACE_ETC/mailboxes.cdb")
	for ((offset = 0; offset < 2048; offset += 8)); do
		printf '\377\377\377\177'
		printf '\001\000\000\000'
	done | dd of="$BESACE_ETC/mailboxes.cdb" conv=notrunc status=none
	deferred 4.3.0 alice@example.test
	has "$output" 'error what=.*mailboxes.cdb'
	is "$size" "$(stat -c %s "$BESACE_ETC/mailboxes.cdb")"
}

@test "a mail store that is missing or no directory: 75, and the log names it" {
	settings "virtual_mailbox_base=$BATS_TEST_TMPDIR/none"
	deferred 4.3.0 alice@example.test
	has "$output" "error what=\"open virtual_mailbox_base\" object=$BATS_TEST_TMPDIR/none"
	touch "$BATS_TEST_TMPDIR/none"
	deferred 4.3.0 alice@example.test
}

@test "S63: one mailbox read-only: the others get it, once; for it there is the queue" {
	local part
	deliver_to alice@example.test bob@example.test
	for part in tmp new; do
		rm -f "$alice"/new/* "$bob"/new/*
		queue_clear
		chmod 0500 "$bob/$part"
		run -0 deliver_to alice@example.test bob@example.test
		has "$output" "error what=.* object=example.test/bob/$part reason=\"Permission denied\""
		has "$output" 'to=alice@example.test .*result=delivered'
		has "$output" 'to=bob@example.test .*result=queued via=queue/.* answer="4.3.0 <bob@'
		is 1 "$(new_count example.test/alice)"
		is 0 "$(new_count example.test/bob)"
		is 1 "$(queue_count new)"
		has "$(the_entry local)" '^Recipient: bob@example.test$'
		chmod 0700 "$bob/$part"
	done
}

@test "a mailbox that cannot be made or entered: 75" {
	deliver_to bob@example.test
	rm "$bob"/new/*
	mkdir -m 0 "$alice"
	owned_by_vmail "$alice"
	deferred 4.3.0 alice@example.test
	rmdir "$alice"
	touch "$alice"
	deferred 4.3.0 alice@example.test
	rm "$alice"
	ln -s "$bob" "$alice"
	deferred 4.3.0 alice@example.test
	rm "$alice"
	mkfifo -m 666 "$alice"
	owned_by_vmail "$alice"
	deferred 4.3.0 alice@example.test
	rm "$alice"
	chmod 0500 "$MAIL/example.test"
	deferred 4.3.0 alice@example.test
	has "$output" 'error what="open mailbox" object=example.test/alice'
}

@test "tmp, new or cur is a file or a pipe or leads elsewhere: 75" {
	mkdir "$BATS_TEST_TMPDIR/elsewhere"
	owned_by_vmail "$BATS_TEST_TMPDIR/elsewhere"
	for part in tmp new cur; do
		deliver_to alice@example.test
		rm -f "$alice"/new/*
		rmdir "$alice/$part"
		touch "$alice/$part"
		deferred 4.3.0 alice@example.test
		rm "$alice/$part"
		ln -s "$BATS_TEST_TMPDIR/elsewhere" "$alice/$part"
		deferred 4.3.0 alice@example.test
		rm "$alice/$part"
		mkfifo -m 666 "$alice/$part"
		owned_by_vmail "$alice/$part"
		deferred 4.3.0 alice@example.test
		rm "$alice/$part"
	done
	is "" "$(ls "$BATS_TEST_TMPDIR/elsewhere")"
}

# store_on OPTIONS: the mail store on a small tmpfs; needs root and mount(2).
store_on()
{
	needs_root "to mount a file system"
	mount -t tmpfs -o "$1" tmpfs "$MAIL" 2>/dev/null ||
		skip "no file system can be mounted here"
	mounted=$MAIL
	owned_by_vmail "$MAIL"
}

teardown()
{
	[ -z "${mounted-}" ] || umount "$mounted"
	# So that it can be removed, also by who is not root.
	chmod -R u+rwX "$MAIL"
	[ -z "${open-}" ] || rm -rf "$open"
}

@test "disk full: 75 and 4.3.1, nothing left; with room again it works" {
	store_on size=400k
	mkdir "$MAIL/queue"
	cp -R "$QUEUE"/* "$MAIL/queue"
	rm -r "$QUEUE"
	ln -s "$MAIL/queue" "$QUEUE"
	owned_by_vmail "$MAIL"
	deliver_to alice@example.test bob@example.test
	rm "$alice"/new/* "$bob"/new/*
	head -c 250000 /dev/zero >"$BATS_TEST_TMPDIR/message"
	# Room for one copy and not for two, nor for one in the queue.
	run -75 "$DELIVER" alice@example.test bob@example.test \
		<"$BATS_TEST_TMPDIR/message"
	has "${lines[-1]}" '^4\.3\.1 <bob@example.test>: no space left'
	has "$output" 'object=example.test/bob/tmp reason="No space left on device"'
	no_mail_at_all
	"$DELIVER" alice@example.test <"$BATS_TEST_TMPDIR/message"
	is 1 "$(new_count example.test/alice)"
}

@test "no inodes left: 75 and 4.3.1" {
	store_on size=1M,nr_inodes=8
	deliver_to alice@example.test
	rm "$alice"/new/*
	touch "$MAIL/filler" "$MAIL/filler2" "$MAIL/filler3" 2>/dev/null || true
	deferred 4.3.1 alice@example.test
	deferred 4.3.1 bob@example.test
}

@test "read-only file system: 75" {
	store_on size=1M
	deliver_to alice@example.test
	rm "$alice"/new/*
	mount -o remount,ro "$MAIL"
	deferred 4.3.0 alice@example.test
	has "$output" 'reason="Read-only file system"'
	deferred 4.3.0 bob@example.test
}

@test "a mailbox that is a file system of its own; and one whose new/ is" {
	deliver_to alice@example.test
	rm -r "${alice:?}"/*
	needs_root "to mount a file system"
	mount -t tmpfs -o size=1M tmpfs "$alice" 2>/dev/null ||
		skip "no file system can be mounted here"
	mounted=$alice
	owned_by_vmail "$alice"
	deliver_to alice@example.test
	is 1 "$(new_count example.test/alice)"
	umount "$alice"
	# A rename from tmp/ cannot lead there.
	deliver_to alice@example.test
	rm "$alice"/new/*
	mount -t tmpfs -o size=1M tmpfs "$alice/new"
	mounted=$alice/new
	owned_by_vmail "$alice/new"
	deferred 4.3.0 alice@example.test
	has "$output" 'object=example.test/alice/new reason="Invalid cross-device link"'
}

@test "file size and descriptor limits: 75, cleaned up" {
	head -c 100000 /dev/zero >"$BATS_TEST_TMPDIR/message"
	run -75 bash -c 'ulimit -f 50; "$DELIVER" alice@example.test <"$1"' \
		- "$BATS_TEST_TMPDIR/message"
	has "${lines[-1]}" '^4\.3\.1 '
	no_mail_at_all
	local recipients
	recipients=(alice@example.test bob@example.test eve@domain.net)
	for n in {4..30}; do
		rm -rf "${MAIL:?}"/*
		queue_clear
		run bash -c 'ulimit -n '"$n"'; exec "$DELIVER" "$@" <"$0"' \
			"$BATS_TEST_TMPDIR/message" "${recipients[@]}"
		((status == 0)) && (($(queue_count) == 0)) && break
		((status == 0)) || no_mail_at_all
	done
	is 3 "$(mail_files | wc -l)"
}

@test "several mailboxes, one copy of the message in memory" {
	! grep -q __asan_init "$DELIVER" ||
		skip "the sanitizer needs all memory"
	local size
	{
		mail_text
		head -c 40000000 /dev/zero | tr '\0' x | fold
	} >"$BATS_TEST_TMPDIR/message"
	size=$(($(stat -c %s "$BATS_TEST_TMPDIR/message") / 1024))
	settings message_size_limit=100000000
	# Of a file, and of a pipe; a second copy would not have room.
	(
		ulimit -v $((size + size / 2))
		"$DELIVER" alice@example.test bob@example.test eve@domain.net \
			<"$BATS_TEST_TMPDIR/message"
	)
	is 3 "$(mail_files | wc -l)"
	(
		ulimit -v $((size + size / 2))
		"$DELIVER" alice@example.test bob@example.test eve@domain.net
	) < <(cat "$BATS_TEST_TMPDIR/message")
	is 6 "$(mail_files | wc -l)"
}

@test "not enough memory for the message: nothing is delivered" {
	! grep -q __asan_init "$DELIVER" ||
		skip "the sanitizer needs all memory"
	head -c 30000000 /dev/zero >"$BATS_TEST_TMPDIR/message"
	run bash -c 'ulimit -v 20000; cat "$1" | "$DELIVER" alice@example.test' \
		- "$BATS_TEST_TMPDIR/message"
	[ "$status" != 0 ]
	no_mail_at_all
}

# ---- injected faults

# inject SYSCALL:ACTION:when=N RECIPIENT...
inject()
{
	local what=$1
	shift
	strace -f -qq -o "$BATS_TEST_TMPDIR/trace" -e "inject=$what" \
		"$DELIVER" -f '' "$@" <"$BATS_TEST_TMPDIR/message" 2>&1
}

# broken KINDS SCENARIO...: one system call broken, those that change a mailbox
# in turn; "make stress" does it with all calls and all errors.
broken()
{
	local helper
	helper=$(dirname "$BIN")/still/syscall-fault
	[ -x "$helper" ] || skip "needs make still-programs"
	"$helper" /dev/null none 0 true || skip "not for this processor"
	# Slow to start, and the same at each scenario.
	! sanitized || set -- "${1%+few}+few" "$2"
	run -0 "$LIB/deliver-faults" "$helper" "$DELIVER" "$@"
	echo "$output"
}

@test "S63: killed before or after any call: no message or a whole one" {
	broken kill+few both three new existing spam-new remote
	has "$output" ' with some [1-9]'
}

@test "S63: any call fails: 75, a clear line and nobody has anything, or each has it" {
	broken error,lasting+few three-new three spam-new remote both
}

@test "the whole disk fails at any moment: 75, and no part of a message" {
	broken dead+few three-new spam both
}

@test "short reads and writes, by the kernel itself, change nothing" {
	broken short existing pipe spam
}

@test "what cannot be taken back is logged" {
	needs strace
	mail_text >"$BATS_TEST_TMPDIR/message"
	deliver_to alice@example.test
	rm "$alice"/new/*
	# The sync of new/ fails, and then the removal.
	run -75 strace -qq -o /dev/null -e inject=fsync:error=EIO:when=2 \
		-e inject=unlinkat:error=EIO \
		"$DELIVER" alice@example.test <"$BATS_TEST_TMPDIR/message"
	has "$output" 'error what=sync object=example.test/alice/new reason="Input/output error"'
	has "$output" 'error what="take message back" object=example.test/alice/new reason="Input/output error"'
	has "${lines[-1]}" '^4\.3\.0 <alice@example.test>'
}

@test "a disk quota that is used up is 4.2.2" {
	needs strace
	mail_text >"$BATS_TEST_TMPDIR/message"
	deliver_to alice@example.test
	rm "$alice"/new/*
	run -75 inject write:error=EDQUOT:when=1 alice@example.test
	has "${lines[-1]}" '^4\.2\.2 <alice@example.test>'
	no_mail_at_all
}

@test "no rename that refuses to replace (NFS): by link" {
	needs strace
	mail_text >"$BATS_TEST_TMPDIR/message"
	run -0 inject renameat2:error=EINVAL:when=1+ alice@example.test \
		bob@example.test
	has "$(cat "$BATS_TEST_TMPDIR/trace")" 'linkat\('
	is 2 "$(mail_files | wc -l)"
	all_whole "$BATS_TEST_TMPDIR/message" "$alice"/new/* "$bob"/new/*
}

@test "TERM, INT, HUP: nothing half done is left, at any moment" {
	needs strace
	mail_text >"$BATS_TEST_TMPDIR/message"
	deliver_to alice@example.test bob@example.test
	local signal call n calls seen=
	for call in openat write fsync renameat2 unlinkat; do
		mail_clear
		run inject "getppid:error=EPERM" alice@example.test \
			bob@example.test
		calls=$(grep -c " $call(" "$BATS_TEST_TMPDIR/trace") || true
		((calls)) || [ "$call" = unlinkat ]
		for signal in TERM INT HUP; do
			for ((n = 1; n <= calls; n++)); do
				mail_clear
				run inject "$call:signal=$signal:when=$n" \
					alice@example.test bob@example.test
				echo "$signal $call $n: $status"
				seen+=$status$'\n'
				if ((status == 0)); then
					is 2 "$(mail_files | wc -l)"
				else
					((status == 75 || status > 128))
					no_mail_at_all
				fi
			done
		done
	done
	has "$seen" "^75$"
}

@test "nobody reads the log: mail is delivered all the same" {
	mail_text >"$BATS_TEST_TMPDIR/message"
	(
		"$DELIVER" alice@example.test <"$BATS_TEST_TMPDIR/message"
		echo $? >"$BATS_TEST_TMPDIR/status"
	) 2> >(exec true)
	is 0 "$(cat "$BATS_TEST_TMPDIR/status")"
	is 1 "$(new_count example.test/alice)"
}

# ---- who it runs as

@test "S09: root, or an id below virtual_minimum_uid, is never taken on" {
	needs_root "to become another user"
	local bad
	for bad in static:0 static:99 static:4294967295 static:-1 static: \
		static:5000x mysql:/etc/x ""; do
		settings "virtual_uid_maps=$bad"
		deferred 4.3.5 alice@example.test
		has "$output" 'error what="take on the mail.s owner" object=virtual_uid_maps'
		settings "virtual_gid_maps=$bad"
		deferred 4.3.5 alice@example.test
	done
	settings virtual_minimum_uid=0 virtual_uid_maps=static:0
	deferred 4.3.5 alice@example.test
	settings virtual_minimum_uid=5001
	deferred 4.3.5 alice@example.test
	[ ! -e "$MAIL/example.test" ]
}

@test "root's rights are gone before the message is read" {
	needs_root "to become another user"
	needs strace
	mail_text >"$BATS_TEST_TMPDIR/message"
	strace -f -o "$BATS_TEST_TMPDIR/order" \
		-e trace=setgroups,setresgid,setresuid,mkdirat,lseek,mmap \
		"$DELIVER" alice@example.test <"$BATS_TEST_TMPDIR/message"
	is "setgroups(0, NULL) setresgid(5000, 5000, 5000) setresuid(5000, 5000, 5000) lseek(0" \
		"$(grep -oE '(setgroups|setresgid|setresuid)\([^)]*\)|lseek\(0' \
			"$BATS_TEST_TMPDIR/order" | tr '\n' ' ' | sed 's/ $//')"
}

@test "not root: mail is written as whoever runs it" {
	needs_root "to start as another user"
	open=$(mktemp -d)
	chmod 755 "$open"
	store_new "$open/store"
	cp "$DELIVER" "$open/deliver"
	chmod -R a+rX "$open"
	mail_text | as_vmail "$open/deliver" alice@example.test
	is 1 "$(new_count example.test/alice)"
	is 5000 "$(stat -c %u "$(messages alice)")"
	# Another id in the settings is not ours to take on.
	settings virtual_uid_maps=static:5001
	chmod a+r "$BESACE_ETC"/*.cdb
	mail_text | as_vmail "$open/deliver" alice@example.test
}
