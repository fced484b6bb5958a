/* SPDX-License-Identifier: ISC */
#include "deliver.h"

int
main(int argc, char **argv)
{
	return deliver_main(argc, argv);
}
