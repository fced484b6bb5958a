# SPDX-License-Identifier: ISC
# A web server for MTA-STS policies: load lib/policy after lib/helpers.

# certificates: a directory $CERTS of them for a file, from setup_file.
certificates()
{
	export CERTS=$BATS_FILE_TMPDIR/certs
	mkdir "$CERTS"
	local name
	for name in ca stranger; do
		openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 \
			-nodes -days 3 -subj "/CN=$name" -keyout "$CERTS/$name.key" \
			-out "$CERTS/$name.pem" 2>/dev/null
		chmod o+r "$CERTS/$name.pem"
	done
	# the owner of the mail reads them
	chmod o+x "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$CERTS" \
		"$BATS_RUN_TMPDIR/file" 2>/dev/null || true
	openssl ecparam -name prime256v1 -genkey -noout -out "$CERTS/key.pem"
}

# certificate FILE CA NAME [OPTION]...: $CERTS/FILE for the DNS name NAME (none:
# "") by CA, with the key $CERTS/key.pem; "-days -1": it has expired.
certificate()
{
	local file=$1 ca=$2 name=$3
	shift 3
	openssl req -new -key "$CERTS/key.pem" -subj "/CN=mta-sts.example.net" |
		openssl x509 -req -CA "$CERTS/$ca.pem" -CAkey "$CERTS/$ca.key" \
			-set_serial "$RANDOM" -days 2 "$@" -out "$CERTS/$file" \
			-extfile <([ -z "$name" ] || echo "subjectAltName=DNS:$name") 2>/dev/null
}

# policy_serve CERTIFICATE: the web server; BESACE_HTTPS_PORT is its, $WEB the
# directory of what it does.
policy_serve()
{
	export WEB=$BATS_TEST_TMPDIR/web
	mkdir "$WEB"
	cp "$CERTS/key.pem" "$WEB/key.pem"
	cp "$CERTS/$1" "$WEB/chain.pem"
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

# web_rule [WORD]...: what it does from now on, see policy-server.
web_rule()
{
	echo "$*" >"$WEB/rule"
}
