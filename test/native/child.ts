/** Scenarios of source.test.ts that need a process or a thread of their own: `child.js SCENARIO PATH`. */

import { readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort } from 'node:worker_threads';
import { open } from '../../native/index.js';
import type { Subscription } from '../../native/types.js';
import { stretch } from '../ctf/stretch.js';
import { temporary } from './oracle.js';
import { piece } from './recordings.js';

const ALL: Subscription = {
  columns: { prev_comm: 'string' },
  selections: [{ events: ['*'], fields: ['prev_comm'] }],
};

/** Memory that is the process's own: neither shared nor mapped from a file. */
function anonymousMiB(): number {
  return Number(/RssAnon:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))![1]) / 1024;
}

const scenarios: Record<string, (path: string) => Promise<unknown>> = {
  /** Sources are opened and dropped, some after a batch, some with one awaited. */
  async abandon(path) {
    let opened = 0;
    for (; opened < 300; opened++) {
      const source = await open(path, ALL);
      const iterator = source[Symbol.asyncIterator]();
      if (opened % 3 > 0) await iterator.next();
      if (opened % 3 > 1) void iterator.next();
      if (opened % 10 === 9) {
        await sleep(1);
        globalThis.gc!();
      }
    }
    return { opened, anonymousMiB: anonymousMiB() };
  },

  async exit(path) {
    const source = await open(path, ALL);
    void source[Symbol.asyncIterator]().next();
    console.log('{}');
    process.exit(0);
  },

  /** One batch of a large trace is taken, then nothing for half a second. */
  async slow(path) {
    const large = temporary('slow');
    try {
      const traceMiB = stretch(path, large.path, 60) / 2 ** 20;
      const before = anonymousMiB();
      const source = await open(large.path, ALL);
      for await (const _ of source) {
        await sleep(500);
        break;
      }
      const growthMiB = anonymousMiB() - before;
      await source.close();
      return { traceMiB, growthMiB };
    } finally {
      large.remove();
    }
  },

  /** The stream files lose their second half after the first batch (a mapped file would fault there). */
  async shrink(path) {
    const trace = join(path, 'shrinking');
    stretch(piece('shop'), trace, 10);
    let rows = 0;
    for await (const batch of await open(trace, ALL)) {
      if (rows === 0) for (const file of ['k_0', 'k_1']) truncateSync(join(trace, 'kernel', file), 1 << 20);
      rows += batch.length;
    }
    return { rows };
  },

  /** What is said of a trace that may not be read, as a user who is not root. */
  async unreadable(path) {
    if (process.getuid!() === 0) {
      await (await open(join(path, 'readable'), ALL)).close(); // the addon is loaded while we may
      process.setgid!(65534);
      process.setuid!(65534);
    }
    const messages: Record<string, string> = {};
    for (const name of ['directory', 'metadata', 'stream']) {
      const at = join(path, name);
      messages[name] = await open(at, ALL).then(
        () => 'it was read',
        (error: Error) => `${error.name}: ${error.message}`,
      );
    }
    return messages;
  },

  async worker(path) {
    let rows = 0;
    for await (const batch of await open(path, ALL)) rows += batch.length;
    parentPort!.postMessage(rows);
    return rows;
  },
};

const [scenario, path] = process.argv.slice(2);
console.log(JSON.stringify(await scenarios[scenario!]!(path!)));
