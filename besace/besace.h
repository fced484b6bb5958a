/* SPDX-License-Identifier: ISC */
/* The verbs of the command. Each gets the words after its name and returns the
 * exit code (lib/exitcode.h). */
#ifndef BESACE_BESACE_H
#define BESACE_BESACE_H

typedef int verb_function(int argc, char *const *argv);

verb_function verb_init;
verb_function verb_serve;
verb_function verb_maps;
verb_function verb_user;
verb_function verb_alias;
verb_function verb_quota;
verb_function verb_lookup;
verb_function verb_settings;
verb_function verb_ban;
verb_function verb_queue;
verb_function verb_trace;
verb_function verb_import;
verb_function verb_export;

#endif
