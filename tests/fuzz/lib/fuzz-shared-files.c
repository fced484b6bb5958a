/* SPDX-License-Identifier: ISC */
/* The files of BESACE_VAR that sessions share, with whatever in them: the first
 * octet says how much of a good one stays before it. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/hash-file.h"
#include "lib/open-sessions.h"

enum { BUCKETS = 2, NOW = 1000 };

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(uint8_t const *data, size_t size);

static char dir[] = "/tmp/fuzz-shared.XXXXXX";

static void
remove_files(void)
{
	char command[64];
	snprintf(command, sizeof command, "rm -rf %s", dir);
	if (system(command) != 0)
		perror(dir);
}

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	if (!mkdtemp(dir) || setenv("BESACE_VAR", dir, 1) < 0)
		abort();
	atexit(remove_files);
	return 0;
}

static void
put(char const *name, off_t at, uint8_t const *data, size_t size)
{
	char path[64];
	snprintf(path, sizeof path, "%s/%s", dir, name);
	int fd = open(path, O_RDWR | O_CREAT, 0600);
	if (fd < 0 || (at == 0 && ftruncate(fd, 0) < 0) ||
	    pwrite(fd, data, size, at) < 0)
		abort();
	close(fd);
}

static void
use_records(void)
{
	static unsigned char const key[HASH_FILE_KEY] = { 1 };
	struct hash_file f;
	struct hash_change c;
	struct hash_record r;
	uint32_t pos = 0;
	unsigned int count = 0;
	if (!hash_file_open(&f, "records", BUCKETS))
		abort();
	hash_file_begin(&f, key, NOW, &c);
	c.record.expires = NOW + 1;
	if (!hash_file_end(&f, &c) || !hash_file_get(&f, key, NOW, &r))
		abort();
	while (hash_file_next(&f, &pos, NOW, &r))
		count++;
	if (!count || count > BUCKETS * HASH_FILE_BUCKET)
		abort();
	hash_file_close(&f);
}

static void
use_sessions(void)
{
	static unsigned char const source[OPEN_SOURCE] = { 1 };
	struct open_limits limits = { 1, 1, 1 };
	struct open_session s;
	/* the dead hold no place: nobody else is there */
	if (open_enter(&s, "smtp", "smtp", source, &limits) != OPEN_ADMITTED)
		abort();
	open_update(&s, OPEN_MAIL);
	if (!open_login(&s, "alice", 5, 1))
		abort();
	open_leave(&s);
}

int
LLVMFuzzerTestOneInput(uint8_t const *data, size_t size)
{
	if (!size)
		return 0;
	use_records(); /* the files are good now */
	use_sessions();
	put("records",
	    *data & 1       ? 1024
	        : *data & 2 ? 40
	                    : 0,
	    data + 1, size - 1);
	put("sessions", *data & 4 ? 16 : 0, data + 1, size - 1);
	use_records();
	use_sessions();
	return 0;
}
