/* SPDX-License-Identifier: ISC */
#include "dkimsign.h"

int
main(int argc, char **argv)
{
	return dkimsign_main(argc, argv);
}
