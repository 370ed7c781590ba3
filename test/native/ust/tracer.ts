/** User-space tracing by daemons of our own, which no other LTTng on the machine sees. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { temporary } from '../oracle.js';
import { root } from '../recordings.js';

const SOURCES = join(root, 'test/native/ust');
const NOBODY = 65534;

/** A session daemon, a relay daemon where asked for, and programs to trace. As root all run as `nobody`. */
export class UserSpaceTracer {
  readonly home: string;
  private readonly directory: { path: string; remove: () => void };
  private readonly options;
  private readonly daemons: ChildProcess[] = [];
  private complaints = '';

  constructor() {
    this.directory = temporary('user-space');
    const { path } = this.directory;
    this.home = join(path, 'home');
    mkdirSync(this.home);
    // Root's daemon would be the machine's own.
    const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
    if ('uid' in user) {
      chmodSync(path, 0o755);
      chownSync(this.home, NOBODY, NOBODY);
    }
    const env = {
      PATH: process.env.PATH,
      HOME: this.home,
      LTTNG_HOME: this.home,
      LTTNG_UST_REGISTER_TIMEOUT: '5000',
    };
    this.options = { ...user, cwd: this.home, env };
  }

  async startSessionDaemon(): Promise<void> {
    const daemon = this.daemon('lttng-sessiond', ['--no-kernel']);
    const pidFile = join(this.home, '.lttng/lttng-sessiond.pid');
    // It has written its pid when it answers.
    await this.until(daemon, () => existsSync(pidFile) && readFileSync(pidFile, 'utf8').trim() !== '');
  }

  /** Stores what it gets below `home`/relay. Returns its ports. */
  async startRelayDaemon(): Promise<{ control: number; data: number; live: number; daemon: ChildProcess }> {
    const [control, data, live] = [await freePort(), await freePort(), await freePort()];
    const at = (port: number): string => `tcp://127.0.0.1:${port}`;
    const args = ['-o', join(this.home, 'relay'), '-C', at(control), '-D', at(data), '-L', at(live)];
    const daemon = this.daemon('lttng-relayd', args);
    await this.until(daemon, () => listens(live) && listens(control));
    return { control, data, live, daemon };
  }

  lttng(command: string): void {
    execFileSync('lttng', command.split(' '), { ...this.options, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  /** Runs the test program to its end. */
  async runProgram(): Promise<void> {
    await this.run('program');
  }

  /** Writes so many events a second (0: as many as it can) from two threads; resolves at the end to how many. */
  async flood(rate: number, seconds: number): Promise<number> {
    return Number(await this.run('flood', String(rate), String(seconds), '2'));
  }

  /** Compiles a program once, runs it to its end, and gives what it prints. */
  private async run(name: 'program' | 'flood', ...args: string[]): Promise<string> {
    const path = join(this.directory.path, name);
    const libraries = ['-llttng-ust', '-ldl', '-lpthread', '-lm'];
    if (!existsSync(path))
      execFileSync('gcc', ['-O1', '-I', SOURCES, '-o', path, join(SOURCES, `${name}.c`), ...libraries]);
    const program = spawn(path, args, {
      ...this.options,
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: 120_000,
    });
    let output = '';
    program.stdout.on('data', (chunk: Buffer) => (output += chunk));
    await once(program, 'exit');
    return output;
  }

  async stop(): Promise<void> {
    for (const daemon of this.daemons.reverse())
      if (daemon.exitCode === null && daemon.kill()) await once(daemon, 'exit');
  }

  remove(): void {
    this.directory.remove();
  }

  private daemon(name: string, args: string[]): ChildProcess {
    const daemon = spawn(name, args, { ...this.options, stdio: ['ignore', 'ignore', 'pipe'] });
    daemon.stderr!.on('data', (chunk: Buffer) => (this.complaints += chunk));
    this.daemons.push(daemon);
    return daemon;
  }

  private async until(daemon: ChildProcess, ready: () => boolean): Promise<void> {
    for (let waited = 0; waited < 15_000; waited += 50) {
      if (daemon.exitCode !== null)
        throw new Error(`${daemon.spawnfile} ended with ${daemon.exitCode}: ${this.complaints}`);
      if (ready()) return;
      await sleep(50);
    }
    throw new Error(`${daemon.spawnfile} does not answer: ${this.complaints}`);
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Whether somebody listens on a port of the loopback, by the kernel's own table (a connection would be an event). */
function listens(port: number): boolean {
  const local = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')} 00000000:0000 0A`;
  return readFileSync('/proc/net/tcp', 'utf8').includes(local);
}
