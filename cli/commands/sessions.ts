/** `boxtop sessions URL`: the live sessions that a relay daemon offers. */
import type { CommandModule } from 'yargs';
import { listSessions } from '../../native/index.js';
import type { LiveSession } from '../../native/types.js';
import { clean } from '../../tui/text/clean.js';
import { jsonText } from '../formats/json.js';

interface SessionsArguments {
  readonly url: string;
  readonly format: 'text' | 'json';
}

const DEFAULT_URL = 'net://localhost';

export const sessionsCommand: CommandModule<object, SessionsArguments> = {
  command: 'sessions [url]',
  describe: 'List the live sessions that a relay daemon offers',
  builder: (yargs) =>
    yargs
      .positional('url', {
        type: 'string',
        default: DEFAULT_URL,
        describe: 'net://HOST[:PORT] of its port for live readers',
      })
      .options({
        format: {
          alias: 'f',
          nargs: 1,
          choices: ['text', 'json'] as const,
          default: 'text' as const,
          describe: 'How to write it',
        },
      })
      .example('$0 sessions net://build-7', 'What can be attached to there')
      .example('$0 --attach net://build-7/host/build-7/auto', 'Watch one of them'),
  handler: async ({ url, format }) => {
    const sessions = asOne(await listSessions(url));
    process.stdout.write(
      format === 'json' ? `${jsonText(sessions.map(described))}\n` : sessionsText(sessions),
    );
  },
};

/** The kernel, and programs of 64 and of 32 bits, are sessions of one name to a relay daemon; to a user they are one. */
export function asOne(sessions: readonly LiveSession[]): LiveSession[] {
  const byUrl = new Map<string, LiveSession>();
  for (const session of sessions) {
    const former = byUrl.get(session.url);
    byUrl.set(session.url, {
      ...session,
      viewers: Math.max(session.viewers, former?.viewers ?? 0),
      streams: session.streams + (former?.streams ?? 0),
      isCtf2: session.isCtf2 || (former?.isCtf2 ?? false),
    });
  }
  return [...byUrl.values()];
}

function described({ url, host, name, liveTimerUs, viewers, streams, isCtf2 }: LiveSession): object {
  return { url, host, name, live_timer_us: liveTimerUs, viewers, streams, ctf2: isCtf2 };
}

/** One line for each: what `--attach` takes, and whether it can be attached to. */
export function sessionsText(sessions: readonly LiveSession[]): string {
  if (sessions.length === 0) return 'no session\n';
  const width = Math.max(...sessions.map(({ url }) => url.length));
  return sessions
    .map((session) => `${clean(session.url).padEnd(width)}  ${clean(stateOf(session))}\n`)
    .join('');
}

function stateOf({ liveTimerUs, viewers, streams, isCtf2 }: LiveSession): string {
  if (isCtf2) return 'CTF 2, which boxtop does not read: create it with --trace-format=ctf-1.8';
  if (liveTimerUs === 0) return 'not live: made without --live';
  const timer = `every ${liveTimerUs / 1000} ms, ${streams} streams`;
  return viewers > 0 ? `${timer}, somebody is attached already` : timer;
}
