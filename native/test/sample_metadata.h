// Metadata as LTTng writes it, in small: for unit tests and as the fuzzers' ground.
#pragma once

inline const char* const kSampleHeader = R"(
typealias integer { size = 8; align = 8; signed = false; } := uint8_t;
typealias integer { size = 16; align = 8; signed = false; } := uint16_t;
typealias integer { size = 32; align = 8; signed = false; } := uint32_t;
typealias integer { size = 64; align = 8; signed = false; } := uint64_t;
typealias integer { size = 64; align = 8; signed = false; } := unsigned long;
typealias integer { size = 5; align = 1; signed = false; } := uint5_t;
trace { major = 1; minor = 8; byte_order = le;
  packet.header := struct { uint32_t magic; uint32_t stream_id; uint64_t stream_instance_id; }; };
env { hostname = "box"; domain = "kernel"; tracer_major = 2; };
clock { name = "monotonic"; freq = 1000000000; offset = 1000; };
typealias integer { size = 27; align = 1; signed = false; map = clock.monotonic.value; } := uint27_clock_monotonic_t;
typealias integer { size = 32; align = 8; signed = false; map = clock.monotonic.value; } := uint32_clock_monotonic_t;
typealias integer { size = 64; align = 8; signed = false; map = clock.monotonic.value; } := uint64_clock_monotonic_t;
struct packet_context { uint64_clock_monotonic_t timestamp_begin; uint64_clock_monotonic_t timestamp_end; uint64_t content_size; uint64_t packet_size; uint64_t packet_seq_num; unsigned long events_discarded; uint32_t cpu_id; };
struct event_header_compact {
  enum : uint5_t { compact = 0 ... 30, extended = 31 } id;
  variant <id> { struct { uint27_clock_monotonic_t timestamp; } compact; struct { uint32_t id; uint64_clock_monotonic_t timestamp; } extended; } v;
} align(8);
struct event_header_large {
  enum : uint16_t { compact = 0 ... 65534, extended = 65535 } id;
  variant <id> { struct { uint32_clock_monotonic_t timestamp; } compact; struct { uint32_t id; uint64_clock_monotonic_t timestamp; } extended; } v;
} align(8);
)";

inline const char* const kSampleStreams = R"(
stream { id = 0; event.header := struct event_header_compact; packet.context := struct packet_context; };
stream { id = 1; event.header := struct event_header_large; packet.context := struct packet_context; event.context := struct { integer { size = 32; align = 8; signed = 1; } _tid; integer { size = 8; align = 8; signed = 1; encoding = UTF8; } _procname[16]; }; };
event { name = "switch"; id = 0; stream_id = 0; fields := struct {
  integer { size = 8; align = 8; signed = 1; encoding = UTF8; } _comm[16]; integer { size = 32; align = 8; signed = 1; } _tid; integer { size = 64; align = 8; signed = 1; } _state; }; };
event { name = "open"; id = 1; stream_id = 0; fields := struct { integer { size = 32; align = 8; signed = 1; } _fd; string _name; integer { size = 64; align = 8; signed = 0; base = 16; } _address; }; };
event { name = "fork"; id = 2; stream_id = 0; fields := struct { uint8_t __vtids_length; integer { size = 32; align = 8; signed = 1; } _vtids[ __vtids_length ]; uint32_t _ns; }; };
event { name = "packet"; id = 3; stream_id = 0; fields := struct {
  enum : uint8_t { "unknown" = 0, "v4" = 1 ... 3, "v6" = 4, } _type;
  variant <_type> { struct {} unknown; struct { integer { size = 4; align = 4; byte_order = be; signed = 0; } _ihl; integer { size = 4; align = 4; byte_order = be; signed = 0; } _version; uint16_t _length; } v4; struct { uint8_t _n; string _names[ _n ]; } v6; } _header; uint32_t _after; }; };
event { name = "many"; id = 40; stream_id = 0; fields := struct { uint32_t _n; struct { uint16_t _a; string _s; } _entries[ _n ]; floating_point { exp_dig = 11; mant_dig = 53; align = 8; } _d; }; };
event { name = "exit"; id = 0; stream_id = 1; fields := struct { integer { size = 64; align = 8; signed = 1; } _ret; }; };
)";
