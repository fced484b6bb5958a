/* SPDX-License-Identifier: ISC */
/* The whole program; its main calls it, and who has it in itself: builtin.h. */
#ifndef BESACE_DELIVER_H
#define BESACE_DELIVER_H

/* The exit status. What it holds it leaves to the end of the process. */
int deliver_main(int argc, char *const *argv);

#endif
