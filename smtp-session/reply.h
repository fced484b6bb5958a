/* SPDX-License-Identifier: ISC */
/* Replies the front gives by itself: code, enhanced code (RFC 3463), text. */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#define REPLY_OK         "250 2.0.0 Ok"
#define REPLY_BYE        "221 2.0.0 Bye"
#define REPLY_LATER_TEXT "451 4.3.0 Temporary server problem, try again later"
#define REPLY_DNS_LATER  "450 4.4.3 The DNS does not answer, try again later"
#define REPLY_VRFY       "252 2.5.2 Send some mail, I'll try to deliver it"
#define REPLY_TLS_READY  "220 2.0.0 Ready to start TLS"
#define REPLY_AUTH_OK    "235 2.7.0 Authentication successful"
#define REPLY_SEND_DATA  "354 End data with <CR><LF>.<CR><LF>"
#define REPLY_TIMEOUT    "421 4.4.2 Timeout, closing connection"
#define REPLY_SESSION_OVER \
	"421 4.4.2 The session has lasted too long, connect anew"
#define REPLY_MESSAGES_OVER \
	"421 4.7.0 Too many messages in one session, connect anew"
#define REPLY_BACK_GONE "421 4.3.0 Temporary server problem, try again later"
#define REPLY_BARE_BEFORE \
	"421 4.5.2 Bare CR or LF seen in a message, closing connection"
#define REPLY_OTHERS_WAIT \
	"421 4.7.0 Silent for too long while others wait, try again later"
#define REPLY_TOO_MANY "421 4.7.0 Too many errors, closing connection"
#define REPLY_NO_SPACE "452 4.3.1 Insufficient system storage, try again later"
#define REPLY_NO_TLS   "454 4.7.0 TLS not available now, try again later"
#define REPLY_AUTH_LATER \
	"454 4.7.0 Temporary authentication failure, try again later"
#define REPLY_UNKNOWN       "500 5.5.2 Command not recognized"
#define REPLY_LINE_TOO_LONG "500 5.5.2 Line too long"
#define REPLY_SYNTAX        "501 5.5.4 Syntax error in parameters or arguments"
#define REPLY_NO_ARGUMENT   "501 5.5.4 This command takes no argument"
#define REPLY_NOT_INITIAL   "501 5.5.4 This mechanism takes no initial response"
#define REPLY_BAD_BASE64    "501 5.5.2 Not base64"
#define REPLY_CANCELLED     "501 5.7.0 Authentication cancelled"
#define REPLY_BAD_ADDRESS   "501 5.1.7 Bad address syntax"
#define REPLY_BAD_RECIPIENT "501 5.1.3 Bad address syntax"
#define REPLY_NOT_DONE      "502 5.5.1 Command not implemented"
#define REPLY_NO_HELLO      "503 5.5.1 Say EHLO or HELO first"
#define REPLY_NO_MAIL       "503 5.5.1 Say MAIL first"
#define REPLY_NO_RCPT       "503 5.5.1 Say RCPT first"
#define REPLY_NESTED_MAIL   "503 5.5.1 Sender already given"
#define REPLY_IN_CHUNKS     "503 5.5.1 Not between BDAT and its LAST"
#define REPLY_SEQUENCE      "503 5.5.1 Not now"
#define REPLY_NO_HELP       "504 5.5.4 No such command"
#define REPLY_BDAT_LOST \
	"521 5.5.4 Write BDAT octets [LAST]: cannot tell where the chunk ends"
#define REPLY_MECHANISM  "504 5.5.4 Mechanism not supported"
#define REPLY_NEED_TLS   "538 5.7.11 Encryption required: say STARTTLS first"
#define REPLY_AUTH_WRONG "535 5.7.8 Authentication failed"
#define REPLY_BARE_LINE_END \
	"550 5.5.2 Lines must end in CR LF (bare CR or LF seen): message refused"
#define REPLY_TOO_LARGE  "552 5.3.4 Message is larger than the limit"
#define REPLY_FULL_LATER "452 4.2.2 Mailbox is full, try again later"
#define REPLY_FULL       "552 5.2.2 Mailbox is full"
#define REPLY_BAD_SIZE   "501 5.5.4 Bad SIZE"
#define REPLY_UTF8       "553 5.6.7 Address beyond ASCII: say SMTPUTF8 in MAIL"
#define REPLY_UTF8_VRFY  "553 5.6.7 Address beyond ASCII: say SMTPUTF8 behind it"
#define REPLY_TWICE      "501 5.5.4 Parameter given twice"
#define REPLY_PARAMETER  "555 5.5.4 Parameter not recognized"

#endif
