# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# A web server for MTA-STS policies: load lib/policy after lib/helpers and
# lib/certificates.

# policy_serve CERTIFICATE: the web server, with $CERTS/CERTIFICATE.pem;
# BESACE_HTTPS_PORT is its, $WEB the directory of what it does.
policy_serve()
{
	export WEB=$BATS_TEST_TMPDIR/web
	mkdir "$WEB"
	web_certificate "$1"
	: >"$WEB/log"
	mkfifo "$BATS_TEST_TMPDIR/web-port"
	"$LIB/policy-server" "$WEB" >"$BATS_TEST_TMPDIR/web-port" 3>&- &
	WEB_PID=$!
	read -r BESACE_HTTPS_PORT <"$BATS_TEST_TMPDIR/web-port"
	rm "$BATS_TEST_TMPDIR/web-port"
	export BESACE_HTTPS_PORT WEB_PID
}

# policy_stop: the server is gone; its port stays closed.
policy_stop()
{
	[ -n "${WEB_PID-}" ] || return 0
	kill "$WEB_PID" 2>/dev/null
	wait "$WEB_PID" 2>/dev/null || true
	unset WEB_PID
	return 0
}

# web_certificate NAME: from now on it has $CERTS/NAME.pem and $CERTS/NAME.key.
web_certificate()
{
	cp "$CERTS/$1.key" "$WEB/key.pem"
	cp "$CERTS/$1.pem" "$WEB/chain.pem"
}

# web_rule [WORD]...: what it does from now on, see policy-server.
web_rule()
{
	echo "$*" >"$WEB/rule"
}

# policy MODE [MX]...: the file that it gives out. MAX_AGE changes that.
policy()
{
	local mode=$1 mx
	shift
	{
		printf '%s\r\n' 'version: STSv1' "mode: $mode" "max_age: ${MAX_AGE-604800}"
		for mx; do
			printf 'mx: %s\r\n' "$mx"
		done
	} >"$WEB/policy.new"
	mv "$WEB/policy.new" "$WEB/policy"
}

# certificates_open: the owner of the mail may read those in $CERTS.
certificates_open()
{
	local dir=$CERTS
	while [[ $dir == "$BATS_RUN_TMPDIR"* ]]; do
		chmod o+x "$dir"
		dir=$(dirname "$dir")
	done
	chmod o+r "$CERTS"/*.pem
}
