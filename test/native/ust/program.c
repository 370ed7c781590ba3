/* Writes user-space events from two threads: a few of every kind, and floods that small buffers cannot hold. */

#define LTTNG_UST_TRACEPOINT_CREATE_PROBES
#define LTTNG_UST_TRACEPOINT_DEFINE
#include "provider.h"

#include <math.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

static const char *const texts[] = {
	"", "plain", "twelve bytes", "more than twelve bytes", "say \"hi\"\n\ttab\\", "na\303\257ve \342\230\203", "bad \377 utf8"
};
static const double reals[] = { 0, -0.0, 1.5, -3.25e300, 1e-310, INFINITY, -INFINITY, NAN, 0.1 };

static void *write_events(void *argument)
{
	uint64_t seed = (uint64_t) (uintptr_t) argument;

	for (uint64_t i = 0; i < 200; i++) {
		int32_t numbers[8];
		char text[32] = { 0 };

		for (int k = 0; k < 8; k++)
			numbers[k] = (int32_t) (i * 0x01234567u + seed * k);
		strncpy(text, texts[i % 7], sizeof(text) - 1);
		lttng_ust_tracepoint(boxtop_test, integers, i * 0x123456789abull + seed);
		lttng_ust_tracepoint(boxtop_test, reals, i < 9 ? reals[i] : (double) i / 7);
		lttng_ust_tracepoint(boxtop_test, collections, numbers, i % 9, text);
		lttng_ust_tracepoint(boxtop_test, levels, (int) (i % 20) - 6);
		if (i % 50 == 49)
			usleep(150000); /* longer than 27 bits of nanoseconds */
	}
	for (uint64_t i = 0; i < 100000; i++)
		lttng_ust_tracepoint(boxtop_test, flood, i);
	usleep(20000);
	for (uint64_t i = 0; i < 500; i++)
		lttng_ust_tracepoint(boxtop_test, flood, i);
	return NULL;
}

int main(void)
{
	pthread_t threads[2];

	for (uintptr_t i = 0; i < 2; i++)
		pthread_create(&threads[i], NULL, write_events, (void *) (i + 1));
	for (int i = 0; i < 2; i++)
		pthread_join(threads[i], NULL);
	return 0;
}
