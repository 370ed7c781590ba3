/* Writes RATE user-space events a second (0: as many as it can) for SECONDS from THREADS threads; prints how many. */

#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "provider.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BURSTS 1000 /* a second */

static double seconds, rate;
static int threads;

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static void *flood(void *argument)
{
	const double begin = now(), end = begin + seconds;
	uint64_t *count = argument;

	for (double t = begin; t < end; t = now()) {
		const uint64_t due = rate == 0 ? *count + 1000 : (uint64_t) ((t - begin) * rate / threads);

		for (; *count < due; (*count)++)
			lttng_ust_tracepoint(boxtop_test, flood, *count);
		if (rate != 0)
			nanosleep(&(struct timespec) { .tv_nsec = 1000000000 / BURSTS }, NULL);
	}
	return NULL;
}

int main(int count, char **arguments)
{
	if (count != 4)
		return 2;
	rate = atof(arguments[1]);
	seconds = atof(arguments[2]);
	threads = atoi(arguments[3]);

	pthread_t thread[threads];
	uint64_t written[threads], sum = 0;

	for (int i = 0; i < threads; i++) {
		written[i] = 0;
		pthread_create(&thread[i], NULL, flood, &written[i]);
	}
	for (int i = 0; i < threads; i++) {
		pthread_join(thread[i], NULL);
		sum += written[i];
	}
	printf("%lu\n", (unsigned long) sum);
	return 0;
}
