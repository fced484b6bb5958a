# SPDX-License-Identifier: ISC
# What the environment tells filters and the delivery program. "load lib/facts"
# behind lib/helpers.

# facts_setup: the instance in use keeps the environments of its programs.
facts_setup()
{
	# Filters run as the mail user when the session is root's.
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" \
		"$BATS_FILE_TMPDIR/.." 2>/dev/null || true
	FACTS=$BATS_FILE_TMPDIR/facts
	mkdir -p "$FACTS"
	chmod 1777 "$FACTS"
	export FACTS
	printf '%s\n' '#!/bin/sh' "env -0 >$FACTS/filter.\$\$" \
		"mv $FACTS/filter.\$\$ $FACTS/filter" 'exec cat' >"$FACTS/show"
	# shellcheck disable=SC2016 # the program's own
	# A notice that the message at hand brings about, which queue-run sends,
	# has no sender: it is not what is asked for.
	printf '%s\n' '#!/bin/sh' 'if [ -n "$SENDER" ]; then' \
		"env -0 >$FACTS/delivery.\$\$" \
		"mv $FACTS/delivery.\$\$ $FACTS/delivery" fi \
		"exec $BIN/deliver \"\$@\"" >"$FACTS/store"
	chmod 755 "$FACTS/show" "$FACTS/store"
	setting inbound_filters "$FACTS/show"
	setting virtual_transport "$FACTS/store"
}

facts_clear()
{
	rm -f "$FACTS/filter" "$FACTS/delivery"
}

# fact NAME [filter]: its value at the last delivery, or the last filtering,
# lines and all, between brackets.
fact()
{
	sed -zn "s/^$1=\(.*\)/[\1]/p" "$FACTS/${2-delivery}" | tr -d '\0'
}
