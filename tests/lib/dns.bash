# SPDX-License-Identifier: ISC
# A DNS server for a test: load lib/dns after lib/helpers.

# dns_serve < ZONE: starts the fixture; BESACE_RESOLVER names it, DNS_LOG is the
# file of what it was asked.
dns_serve()
{
	local dir=${BATS_TEST_TMPDIR:-$BATS_FILE_TMPDIR} port
	export DNS_LOG=$dir/dns-log
	cat >"$dir/zone"
	: >"$DNS_LOG"
	mkfifo "$dir/dns-port"
	"$LIB/dns-fixture" --log "$DNS_LOG" "$dir/zone" >"$dir/dns-port" 3>&- &
	DNS_PID=$!
	read -r port <"$dir/dns-port"
	rm "$dir/dns-port"
	export DNS_PID BESACE_RESOLVER=127.0.0.1:$port
}

dns_stop()
{
	[ -n "${DNS_PID-}" ] || return 0
	kill "$DNS_PID" 2>/dev/null
	wait "$DNS_PID" 2>/dev/null || true
	unset DNS_PID BESACE_RESOLVER
	return 0
}
