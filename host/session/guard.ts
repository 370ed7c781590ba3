/**
 * Takes away what a session leaves, on every way out. A small shell process waits at the end of a pipe from us; when the
 * pipe closes, because we say so or because we are gone (also by kill -9), it destroys the session, ends the daemons that we
 * started, and removes their directory.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { SessionError } from './error.js';
import { startOf } from './identity.js';

/** Daemons are told by pid and start, because a pid may be someone else's by then. */
type Duty = 'session' | 'relayd' | 'sessiond' | 'directory';

/** A session daemon that ends takes the tracer's modules out of the kernel; tenths of a second until it is killed. */
const DAEMON_TENTHS = 200;

const SCRIPT = `
trap '' INT HUP TERM PIPE
while read -r duty value; do eval "$duty=\\$value"; done
is_alive() { [ -n "$2" ] && [ "$(cut -d ' ' -f 22 "/proc/$1/stat" 2>/dev/null)" = "$2" ]; }
end() {
  is_alive "$@" || return 0
  kill "$1" 2>/dev/null
  tries=0
  while [ $((tries += 1)) -le ${DAEMON_TENTHS} ]; do
    sleep 0.1
    is_alive "$@" || return 0
  done
  kill -9 "$1" 2>/dev/null
}
lttng() { timeout 60 lttng --no-sessiond "$@"; }
if [ -n "$session" ] && lttng list "$session" >/dev/null 2>&1; then
  lttng destroy "$session" >/dev/null || failed=1
fi
[ -n "$relayd" ] && end $relayd
if [ -n "$sessiond" ]; then
  case $(lttng --mi xml list 2>/dev/null) in *"<session>"*) ;; *) end $sessiond ;; esac
fi
[ -n "$directory" ] && { rm -rf -- "$directory" || failed=1; }
exit \${failed:-0}
`;

export class Guard {
  readonly #shell: ChildProcess;
  readonly #ended: Promise<unknown[]>;
  #complaints = '';

  constructor() {
    // A session of its own: what a terminal sends to us (Ctrl-C, hang-up) must not reach it.
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'boxtop-guard'], {
      detached: true,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    this.#ended = once(this.#shell, 'close');
    this.#ended.catch(() => {});
    this.#shell.stderr!.setEncoding('utf8').on('data', (text: string) => {
      this.#complaints += text;
    });
    this.#shell.stdin!.on('error', () => {});
    this.#shell.unref();
    for (const stream of [this.#shell.stdin, this.#shell.stderr]) (stream as Socket).unref();
  }

  /** Tell before the thing is made, so that nothing is ever without a guard. */
  watch(duty: 'session' | 'directory', value: string): void {
    this.#tell(duty, value);
  }

  watchDaemon(duty: 'relayd' | 'sessiond', pid: number): void {
    this.#tell(duty, `${pid} ${startOf(pid) ?? ''}`);
  }

  /** Has everything taken away, and waits for it. @throws SessionError with what could not be taken away */
  async release(): Promise<void> {
    this.#shell.ref();
    for (const stream of [this.#shell.stdin, this.#shell.stderr]) (stream as Socket).ref();
    this.#shell.stdin!.end();
    const [code] = await this.#ended;
    if (code !== 0) {
      throw new SessionError(`the tracing session was not removed completely: ${this.#complaints.trim()}`);
    }
  }

  #tell(duty: Duty, value: string): void {
    this.#shell.stdin!.write(`${duty} ${value}\n`);
  }
}
