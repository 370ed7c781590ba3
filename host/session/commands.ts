/** The `lttng` commands that make a plan's session: boxtop runs them, `record --print-session` prints them. */
import type { Plan } from './plan.js';

/** Where the events go. */
export type Destination =
  | {
      readonly kind: 'live';
      readonly controlUrl: string;
      readonly dataUrl: string;
      /** How long an event may stay in its buffer. */
      readonly timerUs: number;
      /** What the relay daemon keeps of each stream; undefined for all. */
      readonly streamBytes: number | undefined;
    }
  | { readonly kind: 'directory'; readonly path: string };

export interface LttngCommand {
  readonly args: readonly string[];
  /** The session is of use without it. */
  readonly optional?: true;
}

/** A stream that the relay daemon keeps is cut into so many files, of which the oldest makes room for the newest. */
const STREAM_FILES = 2;
/**
 * The kernel's tracer wakes whoever reads its buffers by this timer only (its own default is 200 ms), so it adds to what a
 * live view is late by.
 */
const LIVE_READ_TIMER_US = 50_000;
/** A recording that is cut off loses no more than this of a slow channel; a CPU without events writes nothing. */
const SWITCH_TIMER_US = 1_000_000;

export interface SessionCommands {
  /** Goes before all others. */
  readonly create: LttngCommand;
  /** Those of each channel, in their order; one channel does not wait for another. */
  readonly channels: readonly (readonly LttngCommand[])[];
}

/** From `create` up to, not including, `start`. */
export function sessionCommands(plan: Plan, session: string, to: Destination): SessionCommands {
  return {
    create: { args: createArgs(plan, session, to) },
    channels: plan.channels.map((channel) => channelCommands(channel, session, to)),
  };
}

function createArgs({ writesCtf2 }: Plan, session: string, to: Destination): string[] {
  const format = writesCtf2 ? ['--trace-format=ctf-1.8'] : [];
  return to.kind === 'directory'
    ? ['create', session, `--output=${to.path}`, ...format]
    : [
        'create',
        session,
        `--live=${to.timerUs}`,
        `--ctrl-url=${to.controlUrl}`,
        `--data-url=${to.dataUrl}`,
        ...format,
      ];
}

function channelCommands(
  channel: Plan['channels'][number],
  session: string,
  to: Destination,
): LttngCommand[] {
  const on = ['-k', '-s', session, '-c', channel.name];
  const size = channel.subbufKib * 1024;
  const commands: LttngCommand[] = [
    {
      args: [
        'enable-channel',
        '-k',
        '-s',
        session,
        channel.name,
        `--subbuf-size=${size}`,
        `--num-subbuf=${channel.subbufs}`,
        ...timerArgs(to),
        ...(to.kind === 'live' && to.streamBytes !== undefined ? boundArgs(size, to.streamBytes) : []),
      ],
    },
  ];
  if (channel.events.length > 0) commands.push({ args: ['enable-event', ...on, channel.events.join(',')] });
  if (channel.syscalls) commands.push({ args: ['enable-event', ...on, '--syscall', '-a'] });
  for (const probe of channel.probes ?? []) {
    // A function can be in the kernel's symbols and still be kept from being probed.
    commands.push({ args: ['enable-event', ...on, `--probe=${probe}`, `probe_${probe}`], optional: true });
  }
  const contexts = channel.contexts ?? [];
  if (contexts.length > 0) {
    commands.push({ args: ['add-context', ...on, ...contexts.flatMap((type) => ['-t', type])] });
  }
  return commands;
}

function timerArgs({ kind }: Destination): string[] {
  return [kind === 'live' ? `--read-timer=${LIVE_READ_TIMER_US}` : `--switch-timer=${SWITCH_TIMER_US}`];
}

function boundArgs(subbufBytes: number, streamBytes: number): string[] {
  const fileBytes = Math.max(subbufBytes, Math.floor(streamBytes / STREAM_FILES));
  return [`--tracefile-size=${fileBytes}`, `--tracefile-count=${STREAM_FILES}`];
}

/** As one would type them. */
export function shellLine(program: string, args: readonly string[]): string {
  return [program, ...args.map(shellWord)].join(' ');
}

function shellWord(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
