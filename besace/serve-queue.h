/* SPDX-License-Identifier: ISC */
/* queue-run for an instance that is served: when something comes into the queue,
 * and each minute. */
#ifndef BESACE_SERVE_QUEUE_H
#define BESACE_SERVE_QUEUE_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

struct serve_queue {
	int news;                /* tells of what comes; -1: nothing does */
	pid_t child;             /* the one that runs; 0: none */
	bool again;              /* something came that it may have missed */
	double started;          /* seconds */
	int log;                 /* descriptor for its lines */
	sigset_t const *signals; /* those it may get */
};

/* LOG and SIGNALS are kept by reference. */
void serve_queue_open(struct serve_queue *q, int log, sigset_t const *signals);

/* Milliseconds until serve_queue_step is due. */
int serve_queue_timeout(struct serve_queue const *q, double now);

/* Starts it when it is time, or NEWS can be read. NOW: seconds of a clock that
 * never goes back. */
void serve_queue_step(struct serve_queue *q, double now);

/* The child is gone. */
void serve_queue_ended(struct serve_queue *q);

#endif
