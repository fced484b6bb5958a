/* SPDX-License-Identifier: ISC */
/* A line of the log, as our programs write it and journald, syslog and multilog
 * keep it: something of theirs, "program[pid]: UID event key=value ...". Pure. */
#ifndef BESACE_TRACE_LINE_H
#define BESACE_TRACE_LINE_H

#include <stdbool.h>

#include "bytes.h"

struct trace_line {
	struct bytes time;  /* what sorts by time: RFC 3339 or TAI64N; or "" */
	struct bytes uid;   /* of the message; "-" for none */
	struct bytes pairs; /* behind the event */
};

/* Reads a line without its end. False when it is none of ours. */
bool trace_line_parse(char const *s, size_t len, struct trace_line *line);

struct trace_pair {
	struct bytes key;
	struct bytes value; /* as it stands, with its quotes */
};

/* Takes the next pair off *REST. */
bool trace_pair_next(struct bytes *rest, struct trace_pair *pair);

/* Whether the value stands for WANTED, in any letter case. */
bool trace_value_is(struct bytes value, char const *wanted);

#endif
