/** A real terminal for tests: a shell in a tmux of its own. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PATIENCE_MS = 40_000;

export function hasTmux(): boolean {
  try {
    execFileSync('tmux', ['-V']);
    return true;
  } catch {
    return false;
  }
}

export class Tmux {
  readonly folder = mkdtempSync(join(tmpdir(), 'boxtop-tmux-'));
  readonly #socket = join(this.folder, 'socket');
  /** What ran in the terminal when that went. */
  #orphan: number | undefined;

  constructor(columns: number, rows: number, env: Record<string, string> = {}) {
    const settings = Object.entries({
      PS1: '$ ',
      TERM: 'tmux-256color',
      // What one who runs the tests has configured, and what tests leave, is nobody's business.
      XDG_CONFIG_HOME: this.folder,
      XDG_STATE_HOME: this.folder,
      ...env,
    }).map(([name, value]) => `${name}=${value}`);
    this.#tmux(
      'new-session',
      '-d',
      '-x',
      String(columns),
      '-y',
      String(rows),
      'env',
      ...settings,
      'bash',
      '--norc',
      '--noprofile',
      '-i',
    );
    this.#tmux('set-option', '-g', 'status', 'off');
    this.#tmux('set-option', '-g', 'window-size', 'manual');
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
    this.type(`cd ${ROOT}; clear`);
  }

  /** Types a command line and Enter. */
  type(command: string): void {
    this.#tmux('send-keys', '-l', command);
    this.#tmux('send-keys', 'Enter');
  }

  /** Keys by their tmux names. */
  keys(...keys: string[]): void {
    for (const key of keys) this.#tmux('send-keys', key);
  }

  /** Bytes as they are. */
  raw(bytes: string): void {
    this.#tmux('send-keys', '-l', bytes);
  }

  resize(columns: number, rows: number): void {
    this.#tmux('resize-window', '-x', String(columns), '-y', String(rows));
  }

  screen(): string {
    return this.#tmux('capture-pane', '-p').replace(/[ \n]+$/, '');
  }

  /** With colours. */
  colored(): string {
    return this.#tmux('capture-pane', '-p', '-e');
  }

  /** What tmux knows of the pane, by its format language. */
  ask(format: string): string {
    return this.#tmux('display-message', '-p', format).trim();
  }

  /** Waits until the screen is as wanted. */
  async until(what: RegExp | ((screen: string) => boolean)): Promise<string> {
    const holds = typeof what === 'function' ? what : (screen: string) => what.test(screen);
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const screen = this.screen();
      if (holds(screen)) return screen;
      if (Date.now() > end) throw new Error(`the screen never showed ${what}:\n${screen}`);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
  }

  /** The one child of the shell. */
  child(): number | undefined {
    const shell = this.ask('#{pane_pid}');
    const pid = readFileSync(`/proc/${shell}/task/${shell}/children`, 'utf8').trim().split(' ')[0];
    return pid === '' || pid === undefined ? undefined : Number(pid);
  }

  file(name: string): string {
    return readFileSync(join(this.folder, name), 'utf8');
  }

  hangUp(): void {
    this.#orphan = this.child();
    this.#tmux('kill-session');
  }

  close(): void {
    try {
      this.#orphan = this.child();
      this.#tmux('kill-server');
    } catch {
      // It has gone with its last session.
    }
    // A boxtop whose terminal went may still be keeping its state there.
    const end = Date.now() + PATIENCE_MS;
    while (this.#orphan !== undefined && existsSync(`/proc/${this.#orphan}/exe`) && Date.now() < end) {
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
    rmSync(this.folder, { recursive: true, force: true });
  }

  #tmux(...args: string[]): string {
    return execFileSync('tmux', ['-S', this.#socket, '-f', '/dev/null', ...args], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  }
}
