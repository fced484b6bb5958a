/* SPDX-License-Identifier: ISC */
#include "tls-required.h"

#include "file.h"
#include "message.h"
#include "span.h"

enum { HEADER_MAX = 65536 };

/* Another value than "No" has no meaning. */
bool
tls_required_no(char const *m, size_t len)
{
	struct message_field f;
	size_t pos = 0;
	bool no = false;
	while (message_next_field(m, len, &pos, &f)) {
		struct span value = { f.value, f.value_len };
		if (!message_field_is(&f, "TLS-Required"))
			continue;
		if (!span_is_case(span_trim(value), "No"))
			return false;
		no = true;
	}
	return no;
}

bool
tls_required_no_in(int fd, uint64_t start)
{
	static char header[HEADER_MAX];
	ssize_t n = file_read_at(fd, header, sizeof header, start);
	return n > 0 && tls_required_no(header, (size_t)n);
}
