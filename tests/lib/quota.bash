# SPDX-License-Identifier: ISC
# For tests about what a mailbox may hold: what lies there, and what maildirsize
# says. "load lib/helpers" comes first.

# in_maildir BOX: octets and messages that lie in all its folders.
in_maildir()
{
	find "$1" -type f \( -path '*/cur/*' -o -path '*/new/*' \) -printf '%s\n' |
		awk '{ bytes += $1 } END { print bytes + 0, NR }'
}

# noted BOX: the sums of maildirsize.
noted()
{
	awk 'NR > 1 { bytes += $1; n += $2 } END { print bytes + 0, n + 0 }' \
		"$1/maildirsize"
}

# noted_right BOX: they are the same.
noted_right()
{
	is "$(in_maildir "$1")" "$(noted "$1")"
}

# quota NAME LIMIT: of NAME@example.test in the instance.
quota()
{
	sed -i -E "s|^($1@\S+\s+\S+).*|\1 quota=$2|" "$BESACE_ETC/mailboxes"
	"$BIN/besace" maps
}

# mail_of OCTETS: a message of that size, 20 or more, with LF line ends.
mail_of()
{
	printf 'Subject: large\n\n'
	head -c "$(($1 - 16))" /dev/zero | tr '\0' x | fold -w 63 |
		head -c "$(($1 - 17))"
	echo
}

# note BOX [LINE]...: a maildirsize with these lines.
note()
{
	local box=$1
	shift
	printf '%s\n' "$@" >"$box/maildirsize"
	owned_by_vmail "$box/maildirsize"
}
