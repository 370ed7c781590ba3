/** The options that several commands share, each written once. */
import type { Options } from 'yargs';
import { nameMatcher } from './match.js';
import { parseDuration, parseTime } from './time.js';

export const DEFAULT_INTERVAL_NS = parseDuration('1s');
export const DEFAULT_LIVE_TIMER_NS = parseDuration('200ms');

/** How the command line is parsed. Values may begin with a dash: --from -10s, --sort -cpu_ns. */
export const PARSING = {
  'nargs-eats-options': true,
  'parse-numbers': false,
  'boolean-negation': false,
} as const;

/** Every option that takes a value takes exactly one: so `--from -10s` and `--sort -cpu_ns` mean what they say. */
const value = { nargs: 1, requiresArg: true } as const;

export const inventoryOption = {
  ...value,
  type: 'string',
  array: true,
  default: [] as string[],
  defaultDescription: 'what lies in the recording',
  describe:
    'Output of boxtop inventory, docker inspect or podman inspect that names the containers (repeatable)',
} satisfies Options;

export const nameOption = {
  ...value,
  type: 'string',
  array: true,
  describe: 'Only containers with such names: GLOB or /REGEX/ (repeatable; any matches)',
  coerce: (patterns: string[] | undefined) => {
    if (patterns !== undefined) nameMatcher(patterns);
    return patterns;
  },
} satisfies Options;

export const filterOption = {
  ...value,
  type: 'string',
  describe: 'Only rows that the filter fits: web, web*, "cpu>20 and image:nginx", "not limit>=0"',
} satisfies Options;

export const fromOption = {
  ...value,
  type: 'string',
  describe: 'Begin at TIME',
  coerce: optional(parseTime),
} satisfies Options;

export const toOption = {
  ...value,
  type: 'string',
  describe: 'End before TIME',
  coerce: optional(parseTime),
} satisfies Options;

export const atOption = {
  ...value,
  type: 'string',
  describe: 'Pause at TIME',
  coerce: optional(parseTime),
} satisfies Options;

export const intervalOption = {
  ...value,
  type: 'string',
  describe: 'Length of a frame, in the time of the events',
  coerce: optional(parseDuration),
} satisfies Options;

export const pathPositional = {
  type: 'string',
  demandOption: true,
  describe: 'A recording, or any directory with a CTF trace in it',
} satisfies Options;

export const pathOrLivePositional = {
  ...pathPositional,
  describe:
    'A recording, any directory with a CTF trace in it, live (this machine), or a session’s net:// URL',
} satisfies Options;

export const forOption = {
  ...value,
  type: 'string',
  describe: 'End a live session after DURATION; otherwise Ctrl-C does it',
  coerce: optional(parseDuration),
} satisfies Options;

export const TIME_HELP =
  'TIME: 12:03:10.5 (the trace’s day, local time), 2026-11-22T12:03:10Z, +2m (from the beginning),\n' +
  '-10s (from the end), @NANOSECONDS (since the epoch). DURATION: 500ms, 1s, 2m, 1h30m.';

/** yargs coerces absent options too, and gives an array of one that came twice, which is for `refuseRepeated`. */
export function optional<T>(parse: (text: string) => T): (text: string | undefined) => T | undefined {
  return (text) => (typeof text === 'string' ? parse(text) : text);
}
