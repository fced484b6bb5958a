/* SPDX-License-Identifier: ISC */
#include "spamscore.h"

int
main(int argc, char **argv)
{
	return spamscore_main(argc, argv);
}
