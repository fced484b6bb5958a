/* SPDX-License-Identifier: ISC */
/* DER (X.690 section 8 and 10), as much as a key needs: values one behind the
 * other, each a tag, a length and octets. */
#ifndef BESACE_DER_H
#define BESACE_DER_H

#include <stdbool.h>

#include "bytes.h"

enum der_tag {
	DER_INTEGER = 0x02,
	DER_BIT_STRING = 0x03,
	DER_OCTET_STRING = 0x04,
	DER_OBJECT = 0x06,
	DER_SEQUENCE = 0x30,
	DER_EXPLICIT_0 = 0xa0,
	DER_EXPLICIT_1 = 0xa1
};

/* Takes the next value off *REST when it has TAG. False, with nothing taken,
 * when it has another, is cut, or is none. Pure. */
bool der_take(struct bytes *rest, enum der_tag tag, struct bytes *value);

/* The same for an INTEGER that is not negative; *NUMBER is without leading
 * zeros, of zero empty. */
bool der_take_number(struct bytes *rest, struct bytes *number);

#endif
