/* SPDX-License-Identifier: ISC */
/* The settings: one table of names, types, defaults and explanations. */
#ifndef BESACE_SETTINGS_H
#define BESACE_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <skalibs/stralloc.h>

/* By topic, not by size: there is one of it in a process. */
/* NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding) */
struct settings {
	char const *myhostname;
	char const *virtual_mailbox_base;
	char const *virtual_uid_maps;
	char const *virtual_gid_maps;
	uint64_t virtual_minimum_uid;
	uint64_t virtual_mailbox_limit; /* bytes */
	uint64_t quota_grace;           /* bytes */
	bool quota_full_tempfail;
	char const *quota_warning; /* quota_warnings_parse */
	char const *recipient_delimiter;
	char const *propagate_unmatched_extensions;
	char const *postmaster_address;
	char const *virtual_transport;
	char const *default_transport;
	char const *mailbox_command;
	char const *srs_domain;
	uint64_t srs_max_age; /* seconds */
	char const *spam_folder;
	uint64_t hopcount_limit;
	char const *inbound_filters;
	char const *outbound_filters;
	char const *inbound_filters_default_action;
	char const *outbound_filters_default_action;
	uint64_t filter_timeout; /* seconds */
	uint64_t default_process_limit;
	uint64_t default_destination_concurrency_limit;
	uint64_t minimal_backoff_time;   /* seconds */
	uint64_t maximal_backoff_time;   /* seconds */
	uint64_t maximal_queue_lifetime; /* seconds */
	uint64_t bounce_queue_lifetime;  /* seconds */
	uint64_t delay_warning_time;     /* seconds */
	uint64_t bounce_size_limit;      /* bytes */
	uint64_t message_size_limit;     /* bytes */
	uint64_t smtpd_recipient_limit;
	uint64_t smtpd_hard_error_limit;
	uint64_t smtpd_soft_error_limit;
	uint64_t smtpd_error_sleep_time; /* seconds */
	uint64_t smtpd_junk_command_limit;
	uint64_t smtpd_timeout;            /* seconds */
	uint64_t smtpd_stranger_timeout;   /* seconds */
	uint64_t smtpd_session_time_limit; /* seconds */
	uint64_t smtpd_session_message_limit;
	uint64_t user_messages_per_hour;
	uint64_t user_messages_per_day;
	uint64_t user_recipients_per_hour;
	uint64_t user_recipients_per_day;
	uint64_t user_rate_warning; /* percent */
	char const *mynetworks;
	bool permit_mynetworks;
	char const *trusted_hosts;
	bool smtpd_sasl_authenticated_header;
	bool smtpd_hide_client_session;
	uint64_t postscreen_greet_wait; /* seconds */
	bool reject_unauth_pipelining;
	bool reject_non_fqdn_sender;
	bool reject_unknown_sender_domain;
	uint64_t unknown_address_reject_code;
	bool smtpd_helo_required;
	bool reject_invalid_helo_hostname;
	bool reject_non_fqdn_helo_hostname;
	bool reject_unknown_helo_hostname;
	bool smtpd_peername_lookup;
	bool reject_unknown_client_hostname;
	bool reject_unknown_reverse_client_hostname;
	char const *reject_rbl_client;
	char const *permit_dnswl_client;
	char const *resolver;
	uint64_t resolver_trust_ad;
	uint64_t dns_timeout; /* seconds */
	char const *relayhost;
	char const *smtp_tls_security_level;
	char const *smtp_tls_CAfile;
	char const *smtp_dns_support_level;
	bool smtp_tls_mta_sts;
	char const *smtp_address_preference;
	uint64_t smtp_mx_address_limit;
	uint64_t smtp_destination_recipient_limit;
	bool smtp_send_8bit_undeclared;
	bool disable_mime_output_conversion;
	char const *smtp_discard_ehlo_keywords;
	uint64_t smtp_sasl_mechanism_filter;       /* a sasl_set */
	uint64_t smtp_connection_reuse_time_limit; /* seconds */
	uint64_t smtp_connect_timeout;             /* seconds */
	uint64_t smtp_helo_timeout;                /* seconds */
	uint64_t smtp_starttls_timeout;            /* seconds */
	uint64_t smtp_mail_timeout;                /* seconds */
	uint64_t smtp_rcpt_timeout;                /* seconds */
	uint64_t smtp_data_init_timeout;           /* seconds */
	uint64_t smtp_data_xfer_timeout;           /* seconds */
	uint64_t smtp_min_data_rate;               /* octets a second */
	uint64_t smtp_data_done_timeout;           /* seconds */
	bool smtp_tlsrpt_enable;
	char const *tls_report_address;
	char const *tls_report_organization;
	bool reject_unlisted_sender;
	bool reject_sender_login_mismatch;
	bool reject_authenticated_sender_login_mismatch;
	char const *smtpd_sender_login_maps;
	char const *sendmail_socket;
	char const *haproxy_trusted_networks;
	uint64_t haproxy_timeout; /* seconds */
	bool disable_plaintext_auth;
	uint64_t auth_mechanisms; /* a sasl_set */
	char const *password_scheme;
	uint64_t auth_failure_delay; /* seconds */
	char const *abuse_exempt;
	uint64_t abuse_window; /* seconds */
	uint64_t abuse_ban_after;
	uint64_t abuse_ban_after_refusals;
	uint64_t abuse_ban_time;     /* seconds */
	uint64_t abuse_ban_time_max; /* seconds */
	uint64_t smtpd_client_connection_count_limit;
	uint64_t mail_max_userip_connections;
	uint64_t stranger_limit;
	char const *ssl_min_protocol;
	char const *imap_separator;
	uint64_t imap_login_timeout;        /* seconds */
	uint64_t imap_idle_timeout;         /* seconds */
	uint64_t imap_idle_notify_interval; /* seconds */
	bool imap_unauthenticate;
	bool verbose_proctitle;
};

enum setting_type {
	SETTING_TEXT,
	SETTING_NUMBER,
	SETTING_SIZE,        /* bytes; k, M, G are powers of 1024 */
	SETTING_TIME,        /* seconds; s, m, h, d, w */
	SETTING_BOOL,        /* yes or no */
	SETTING_CODE,        /* of a refusal: 400 to 599 */
	SETTING_NETWORKS,    /* text: addresses and networks (network.h) */
	SETTING_HOSTS,       /* text: networks and host names (host-list.h) */
	SETTING_DNS_LISTS,   /* text: zones (dns-list.h) */
	SETTING_DNS_SERVERS, /* text: addresses (dns-servers.h) */
	SETTING_SENDERS,     /* text: senders, or nothing */
	SETTING_PERCENTS,    /* text: percents, ascending (quota.h) */
	SETTING_TRANSPORT, /* text: where mail for others goes (transport.h) */
	SETTING_NEXT_HOP,  /* text: a next hop (next-hop.h), or nothing */
	SETTING_HOSTNAME,  /* text: a host name, or nothing */
	SETTING_TLS_LEVEL, /* text: none, may, encrypt, dane-only, verify */
	SETTING_DNS_SUPPORT,   /* text: dnssec, enabled */
	SETTING_FAMILY,        /* text: any, ipv4, ipv6 */
	SETTING_ACTION,        /* text: tempfail, accept */
	SETTING_EHLO_KEYWORDS, /* text: keywords (ehlo-keyword.h) */
	SETTING_MECHANISMS     /* names of SASL mechanisms, a sasl_set */
};

struct setting {
	char const *name;
	enum setting_type type;
	bool text;     /* stored as it is: a char const * */
	size_t offset; /* in struct settings */
	char const *fallback;
	char const *explanation;
};

/* The table, ended by a NULL name. */
extern struct setting const settings_table[];

/* NULL when there is no such setting. */
struct setting const *settings_find(char const *name, size_t len);

/* 1 when VALUE is right for S and, unless INTO is NULL, stored there (text is
 * copied to the heap); 0 when it is not, with *WHY a constant sentence part. */
int settings_parse(struct setting const *s, char const *value, size_t len,
    struct settings *into, char const **why);

/* All defaults; never fails for want of a file. 1, or 0 with errno. */
int settings_defaults(struct settings *into);

/* Defaults, then what BESACE_ETC/settings.cdb says. 1; or 0, logged with the
 * file's name: a missing or damaged map is a temporary failure, and *INTO then
 * holds the defaults. */
int settings_load(struct settings *into);

#endif
