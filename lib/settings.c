/* SPDX-License-Identifier: ISC */
#include "settings.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dns-list.h"
#include "dns-servers.h"
#include "ehlo-keyword.h"
#include "host-list.h"
#include "hostname.h"
#include "log.h"
#include "map.h"
#include "network.h"
#include "next-hop.h"
#include "quota.h"
#include "sasl-set.h"
#include "transport.h"
#include "words.h"

/* Where it is stored says whether it is. */
#define IS_TEXT(name) \
	_Generic(((struct settings *)NULL)->name, char const * : true, default \
	         : false)
#define NUMBER(type, name, fallback, explanation) \
	{ \
#name, type, IS_TEXT(name), offsetof(struct settings, name), \
		    fallback, explanation \
	}
#define TEXT(name, fallback, explanation) \
	NUMBER(SETTING_TEXT, name, fallback, explanation)

struct setting const settings_table[] = {
	TEXT(myhostname, "",
	    "Name of this server in greetings, Received and file names; empty: "
	    "the machine's own host name."),
	TEXT(virtual_mailbox_base, "/home/vmail",
	    "Directory that holds every Maildir."),
	TEXT(virtual_uid_maps, "static:5000",
	    "User that owns all mail: taken on when a program is started as "
	    "root."),
	TEXT(virtual_gid_maps, "static:5000", "Group that owns all mail."),
	NUMBER(SETTING_NUMBER, virtual_minimum_uid, "100",
	    "Lowest user and group number that mail may be written as."),
	NUMBER(SETTING_SIZE, virtual_mailbox_limit, "0",
	    "Most that a mailbox holds, all folders together, where its entry "
	    "in mailboxes does not say otherwise; 0: no limit."),
	NUMBER(SETTING_SIZE, quota_grace, "50M",
	    "The message that fills a mailbox may go so far beyond the limit."),
	NUMBER(SETTING_BOOL, quota_full_tempfail, "no",
	    "Mail to a full mailbox may be sent again (452) instead of being "
	    "refused for good (552)."),
	NUMBER(SETTING_PERCENTS, quota_warning, "80 95",
	    "A mailbox that a message fills so far, in percent, gets a "
	    "warning, once; empty: none."),
	TEXT(recipient_delimiter, "+",
	    "Characters that separate a local part from its extension; empty: "
	    "none."),
	TEXT(propagate_unmatched_extensions, "canonical, virtual",
	    "With virtual among them, an alias hands the extension that was "
	    "not in its name on to its targets: info+x goes to bob+x."),
	TEXT(postmaster_address, "",
	    "Who gets mail to postmaster@ and abuse@ of each domain that has "
	    "no entry for them; empty: postmaster@ of myhostname. Mail that "
	    "finds nobody there is kept in postmaster below "
	    "virtual_mailbox_base."),
	TEXT(virtual_transport, "deliver",
	    "Program that stores an accepted message, see smtp-session(8)."),
	NUMBER(SETTING_TRANSPORT, default_transport, "smtp",
	    "Mail for other servers: smtp sends it there, by the queue; "
	    "error:5.7.1 TEXT refuses it with this code and text."),
	TEXT(mailbox_command, "",
	    "Command that deliver runs for each mailbox, instead of storing "
	    "the message itself; deliver(8) has its contract. Empty: none."),
	NUMBER(SETTING_HOSTNAME, srs_domain, "",
	    "Domain of the reverse-paths that aliases send to other servers "
	    "with, a name whose mail comes here; empty: myhostname."),
	NUMBER(SETTING_TIME, srs_max_age, "21d",
	    "So long a bounce may come back to such a reverse-path; at most "
	    "1000d."),
	TEXT(spam_folder, "Junk",
	    "Folder for messages with X-Spam-Flag: YES; empty: the inbox."),
	NUMBER(SETTING_NUMBER, hopcount_limit, "50",
	    "A message with more Received fields is in a loop."),
	TEXT(inbound_filters, "spamscore",
	    "Commands, separated by |, for mail from strangers, see "
	    "smtp-session(8) for what a name means."),
	TEXT(outbound_filters, "dkimsign",
	    "Commands, separated by |, for mail of users who logged in."),
	NUMBER(SETTING_ACTION, inbound_filters_default_action, "tempfail",
	    "When one of them is broken: tempfail, the sender tries again; or "
	    "accept, the message goes on without it, as milter_default_action "
	    "of Postfix has it."),
	NUMBER(SETTING_ACTION, outbound_filters_default_action, "tempfail",
	    "The same for mail of users: with accept it goes out unsigned when "
	    "dkimsign cannot sign."),
	NUMBER(SETTING_TIME, filter_timeout, "300s",
	    "A filter or delivery that takes longer is ended; the sender tries "
	    "again."),
	NUMBER(SETTING_NUMBER, default_process_limit, "50",
	    "Most programs at a time that take queued mail on."),
	NUMBER(SETTING_NUMBER, default_destination_concurrency_limit, "5",
	    "Most of them for one next hop: a domain, relayhost, or a server of "
	    "the file routes."),
	NUMBER(SETTING_TIME, minimal_backoff_time, "300s",
	    "Queued mail that could not be delivered is tried again after this "
	    "time, then after twice as long, and so on, a little at random."),
	NUMBER(SETTING_TIME, maximal_backoff_time, "4000s",
	    "Longest time between two tries."),
	NUMBER(SETTING_TIME, maximal_queue_lifetime, "5d",
	    "Queued mail this old is tried once more, then returned to its "
	    "sender."),
	NUMBER(SETTING_TIME, bounce_queue_lifetime, "5d",
	    "The same for mail without a sender, as notices are."),
	NUMBER(SETTING_TIME, delay_warning_time, "4h",
	    "After this time the sender of queued mail is told that it is "
	    "still tried; 0: never."),
	NUMBER(SETTING_SIZE, bounce_size_limit, "50000",
	    "Only the header of a larger message is returned, not all of it."),
	NUMBER(SETTING_SIZE, message_size_limit, "50M",
	    "Largest message, in bytes as sent (CRLF line ends)."),
	NUMBER(SETTING_NUMBER, smtpd_recipient_limit, "1000",
	    "Most recipients of one message."),
	NUMBER(SETTING_NUMBER, smtpd_hard_error_limit, "20",
	    "A client that makes more errors is sent away."),
	NUMBER(SETTING_NUMBER, smtpd_soft_error_limit, "10",
	    "After so many errors, each further one is answered late."),
	NUMBER(SETTING_TIME, smtpd_error_sleep_time, "1s", "So late."),
	NUMBER(SETTING_NUMBER, smtpd_junk_command_limit, "100",
	    "So many NOOP, RSET, VRFY, HELP, EHLO and the like without an "
	    "accepted message are no errors."),
	NUMBER(SETTING_TIME, smtpd_timeout, "300s",
	    "Longest wait for an SMTP client."),
	NUMBER(SETTING_TIME, smtpd_stranger_timeout, "60s",
	    "The same, while it has neither logged in nor begun a message, "
	    "or others wait for its place."),
	NUMBER(SETTING_TIME, smtpd_session_time_limit, "2h",
	    "Longest SMTP session; a message under way is taken; 0: no limit."),
	NUMBER(SETTING_NUMBER, smtpd_session_message_limit, "1000",
	    "Most messages of one session; 0: no limit."),
	NUMBER(SETTING_NUMBER, user_messages_per_hour, "300",
	    "Most messages of one user in an hour, over all sessions; beyond, "
	    "450; 0: no limit."),
	NUMBER(SETTING_NUMBER, user_messages_per_day, "1500",
	    "Most messages of one user in a day."),
	NUMBER(SETTING_NUMBER, user_recipients_per_hour, "1500",
	    "Most recipients of one user in an hour."),
	NUMBER(SETTING_NUMBER, user_recipients_per_day, "5000",
	    "Most recipients of one user in a day."),
	NUMBER(SETTING_NUMBER, user_rate_warning, "80",
	    "At this percentage of each of them there is a line in the log."),
	NUMBER(SETTING_NETWORKS, mynetworks, "",
	    "Trusted clients, as addresses and networks (192.0.2.0/24, "
	    "[2001:db8::]/32, ! in front excludes): no delay, no refusal by "
	    "name or sender."),
	NUMBER(SETTING_BOOL, permit_mynetworks, "yes",
	    "Clients in mynetworks may send to other servers without a login."),
	NUMBER(SETTING_HOSTS, trusted_hosts, "",
	    "Clients on port 25 whose mail is signed (outbound_filters), not "
	    "checked, as addresses, networks and names; the lines of the file "
	    "trusted-hosts are added."),
	NUMBER(SETTING_BOOL, smtpd_sasl_authenticated_header, "no",
	    "Received says which user logged in."),
	NUMBER(SETTING_BOOL, smtpd_hide_client_session, "no",
	    "Received does not say where a user who logged in sent from."),
	NUMBER(SETTING_TIME, postscreen_greet_wait, "1s",
	    "Wait before strangers on port 25 are greeted; 0: none."),
	NUMBER(SETTING_BOOL, reject_unauth_pipelining, "yes",
	    "Send strangers away (503) who speak before the greeting, or before "
	    "the answer to a command they may send nothing behind."),
	NUMBER(SETTING_BOOL, reject_unknown_sender_domain, "yes",
	    "Refuse strangers a sender address whose domain has neither MX nor "
	    "address (unknown_address_reject_code), or takes no mail (550)."),
	NUMBER(SETTING_CODE, unknown_address_reject_code, "450",
	    "Code of that refusal, as the DNS may be wrong: 450 or 550."),
	NUMBER(SETTING_BOOL, smtpd_helo_required, "yes",
	    "MAIL only behind HELO or EHLO."),
	NUMBER(SETTING_BOOL, reject_invalid_helo_hostname, "yes",
	    "Refuse (501) strangers whose HELO name is neither a host name nor "
	    "an address in brackets."),
	NUMBER(SETTING_BOOL, reject_non_fqdn_helo_hostname, "no",
	    "Refuse (504) strangers whose HELO name has no complete domain."),
	NUMBER(SETTING_BOOL, reject_unknown_helo_hostname, "no",
	    "Refuse (450) strangers whose HELO name is not in the DNS."),
	NUMBER(SETTING_BOOL, smtpd_peername_lookup, "yes",
	    "Look up the names of clients on port 25, confirmed by their "
	    "addresses, for Received and the filters."),
	NUMBER(SETTING_BOOL, reject_unknown_client_hostname, "no",
	    "Refuse (450) strangers whose address has no confirmed name."),
	NUMBER(SETTING_BOOL, reject_unknown_reverse_client_hostname, "no",
	    "Refuse (450) strangers whose address has no name."),
	NUMBER(SETTING_DNS_LISTS, reject_rbl_client, "",
	    "DNS block lists: refuse (554) strangers that one of them has, as "
	    "zone or zone=127.0.0.[2..11]; postmaster and abuse can be written "
	    "to all the same."),
	NUMBER(SETTING_DNS_LISTS, permit_dnswl_client, "",
	    "DNS allow lists: strangers that one of them has are refused by no "
	    "rule about their address and HELO name."),
	NUMBER(SETTING_DNS_SERVERS, resolver, "",
	    "DNS servers to ask, as 127.0.0.1:53, [::1]:53; empty: those of "
	    "/etc/resolv.conf."),
	NUMBER(SETTING_BOOL, resolver_trust_ad, "no",
	    "Believe these servers when they say that an answer is signed "
	    "(DNSSEC), also when they are not on this machine, as 127.0.0.1 "
	    "and ::1 are; for networks in which nobody can forge their "
	    "answers."),
	NUMBER(SETTING_TIME, dns_timeout, "5s",
	    "Longest wait for the answers of the DNS, 1 to 60 seconds; then "
	    "nothing is known."),
	NUMBER(SETTING_NEXT_HOP, relayhost, "",
	    "Server that takes all mail for others but what the file routes "
	    "says: [host]:port, or the domain of its MX records. Who logs in "
	    "there stands in routes, in a line of the same [host]:port."),
	NUMBER(SETTING_TLS_LEVEL, smtp_tls_security_level, "may",
	    "TLS to other servers: none; may, when it is offered, or as DANE or "
	    "MTA-STS demands it; encrypt, or not at all; dane-only, the same "
	    "and with a certificate that a TLSA record names; verify, and with "
	    "one of the host's name."),
	TEXT(smtp_tls_CAfile, "/etc/ssl/certs/ca-certificates.crt",
	    "Authorities for that, in PEM."),
	NUMBER(SETTING_DNS_SUPPORT, smtp_dns_support_level, "dnssec",
	    "dnssec: what is signed in the DNS is kept to for mail to other "
	    "servers (DANE); enabled: it is not looked at."),
	NUMBER(SETTING_BOOL, smtp_tls_mta_sts, "yes",
	    "With may and encrypt, a domain's MTA-STS policy counts: verify for "
	    "its servers, where it is enforced."),
	NUMBER(SETTING_BOOL, smtp_tlsrpt_enable, "yes",
	    "Domains that ask for it in the DNS (_smtp._tls) are told each day "
	    "how TLS with their servers went; tls-report(8)."),
	TEXT(tls_report_address, "",
	    "Whom these reports come from, an address of ours; empty: "
	    "postmaster@ of myhostname, or of the first domain above it that "
	    "is ours."),
	TEXT(tls_report_organization, "",
	    "Name of the organisation in them; empty: the domain of that "
	    "address."),
	NUMBER(SETTING_FAMILY, smtp_address_preference, "any",
	    "Which addresses of a server to try first: ipv4, ipv6 or any."),
	NUMBER(SETTING_NUMBER, smtp_mx_address_limit, "5",
	    "Most addresses of a destination to try one after the other; 0: no "
	    "limit."),
	NUMBER(SETTING_NUMBER, smtp_destination_recipient_limit, "50",
	    "Most recipients that another server gets a message for at once, 1 "
	    "to 100."),
	NUMBER(SETTING_BOOL, smtp_send_8bit_undeclared, "no",
	    "Send messages beyond ASCII also to servers without 8BITMIME, as "
	    "they are; else they are converted, or returned."),
	NUMBER(SETTING_BOOL, disable_mime_output_conversion, "no",
	    "Convert no messages for servers without 8BITMIME: they are "
	    "returned, or sent where smtp_send_8bit_undeclared has it so."),
	NUMBER(SETTING_EHLO_KEYWORDS, smtp_discard_ehlo_keywords, "",
	    "Extensions of other servers that are not used: chunking, "
	    "pipelining, 8bitmime, dsn, size, smtputf8, starttls, requiretls, "
	    "auth."),
	NUMBER(SETTING_MECHANISMS, smtp_sasl_mechanism_filter,
	    "plain login cram-md5 scram-sha-256 scram-sha-256-plus",
	    "Ways to log in at another server, of which the best that it "
	    "offers is taken."),
	NUMBER(SETTING_TIME, smtp_connection_reuse_time_limit, "300s",
	    "Longest time that a connection to another server is used for one "
	    "more message; 0: no limit."),
	NUMBER(SETTING_TIME, smtp_connect_timeout, "30s",
	    "Longest wait for a connection to another server."),
	NUMBER(SETTING_TIME, smtp_helo_timeout, "300s",
	    "The same for its greeting and its answer to EHLO."),
	NUMBER(SETTING_TIME, smtp_starttls_timeout, "300s",
	    "The same for STARTTLS and the handshake."),
	NUMBER(SETTING_TIME, smtp_mail_timeout, "300s",
	    "The same for its answer to MAIL."),
	NUMBER(SETTING_TIME, smtp_rcpt_timeout, "300s",
	    "The same for its answer to RCPT."),
	NUMBER(SETTING_TIME, smtp_data_init_timeout, "120s",
	    "The same for its answer to DATA."),
	NUMBER(SETTING_TIME, smtp_data_xfer_timeout, "180s",
	    "The same while it takes a part of the message."),
	NUMBER(SETTING_TIME, smtp_data_done_timeout, "600s",
	    "The same for its answer to the whole message."),
	NUMBER(SETTING_NUMBER, smtp_min_data_rate, "500",
	    "Fewest octets of a message in a second, over all of it, that "
	    "another server may take."),
	NUMBER(SETTING_BOOL, reject_non_fqdn_sender, "yes",
	    "Refuse (504) a sender address without a complete domain."),
	NUMBER(SETTING_BOOL, reject_unlisted_sender, "yes",
	    "Refuse (550) a sender address of our domains that does not exist."),
	NUMBER(SETTING_BOOL, reject_sender_login_mismatch, "yes",
	    "Refuse (553) a sender address that belongs to a login to everybody "
	    "else, strangers included."),
	NUMBER(SETTING_BOOL, reject_authenticated_sender_login_mismatch, "yes",
	    "Refuse (553) users who logged in every sender address but their "
	    "own."),
	NUMBER(SETTING_SENDERS, smtpd_sender_login_maps, "senders",
	    "Table of the logins that may use an address besides its owner; "
	    "empty: none."),
	TEXT(sendmail_socket, "/run/besace/sendmail",
	    "Where the sendmail command finds the local service."),
	NUMBER(SETTING_NETWORKS, haproxy_trusted_networks, "",
	    "Proxies: every connection from these networks must start with a "
	    "PROXY header (version 1 or 2) that says whose it is."),
	NUMBER(SETTING_TIME, haproxy_timeout, "3s",
	    "Longest wait for a proxy's header."),
	NUMBER(SETTING_BOOL, disable_plaintext_auth, "yes",
	    "PLAIN and LOGIN, which send the password, only inside TLS."),
	NUMBER(SETTING_MECHANISMS, auth_mechanisms,
	    "plain login cram-md5 scram-sha-256 scram-sha-256-plus",
	    "Ways to log in. Those that never send the password are offered "
	    "when every password is stored so that it can do them (PLAIN, "
	    "CRAM-MD5, SCRAM-SHA-256), the last one inside TLS 1.3 only."),
	TEXT(password_scheme, "CRYPT",
	    "Scheme of the passwords that besace user makes: CRYPT (yescrypt), "
	    "SCRAM-SHA-256, CRAM-MD5, ARGON2ID, BLF-CRYPT, SHA512-CRYPT, PLAIN."),
	NUMBER(SETTING_TIME, auth_failure_delay, "2s",
	    "Wait before a failed login is answered; twice as long after each "
	    "further one of the same address, up to 15s."),
	NUMBER(SETTING_NETWORKS, abuse_exempt, "127.0.0.0/8 [::1]",
	    "Clients whose failures are not counted, besides mynetworks."),
	NUMBER(SETTING_NUMBER, abuse_ban_after, "10",
	    "So many failed logins get an address (IPv6: its /64) banned from "
	    "all services; 0: never."),
	NUMBER(SETTING_NUMBER, abuse_ban_after_refusals, "50",
	    "So many refused recipients and wrong commands get an address "
	    "banned; 0: never."),
	NUMBER(SETTING_TIME, abuse_window, "10m",
	    "Within this time, as many failures are forgotten as would have "
	    "led to a ban."),
	NUMBER(SETTING_TIME, abuse_ban_time, "10m",
	    "Length of a first ban; each further one is twice as long."),
	NUMBER(SETTING_TIME, abuse_ban_time_max, "1d",
	    "Length of the longest ban. After as long without one, the next "
	    "counts as the first."),
	NUMBER(SETTING_NUMBER, smtpd_client_connection_count_limit, "50",
	    "Most SMTP sessions at once from one address (IPv6: its /64), but "
	    "for abuse_exempt and mynetworks, and of one local user, but for "
	    "root; 0: no limit."),
	NUMBER(SETTING_NUMBER, mail_max_userip_connections, "10",
	    "Most IMAP sessions of one user from one address; 0: no limit."),
	NUMBER(SETTING_NUMBER, stranger_limit, "300",
	    "Most sessions of one port without a login; beyond, the one silent "
	    "longest has to leave. What the listener takes beyond is for users. "
	    "0: no limit."),
	TEXT(ssl_min_protocol, "TLSv1.2", "Oldest TLS: TLSv1.2 or TLSv1.3."),
	TEXT(imap_separator, ".",
	    "Between the levels of a folder's name: . or /"),
	NUMBER(SETTING_TIME, imap_login_timeout, "60s",
	    "Longest wait for an IMAP login."),
	NUMBER(SETTING_TIME, imap_idle_timeout, "30m",
	    "Longest silence of a logged-in IMAP client."),
	NUMBER(SETTING_TIME, imap_idle_notify_interval, "2m",
	    "Between the signs of life that an IMAP client in IDLE gets, and "
	    "those in a search if it is less than 5 seconds."),
	NUMBER(SETTING_BOOL, imap_unauthenticate, "no",
	    "An IMAP client may log out by UNAUTHENTICATE and stay, to log in as "
	    "another; one process more for each that is logged in."),
	NUMBER(SETTING_BOOL, verbose_proctitle, "no",
	    "ps shows of an IMAP process who is served, from where, and what "
	    "the session is at; to every user of this machine."),
	{ 0 }
};

#undef TEXT
#undef NUMBER

struct setting const *
settings_find(char const *name, size_t len)
{
	for (struct setting const *s = settings_table; s->name; s++)
		if (strncmp(s->name, name, len) == 0 && strlen(s->name) == len)
			return s;
	return NULL;
}

struct unit {
	char letter;
	uint64_t factor;
};

static struct unit const size_units[] = {
	{ 'k', 1024 },
	{ 'K', 1024 },
	{ 'M', 1048576 },
	{ 'G', 1073741824 },
	{ 0 },
};

static struct unit const time_units[] = {
	{ 's', 1 },
	{ 'm', 60 },
	{ 'h', 3600 },
	{ 'd', 86400 },
	{ 'w', 604800 },
	{ 0 },
};

static struct unit const no_units[] = { { 0 } };

static int
parse_number(char const *s, size_t len, struct unit const *units, uint64_t *out)
{
	uint64_t n = 0;
	size_t i = 0;
	for (; i < len && s[i] >= '0' && s[i] <= '9'; i++) {
		uint64_t digit = (uint64_t)(s[i] - '0');
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, digit, &n))
			return 0;
	}
	if (i == 0 || len - i > 1)
		return 0;
	*out = n;
	if (i == len)
		return 1;
	for (; units->letter; units++)
		if (units->letter == s[i])
			return !__builtin_mul_overflow(n, units->factor, out);
	return 0;
}

static int
parse_bool(char const *s, size_t len, bool *out)
{
	if (len == 3 && memcmp(s, "yes", 3) == 0)
		*out = true;
	else if (len == 2 && memcmp(s, "no", 2) == 0)
		*out = false;
	else
		return 0;
	return 1;
}

static int
parse_counted(struct setting const *s, char const *value, size_t len,
    uint64_t *out, char const **why)
{
	switch (s->type) {
	case SETTING_SIZE:
		*why = "a size is a number with k, M, G or nothing";
		return parse_number(value, len, size_units, out);
	case SETTING_TIME:
		*why = "a time is a number with s, m, h, d, w or nothing";
		return parse_number(value, len, time_units, out);
	case SETTING_CODE:
		*why = "a code from 400 to 599 is needed";
		return parse_number(value, len, no_units, out) && *out >= 400 &&
		    *out <= 599;
	case SETTING_MECHANISMS:
		*why = "mechanisms are plain, login, cram-md5, scram-sha-256, "
		       "scram-sha-256-plus";
		return sasl_parse_set(value, len, out);
	default:
		*why = "a whole number is needed";
		return parse_number(value, len, no_units, out);
	}
}

static bool
is_one_of(char const *value, size_t len, char const *choices)
{
	struct word rest = { choices, strlen(choices) }, w;
	while ((w = words_next(&rest)).len)
		if (w.len == len && memcmp(w.s, value, len) == 0)
			return true;
	return false;
}

static int
check_text(struct setting const *s, char const *value, size_t len,
    char const **why)
{
	unsigned char percent[QUOTA_WARNINGS];
	*why = "a control character is in it";
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)value[i] < 0x20 && value[i] != '\t')
			return 0;
	switch (s->type) {
	case SETTING_NETWORKS:
		*why = "addresses and networks are needed, as 192.0.2.0/24";
		return network_list_valid(value, len);
	case SETTING_HOSTS:
		*why = "networks and host names are needed";
		return host_list_valid(value, len);
	case SETTING_DNS_LISTS:
		*why = "zones are needed, as list.example or "
		       "list.example=127.0.0.[2..11]";
		return dns_lists_valid(value, len);
	case SETTING_SENDERS:
		*why = "only the file senders, or nothing, can stand here";
		return !len || (len == 7 && memcmp(value, "senders", 7) == 0);
	case SETTING_PERCENTS:
		*why = "up to 8 numbers from 1 to 100 are needed, the lowest "
		       "first";
		return quota_warnings_parse(value, len, percent) >= 0;
	case SETTING_DNS_SERVERS:
		*why = "addresses are needed, as 127.0.0.1:53, [::1]:53";
		return dns_servers_valid(value, len);
	case SETTING_TRANSPORT:
		*why = "smtp or error:5.X.Y TEXT is needed";
		return transport_valid(value, len);
	case SETTING_NEXT_HOP:
		*why = "a host is needed, as [host.example]:587, or nothing";
		return !len ||
		    next_hop_parse(value, len, &(struct next_hop){ 0 });
	case SETTING_HOSTNAME:
		*why = "a host name is needed, or nothing";
		return !len || hostname_valid(value, len);
	case SETTING_TLS_LEVEL:
		*why = "none, may, encrypt, dane-only or verify is needed";
		return is_one_of(value, len,
		    "none may encrypt dane-only verify");
	case SETTING_DNS_SUPPORT:
		*why = "dnssec or enabled is needed";
		return is_one_of(value, len, "dnssec enabled");
	case SETTING_ACTION:
		*why = "tempfail or accept is needed";
		return is_one_of(value, len, "tempfail accept");
	case SETTING_FAMILY:
		*why = "any, ipv4 or ipv6 is needed";
		return is_one_of(value, len, "any ipv4 ipv6");
	case SETTING_EHLO_KEYWORDS:
		*why = "keywords are chunking, pipelining, 8bitmime, dsn, "
		       "size, smtputf8, starttls, requiretls, auth";
		return ehlo_keywords_known(value, len);
	default:
		return 1;
	}
}

int
settings_parse(struct setting const *s, char const *value, size_t len,
    struct settings *into, char const **why)
{
	char *slot = into ? (char *)into + s->offset : NULL;
	if (s->text) {
		if (!check_text(s, value, len, why))
			return 0;
		char *copy = slot ? strndup(value, len) : NULL;
		*why = "no memory";
		if (slot && !copy)
			return 0;
		if (slot)
			memcpy(slot, &copy, sizeof copy);
		return 1;
	}
	if (s->type == SETTING_BOOL) {
		bool yes;
		*why = "yes or no is needed";
		if (!parse_bool(value, len, &yes))
			return 0;
		if (slot)
			memcpy(slot, &yes, sizeof yes);
		return 1;
	}
	uint64_t n;
	if (!parse_counted(s, value, len, &n, why))
		return 0;
	if (slot)
		memcpy(slot, &n, sizeof n);
	return 1;
}

/* The machine's name where the setting is empty. */
static int
fill_hostname(struct settings *into)
{
	static char name[256];
	if (*into->myhostname)
		return 1;
	if (gethostname(name, sizeof name - 1) < 0)
		return 0;
	into->myhostname = *name ? name : "localhost";
	return 1;
}

/* At the start of every program: a text is taken as it stands in the table. */
static int
set_default(struct setting const *s, struct settings *into)
{
	char const *why;
	if (!s->text)
		return settings_parse(s, s->fallback, strlen(s->fallback), into,
		    &why);
	memcpy((char *)into + s->offset, &s->fallback, sizeof s->fallback);
	return 1;
}

static int
set_defaults(struct settings *into)
{
	for (struct setting const *s = settings_table; s->name; s++)
		if (!set_default(s, into)) {
			errno = EINVAL;
			return 0;
		}
	return 1;
}

int
settings_defaults(struct settings *into)
{
	return set_defaults(into) && fill_hostname(into);
}

static int
failed_setting(char const *name, char const *why)
{
	log_event("error", "what", "read setting", "object", "settings.cdb",
	    "setting", name, "reason", why, (char *)NULL);
	return 0;
}

/* Record by record: there are fewer of them than settings. A setting that we
 * do not know is one of another version. */
static int
read_map(struct map *map, struct settings *into)
{
	stralloc name = STRALLOC_ZERO, value = STRALLOC_ZERO;
	unsigned int pos = 0;
	int r, ok = 1;
	while (ok && (r = map_next(map, &pos, &name, &value)) != 0) {
		char const *why;
		struct setting const *s =
		    r < 0 ? NULL : settings_find(name.s, name.len);
		if (r < 0)
			ok = failed_setting("all", "cannot be read");
		else if (s &&
		    !settings_parse(s, value.s, value.len, into, &why))
			ok = failed_setting(s->name, why);
	}
	stralloc_free(&name);
	stralloc_free(&value);
	return ok;
}

int
settings_load(struct settings *into)
{
	if (!set_defaults(into))
		return 0;
	struct map *map = map_open_logged("settings");
	int ok = map && read_map(map, into);
	map_close(map);
	return fill_hostname(into) && ok;
}
