/* SPDX-License-Identifier: ISC */
#include "builtins.h"

#include <stddef.h>

#include "deliver/deliver.h"
#include "dkimsign/dkimsign.h"
#include "spamscore/spamscore.h"

struct builtin const builtins[] = {
	{ "deliver", deliver_main },
	{ "dkimsign", dkimsign_main },
	{ "spamscore", spamscore_main },
	{ NULL, NULL },
};
