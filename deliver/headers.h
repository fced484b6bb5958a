/* SPDX-License-Identifier: ISC */
/* What a delivery reads in a message's header and writes before it. */
#ifndef BESACE_DELIVER_HEADERS_H
#define BESACE_DELIVER_HEADERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/uio.h>
#include <skalibs/stralloc.h>

/* A message as it will be stored, but for the fields of each delivery. */
struct headers {
	char const *message; /* as it came, without an mbox "From " line */
	size_t len;
	size_t end;    /* where its header fields end */
	stralloc kept; /* the fields without Return-Path, if it has one */
	bool has_kept;
	bool clean; /* what follows our fields cannot fold into them */
	char const *eol;
	bool spam;       /* X-Spam-Flag: YES */
	size_t received; /* number of Received fields */
};

/* Looks at the LEN octets of MESSAGE, which are kept by reference. 1, or 0 with
 * errno. */
int headers_scan(struct headers *h, char const *message, size_t len);

/* Whether a Delivered-To field names ADDRESS, letter case aside. */
bool headers_delivered_to(struct headers const *h, char const *address);

enum { HEADERS_PIECES = 2 };

/* The message as it is stored, without fields of a delivery: IOV, which points
 * into H. */
void headers_pieces(struct headers const *h, struct iovec iov[HEADERS_PIECES]);

/* *SA becomes what stands before the message in the mailbox of TO: Return-Path
 * (unless SENDER is NULL), X-Original-To, Delivered-To, as pipe(8) of Postfix
 * writes them with the flags R, O and D. 1, or 0 with errno. */
int headers_prepend(struct headers const *h, char const *sender,
    char const *original, char const *to, stralloc *sa);

/* The same for what alias VIA sends on: Delivered-To, by which it is known when
 * it comes back. */
int headers_forward(struct headers const *h, char const *via, stralloc *sa);

void headers_free(struct headers *h);

#endif
