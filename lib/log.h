/* SPDX-License-Identifier: ISC */
/* The one log line format: "program[pid]: UID event key=value ...\n" on
 * stderr, one write(2) a line. Where stderr is the client's connection itself,
 * as inetd has it, the lines go to syslog(3), facility mail. Event "error" has
 * the priority err there, all others info; so it is in systemd's journal. */
#ifndef BESACE_LOG_H
#define BESACE_LOG_H

#include <stddef.h>
#include <skalibs/stralloc.h>

/* Names the program in every later line; the message id is taken from the
 * environment (MESSAGE_UID) when there is one. Call once, first. */
void log_open(char const *program);

/* Before log_open for another program, in a process that is to become it. */
void log_close(void);

/* The lines that follow are for syslog(3), facility mail, where there is one:
 * what somebody does by hand belongs to the log, and not on his terminal. */
void log_to_syslog(void);

/* Sets the message id of the lines that follow; NULL or "" means none, which
 * is written as "-". The string is copied (64 bytes at most). */
void log_uid(char const *uid);

/* Writes one line. After the event come pairs of strings, key then value,
 * ended by one NULL. A NULL value leaves its pair out. Values are quoted when
 * they need it and never carry raw control bytes. */
void log_event(char const *event, ...) __attribute__((sentinel));

/* Passes on a whole line that another of our programs wrote. */
void log_pass(char const *line, size_t len);

/* The same line for something that failed: event "error" with what was tried,
 * on which file or object, and why (errno value, 0 for none). */
void log_error(char const *what, char const *object, int errnum);

/* The same for the file NAME of the directory DIR. */
void log_error_in(char const *what, char const *dir, char const *name,
    int errnum);

/* Appends VALUE to SA as it stands in a log line: as is when it is made of
 * plain characters, else in double quotes with \" \\ and, for controls and what
 * is no UTF-8, \xHH. Returns 1, or 0 with errno. Pure. */
int log_quote(stralloc *sa, char const *value, size_t len);

#endif
