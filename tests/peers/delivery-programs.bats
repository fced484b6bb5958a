#!/usr/bin/env bats
# SPDX-License-Identifier: ISC
# Debian's maildrop and dovecot-lda store our mail: in deliver's place, and
# under it as mailbox_command.

load ../lib/helpers

LDA=/usr/lib/dovecot/dovecot-lda

setup()
{
	needs_root "the mail has an owner"
	# maildrop wants a user with a name.
	instance_new -d "$(mktemp -d /tmp/besace-peer.XXXXXX)/i" \
		-o inbound_filters= -o "virtual_uid_maps=static:$(id -u nobody)" \
		-o "virtual_gid_maps=static:$(id -g nobody)"
	chmod 755 "${INSTANCE%/i}"
	DIR=${INSTANCE%/i}/programs
	mkdir "$DIR"
	chown nobody "$DIR"
}

teardown()
{
	[ -z "${INSTANCE-}" ] || rm -rf "${INSTANCE%/i}"
}

program()
{
	cat >"$DIR/$1"
	chmod 755 "$DIR/$1"
}

# maildrop takes rules only from a file that nobody else can write.
maildrop_rules()
{
	needs maildrop
	cat >"$DIR/rules" <<-'END'
		import HOME
		import EXTENSION
		if ($EXTENSION eq "lists")
		{
			to "$HOME/.lists"
		}
		to "$HOME"
	END
	chown nobody "$DIR/rules"
	chmod 600 "$DIR/rules"
}

dovecot_settings()
{
	[ -x "$LDA" ] || skip "dovecot-core is not installed"
	cat >"$DIR/conf" <<-END
		mail_location = maildir:~
		base_dir = $DIR
		log_path = /dev/stderr
		ssl = no
		first_valid_uid = 0
		stats_writer_socket_path =
		auth_socket_path =
		postmaster_address = postmaster@example.test
		lda_mailbox_autocreate = yes
		lda_mailbox_autosubscribe = yes
	END
}

# What must have come, whichever program stored it.
check_mail()
{
	mail_text | send_plain "$ALICE" bob+lists@example.test
	is 1 "$(count alice)"
	is 1 "$(count bob lists)"
	is 0 "$(count bob)"
	has "$(message alice)" '^Return-Path: <carol@elsewhere\.test>$'
	has "$(message bob lists)" '^Hello Bob\.$'
	is nobody "$(stat -c %U "$(messages alice)")"
	# ours and theirs in one mailbox
	setting virtual_transport deliver
	setting mailbox_command ""
	mail_text | send_plain "$ALICE"
	is 2 "$(count alice)"
}

@test "S41 S74 S162: maildrop as mailbox_command, with a rule about the extension" {
	maildrop_rules
	program command <<-END
		#!/bin/sh
		[ -z "\$EXTENSION" ] || [ -d "\$HOME/.\$EXTENSION" ] ||
			maildirmake -f "\$EXTENSION" "\$HOME" || exit 75
		exec maildrop "$DIR/rules"
	END
	setting mailbox_command "$DIR/command"
	check_mail
}

@test "S83: maildrop's rules are another's, or open to others: later, and nothing is lost" {
	maildrop_rules
	program command <<-END
		#!/bin/sh
		exec maildrop "$DIR/rules"
	END
	setting mailbox_command "$DIR/command"
	chmod 666 "$DIR/rules"
	run send_plain "$ALICE" < <(mail_text)
	has "$output" '^451 4\.'
	logged 'maildrop: '
	chmod 600 "$DIR/rules"
	chown root "$DIR/rules"
	run send_plain "$ALICE" < <(mail_text)
	has "$output" '^451 4\.'
	is 0 "$(count alice)"
}

@test "S41 S74 S162: dovecot-lda as mailbox_command, into the folder of the extension" {
	dovecot_settings
	program command <<-END
		#!/bin/sh
		exec $LDA -c "$DIR/conf" -f "\$SENDER" -m "\${EXTENSION:-INBOX}"
	END
	setting mailbox_command "$DIR/command"
	check_mail
}

@test "S162: dovecot-lda in deliver's place" {
	dovecot_settings
	program transport <<-END
		#!/bin/sh
		[ "\$(id -u)" != 0 ] || exec setpriv --reuid nobody --regid nogroup \\
			--clear-groups "\$0" "\$@"
		sender=\$2; shift 3
		copy=\$(mktemp "$DIR/XXXXXX") && trap 'rm -f "\$copy"' EXIT || exit 75
		{ printf 'Return-Path: <%s>\n' "\$sender"; cat; } >"\$copy" || exit 75
		for to; do
			USER=\${to%%[+@]*} && HOME=$MAIL/\${to#*@}/\$USER || exit 75
			case \${to%@*} in *+*) box=\${to%@*} box=\${box#*+} ;; *) box=INBOX ;; esac
			export USER HOME
			$LDA -c "$DIR/conf" -f "\$sender" -m "\$box" <"\$copy" || exit 75
		done
	END
	setting virtual_transport "$DIR/transport"
	check_mail
}

@test "S162: maildrop in deliver's place" {
	maildrop_rules
	program transport <<-END
		#!/bin/sh
		[ "\$(id -u)" != 0 ] || exec setpriv --reuid nobody --regid nogroup \\
			--clear-groups "\$0" "\$@"
		sender=\$2; shift 3
		copy=\$(mktemp "$DIR/XXXXXX") && trap 'rm -f "\$copy"' EXIT || exit 75
		{ printf 'Return-Path: <%s>\n' "\$sender"; cat; } >"\$copy" || exit 75
		for to; do
			user=\${to%%[+@]*}
			HOME=$MAIL/\${to#*@}/\$user
			EXTENSION=\${to%@*} EXTENSION=\${EXTENSION#\$user}
			EXTENSION=\${EXTENSION#+}
			export HOME EXTENSION
			[ -z "\$EXTENSION" ] || maildirmake -f "\$EXTENSION" "\$HOME"
			maildrop "$DIR/rules" <"\$copy" || exit 75
		done
	END
	setting virtual_transport "$DIR/transport"
	check_mail
}
