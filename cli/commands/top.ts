/** `boxtop` without a command: the live view where this machine can be traced, else the demo. */
import type { CommandModule } from 'yargs';
import { findLttng, type LttngPresence } from '../../host/lttng.js';
import { isLive } from '../../native/index.js';
import { UsageError } from '../errors.js';
import { watchLive } from '../live.js';
import { DEFAULT_LIVE_TIMER_NS, filterOption, intervalOption, nameOption, optional } from '../options.js';
import { requireTerminal } from '../play.js';
import { parseDuration } from '../time.js';
import { playDemo } from './demo.js';
import { eventGroups, eventsOption } from './record.js';

interface TopArguments {
  readonly attach?: readonly string[] | undefined;
  readonly fromNow?: boolean | undefined;
  readonly record?: string | undefined;
  readonly events?: string | undefined;
  readonly readOnly?: boolean | undefined;
  readonly liveTimer?: number | undefined;
  readonly history?: number | undefined;
  readonly interval?: number | undefined;
  readonly name?: readonly string[] | undefined;
  readonly filter?: string | undefined;
  readonly sort?: string | undefined;
}

const DEFAULT_HISTORY_NS = parseDuration('10m');
/** The tracer's own bounds: below, its timer does nothing but wake; above, nobody would call it live. */
const LIVE_TIMER_RANGE_NS = [parseDuration('1ms'), parseDuration('1m')] as const;

export const topCommand: CommandModule<object, TopArguments> = {
  command: '$0',
  describe: 'Watch the containers of this machine live (the demo, where it cannot be traced)',
  builder: (yargs) =>
    yargs
      .options({
        attach: {
          type: 'string',
          array: true,
          nargs: 1,
          describe:
            'Watch a session that is there already: net://HOST[:PORT]/host/TARGET/SESSION (repeatable: several hosts)',
          coerce: (urls: string[] | undefined) => urls?.map(parseAttach),
        },
        'from-now': {
          type: 'boolean',
          describe: 'Of that session, leave out what happened before',
          implies: 'attach',
        },
        record: {
          type: 'string',
          nargs: 1,
          describe: 'Record what is seen: a directory, new or empty, that becomes the recording',
        },
        events: eventsOption,
        'read-only': { type: 'boolean', describe: 'Do nothing with containers: no logs, shell, stop, limit' },
        'live-timer': {
          type: 'string',
          nargs: 1,
          describe: 'How late events may come: shorter costs more',
          defaultDescription: '200ms',
          coerce: optional(parseLiveTimer),
        },
        history: {
          type: 'string',
          nargs: 1,
          describe: 'How far one can look back',
          defaultDescription: '10m',
          coerce: optional(parseDuration),
        },
        interval: { ...intervalOption, defaultDescription: '1s' },
        name: nameOption,
        filter: filterOption,
        sort: {
          alias: 's',
          type: 'string',
          nargs: 1,
          describe: 'Order by a column: cpu_pct, -cpu_pct, +name',
        },
      })
      .conflicts('attach', ['events', 'live-timer', 'record'])
      .example('sudo $0', 'All containers, live')
      .example('sudo $0 --name "web*" --interval 500ms', 'Some of them, twice a second')
      .example('$0 --attach net://localhost/host/build-7/auto', 'A session that somebody else made')
      .example('$0 replay PATH', 'A recorded LTTng kernel trace'),
  handler: async (args) => {
    const { attach, liveTimer = DEFAULT_LIVE_TIMER_NS, history = DEFAULT_HISTORY_NS } = args;
    requireTerminal();
    const presence = await findLttng();
    if (attach === undefined && !(presence.modules && presence.sessiond)) {
      process.stderr.write(`boxtop: ${startNotice(presence)}\n`);
      process.exitCode = await playDemo();
      return;
    }
    process.exitCode = await watchLive({ ...args, groups: eventGroups(args.events), liveTimer, history });
  },
};

/** One line that says why one gets the demo. */
export function startNotice({ kernel, modules, sessiond }: LttngPresence): string {
  const missing = [
    ...(modules ? [] : [`no lttng-modules for Linux ${kernel}`]),
    ...(sessiond ? [] : ['no lttng-sessiond']),
  ];
  return `no LTTng kernel tracing on this machine (${missing.join(', ')}): playing the demo`;
}

function parseAttach(text: string): string {
  if (isLive(text)) return text;
  throw new UsageError(
    `--attach: “${text}” is no session; it is net://HOST[:PORT]/host/TARGET/SESSION, as boxtop sessions lists them`,
  );
}

function parseLiveTimer(text: string): number {
  const ns = parseDuration(text);
  const [least, most] = LIVE_TIMER_RANGE_NS;
  if (ns < least || ns > most) throw new UsageError(`--live-timer: “${text}” is not between 1ms and 1m`);
  return ns;
}
