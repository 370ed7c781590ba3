/** A progress line on standard error for reads that take their time, where a person sees it. */
const FIRST_AFTER_MS = 1000;
const EVERY_MS = 200;
const BAR_CELLS = 24;

export interface Progress {
  /** Takes the line away before something else is written. */
  clear(): void;
  /** Ends it; must be called. */
  stop(): void;
}

/** Where it is shown. */
export interface ProgressStream {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/**
 * Shows what `fraction` tells (0…1, undefined where nobody knows) from the second second on, until it is stopped. Shows
 * nothing where `stream` is no terminal.
 */
export function startProgress(
  label: string,
  fraction: () => number | undefined,
  stream: ProgressStream = process.stderr,
): Progress {
  if (!stream.isTTY || process.env.TERM === 'dumb') return { clear() {}, stop() {} };
  const started = performance.now();
  let shown = false;
  const clear = () => {
    if (shown) stream.write('\r\u001b[K');
    shown = false;
  };
  const timer = setInterval(() => {
    if (performance.now() - started < FIRST_AFTER_MS) return;
    stream.write(`\r${progressLine(label, fraction(), stream.columns)}\u001b[K`);
    shown = true;
  }, EVERY_MS);
  timer.unref();
  return {
    clear,
    stop() {
      clearInterval(timer);
      clear();
    },
  };
}

/** `reading [#####-----]  48%`, cut to the terminal's width. */
export function progressLine(label: string, fraction: number | undefined, columns = 80): string {
  if (fraction === undefined) return `${label} …`.slice(0, columns - 1);
  const share = Math.min(1, Math.max(0, fraction));
  const filled = Math.round(share * BAR_CELLS);
  const bar = '#'.repeat(filled).padEnd(BAR_CELLS, '-');
  return `${label} [${bar}] ${String(Math.floor(share * 100)).padStart(3)}%`.slice(0, columns - 1);
}
