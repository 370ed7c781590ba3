/** Clocks that do not count nanoseconds, that begin elsewhere, and several of them at once. */

import { eventClass, type Layout, LTTNG, packet, preamble, streamClass } from '../../ctf/lttng.js';
import { type Files, stream } from '../../ctf/writer.js';
import type { AuthoredTrace } from './trace.js';

/** Events at these cycles of a clock, in a directory of their own. */
function ticking(directory: string, layout: Layout, cycles: readonly number[], cpu = 0): Files {
  const metadata = preamble(layout) + streamClass(layout, 0) + eventClass(0, 'tick', 'uint64_t _cycles;');
  const only = packet(layout, { begin: cycles[0]!, end: cycles.at(-1)!, cpu }, (w) => {
    for (const cycle of cycles) w.event(0, cycle).u64(cycle);
  });
  return { [`${directory}metadata`]: metadata, [`${directory}chan_${cpu}`]: stream(only) };
}

const clock = (text: string, rest: Partial<Layout> = {}): Layout => ({ ...LTTNG, clock: text, ...rest });
const env = (host: string, domain: string): string =>
  `hostname = "${host}"; domain = "${domain}"; tracer_name = "lttng-${domain}";`;
const steps = (begin: number, step: number): number[] =>
  Array.from({ length: 10 }, (_, i) => begin + i * step);

export const clocks: AuthoredTrace[] = [
  {
    name: 'clock-3ghz',
    why: 'a clock of 3 GHz, whose cycles are thirds of nanoseconds',
    files: ticking('', clock('freq = 3000000000; offset = 12;'), steps(1000, 7)),
  },
  {
    name: 'clock-1mhz-offsets',
    why: 'a clock of 1 MHz with both offset_s and offset',
    files: ticking('', clock('freq = 1000000; offset_s = 1700000000; offset = 250000;'), steps(500, 333)),
  },
  {
    name: 'clock-negative-offset',
    why: 'an offset below zero',
    files: ticking('', clock('freq = 1000000000; offset_s = -5; offset = 100;'), steps(20_000_000, 17)),
  },
  {
    name: 'clock-absolute',
    why: 'a clock that says it is absolute, with a precision',
    files: ticking(
      '',
      clock('freq = 1000000000; precision = 10; absolute = TRUE; offset_s = 1600000000;'),
      steps(1, 999),
    ),
  },
  {
    name: 'clock-default',
    why: 'a clock that says nothing: 1 GHz from the epoch',
    files: ticking('', clock(''), steps(1_000, 50)),
    // babeltrace2 2.0.4 divides by the frequency that is not there.
    equivalent: ticking('', clock('freq = 1000000000;'), steps(1_000, 50)),
  },
  {
    name: 'clocks-two-domains',
    why: 'kernel and user space of one session, one clock, interleaved',
    files: {
      ...ticking('kernel/', clock(LTTNG.clock, { env: env('box', 'kernel') }), steps(1000, 10)),
      ...ticking(
        'ust/',
        clock(LTTNG.clock, { env: env('box', 'ust'), uuid: '00112233-4455-6677-8899-aabbccddeeff' }),
        steps(1005, 10),
      ),
    },
  },
  {
    name: 'clocks-two-hosts',
    why: 'two hosts with clocks of different rate and offset, whose events interleave only after conversion',
    files: {
      ...ticking(
        'alpha/kernel/',
        clock('freq = 1000000000; offset = 1700000000000000000;', { env: env('alpha', 'kernel') }),
        steps(5000, 100),
      ),
      ...ticking(
        'beta/kernel/',
        clock('freq = 2000000000; offset_s = 1699999999; offset = 1999990000;', {
          env: env('beta', 'kernel'),
          uuid: '99112233-4455-6677-8899-aabbccddeeff',
        }),
        steps(20_100, 200),
      ),
    },
  },
];
