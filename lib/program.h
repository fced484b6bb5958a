/* SPDX-License-Identifier: ISC */
/* How programs that the administrator named, and ours, are started. */
#ifndef BESACE_PROGRAM_H
#define BESACE_PROGRAM_H

#include <spawn.h>
#include <stdbool.h>
#include <sys/types.h>

/* As execvpe(3), but that a file which is neither a binary nor has "#!" on top
 * is no shell script (ENOEXEC): run as one, an empty file would succeed, and
 * mail be lost. Comes back only with errno. System calls alone, for a child that
 * shares our memory. */
void program_exec(char const *name, char *const *argv, char *const *envp);

/* posix_spawnp(3), which asks no shell either, with all signals as they are by
 * default; GROUP: in a process group of its own. 0 and *PID, or an errno. */
int program_spawn(char const *name, posix_spawn_file_actions_t const *actions,
    bool group, char *const *argv, char *const *envp, pid_t *pid);

/* Why NAME cannot be started: what ERRNUM says, in words an administrator can
 * use. */
char const *program_reason(char const *name, int errnum);

/* Logs that NAME could not be started. */
void program_log_failure(char const *name, int errnum);

#endif
