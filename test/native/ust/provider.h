/* Tracepoints of every type of field that LTTng-UST 2.13 writes. */

#undef LTTNG_UST_TRACEPOINT_PROVIDER
#define LTTNG_UST_TRACEPOINT_PROVIDER boxtop_test

#undef LTTNG_UST_TRACEPOINT_INCLUDE
#define LTTNG_UST_TRACEPOINT_INCLUDE "./provider.h"

#if !defined(BOXTOP_TEST_PROVIDER_H) || defined(LTTNG_UST_TRACEPOINT_HEADER_MULTI_READ)
#define BOXTOP_TEST_PROVIDER_H

#include <lttng/tracepoint.h>
#include <stdint.h>

LTTNG_UST_TRACEPOINT_ENUM(boxtop_test, level,
	LTTNG_UST_TP_ENUM_VALUES(
		lttng_ust_field_enum_value("none", 0)
		lttng_ust_field_enum_range("some", 1, 9)
		lttng_ust_field_enum_value("a \"quoted\" one", 10)
		lttng_ust_field_enum_range("below", -5, -1)
		lttng_ust_field_enum_auto("next")
	)
)

LTTNG_UST_TRACEPOINT_EVENT(boxtop_test, integers,
	LTTNG_UST_TP_ARGS(uint64_t, v),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(int8_t, i8, -(int8_t) v)
		lttng_ust_field_integer(uint8_t, u8, (uint8_t) v)
		lttng_ust_field_integer(int16_t, i16, -(int16_t) v)
		lttng_ust_field_integer(uint16_t, u16, (uint16_t) v)
		lttng_ust_field_integer(int32_t, i32, -(int32_t) v)
		lttng_ust_field_integer_hex(uint32_t, u32, (uint32_t) v)
		lttng_ust_field_integer(int64_t, i64, -(int64_t) v)
		lttng_ust_field_integer_hex(uint64_t, u64, v * 0x9e3779b97f4a7c15ull)
		lttng_ust_field_integer_network(uint16_t, port, (uint16_t) v)
		lttng_ust_field_integer_network_hex(uint32_t, address, (uint32_t) v)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(boxtop_test, reals,
	LTTNG_UST_TP_ARGS(double, v),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_float(float, single_precision, (float) v)
		lttng_ust_field_float(double, double_precision, v)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(boxtop_test, collections,
	LTTNG_UST_TP_ARGS(const int32_t *, numbers, size_t, count, const char *, text),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_array(int32_t, array, numbers, 4)
		lttng_ust_field_array_hex(int32_t, array_hex, numbers, 2)
		lttng_ust_field_array_text(char, array_text, text, 12)
		lttng_ust_field_array_network(int32_t, array_network, numbers, 2)
		lttng_ust_field_sequence(int32_t, sequence, numbers, size_t, count)
		lttng_ust_field_sequence_hex(int32_t, sequence_hex, numbers, uint8_t, (uint8_t) count)
		lttng_ust_field_sequence_text(char, sequence_text, text, uint16_t, (uint16_t) count)
		lttng_ust_field_string(string, text)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(boxtop_test, levels,
	LTTNG_UST_TP_ARGS(int, v),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_enum(boxtop_test, level, int, as_int, v)
		lttng_ust_field_enum(boxtop_test, level, int8_t, as_char, (int8_t) v)
		lttng_ust_field_enum(boxtop_test, level, int64_t, as_long, v)
	)
)

LTTNG_UST_TRACEPOINT_EVENT(boxtop_test, flood,
	LTTNG_UST_TP_ARGS(uint64_t, n),
	LTTNG_UST_TP_FIELDS(
		lttng_ust_field_integer(uint64_t, n, n)
	)
)

LTTNG_UST_TRACEPOINT_LOGLEVEL(boxtop_test, levels, LTTNG_UST_TRACEPOINT_LOGLEVEL_WARNING)

#endif

#include <lttng/tracepoint-event.h>
