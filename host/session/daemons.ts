/** Starts the daemons of LTTng where they are needed. The guard ends those that were started here. */
import { execFile, spawn } from 'node:child_process';
import { openSync, readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { lttng } from './command.js';
import { SessionError } from './error.js';
import type { Guard } from './guard.js';

const LOOPBACK = '127.0.0.1';
const RELAYD_READY_MS = 10_000;
const POLL_MS = 20;
/** Another process may take a port between our asking for a free one and the daemon's binding to it. */
const RELAYD_TRIES = 3;
/** It loads the kernel modules before it answers. */
const SESSIOND_READY_MS = 60_000;

/** Starts lttng-sessiond where none answers, and gives its pid then. @throws SessionError */
export async function ensureSessionDaemon(guard: Guard): Promise<number | undefined> {
  if (await answers()) return undefined;
  if (process.getuid?.() !== 0) {
    throw new SessionError(
      'no session daemon answers, and only root can start one that traces the kernel: use sudo, or start it as root and join the group tracing',
    );
  }
  await promisify(execFile)('lttng-sessiond', ['--daemonize'], { timeout: SESSIOND_READY_MS }).catch(
    (error: NodeJS.ErrnoException & { stderr?: string }) => {
      if (error.code === 'ENOENT') {
        throw new SessionError('there is no lttng-sessiond; install lttng-tools', { cause: error });
      }
      throw new SessionError(`lttng-sessiond does not start: ${lastLine(error.stderr ?? error.message)}`);
    },
  );
  const pid = Number(await readFile(join(runDirectory(), 'lttng-sessiond.pid'), 'utf8').catch(() => ''));
  if (pid > 0) guard.watchDaemon('sessiond', pid);
  if (!(await answers())) throw new SessionError('lttng-sessiond was started and does not answer');
  return pid;
}

/** Where root's session daemon keeps its sockets. */
export function runDirectory(): string {
  return process.env.LTTNG_RUNDIR || '/var/run/lttng';
}

export interface RelayDaemon {
  readonly controlUrl: string;
  readonly dataUrl: string;
  /** Port where live readers connect. */
  readonly livePort: number;
  /** Resolves when the daemon is gone. */
  readonly ended: Promise<unknown>;
}

/**
 * Starts a relay daemon of our own that listens on loopback only, has `directory` for itself and writes traces below `output`.
 * @throws SessionError
 */
export async function startRelayDaemon(
  directory: string,
  output: string,
  guard: Guard,
): Promise<RelayDaemon> {
  for (let tries = 1; ; tries++) {
    const [control, data, live] = await freePorts(3);
    const log = join(directory, `relayd-${tries}.log`);
    const daemon = spawn(
      'lttng-relayd',
      [
        ...[`--control-port=${url(control!)}`, `--data-port=${url(data!)}`, `--live-port=${url(live!)}`],
        `--output=${output}`,
        `--working-directory=${directory}`,
      ],
      { detached: true, stdio: ['ignore', 'ignore', openSync(log, 'w', 0o600)] },
    );
    const ended = new Promise<Error | undefined>((resolve) => {
      daemon.once('error', resolve);
      daemon.once('exit', () => resolve(undefined));
    });
    daemon.unref();
    if (daemon.pid !== undefined) guard.watchDaemon('relayd', daemon.pid);
    const outcome = await Promise.race([ended, becomesReachable(live!).then(() => 'ready' as const)]);
    if (outcome === 'ready') {
      return { controlUrl: url(control!), dataUrl: url(data!), livePort: live!, ended };
    }
    if (outcome !== undefined) {
      throw new SessionError('there is no lttng-relayd; install lttng-tools', { cause: outcome });
    }
    if (tries === RELAYD_TRIES) {
      throw new SessionError(`lttng-relayd does not start: ${lastLine(readFileSync(log, 'utf8'))}`);
    }
  }
}

function url(port: number): string {
  return `tcp://${LOOPBACK}:${port}`;
}

async function answers(): Promise<boolean> {
  return lttng('list').then(
    () => true,
    (error: Error) => {
      // Without the command nothing can be asked, and no daemon would help.
      if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') throw error;
      return false;
    },
  );
}

/** Held all at once, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(Array.from({ length: count }, listen));
  const ports = servers.map((server) => (server.address() as { port: number }).port);
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

function listen(): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, LOOPBACK, () => resolve(server));
  });
}

async function becomesReachable(port: number): Promise<void> {
  const deadline = performance.now() + RELAYD_READY_MS;
  while (!(await isReachable(port))) {
    if (performance.now() > deadline) throw new SessionError('lttng-relayd was started and does not listen');
    await sleep(POLL_MS);
  }
}

function isReachable(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, LOOPBACK);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) || 'it says nothing';
}
