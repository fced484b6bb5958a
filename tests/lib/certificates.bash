# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Certificates for servers of a test, in $CERTS.

# authority NAME: NAME.pem and NAME.key, which sign others.
authority()
{
	openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 3 \
		-subj "/CN=$1" -keyout "$CERTS/$1.key" -out "$CERTS/$1.pem" 2>/dev/null
}

# certificate NAME CA [OPTION]...: NAME.pem and NAME.key, for the host NAME,
# signed by CA. Options of openssl x509: "-days -1" has it expired.
certificate()
{
	local name=$1 ca=$2
	shift 2
	openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-subj "/CN=$name" -keyout "$CERTS/$name.key" -out "$CERTS/$name.csr" 2>/dev/null
	openssl x509 -req -in "$CERTS/$name.csr" -CA "$CERTS/$ca.pem" -CAkey "$CERTS/$ca.key" \
		-CAcreateserial -extfile <(echo "subjectAltName=DNS:$name") -days 2 "$@" \
		-out "$CERTS/$name.pem" 2>/dev/null
}

# tlsa USAGE SELECTOR MATCHING CERTIFICATE: the data of a TLSA record.
tlsa()
{
	echo "$1 $2 $3 $(case $2 in
	0) openssl x509 -in "$CERTS/$4.pem" -outform DER ;;
	1) openssl x509 -in "$CERTS/$4.pem" -noout -pubkey | openssl pkey -pubin -outform DER ;;
	esac | case $3 in
	0) cat ;;
	1) openssl dgst -sha256 -binary ;;
	2) openssl dgst -sha512 -binary ;;
	esac | od -An -v -tx1 | tr -d ' \n')"
}
