// The kernel's own account, to compare with: CPU time of every container's cgroup, a line each half second.
import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const CONTAINER = /(?:^|\/)(?:docker-|libpod-|lxc\.payload)[^/]*$/;

const cgroups = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((path) => CONTAINER.test(path));

/** Wall-clock time in ns, on the clock of CLOCK_MONOTONIC as the trace's is. */
const now = () => Math.round((performance.timeOrigin + performance.now()) * 1e6);

setInterval(() => {
  const usage = {};
  for (const path of cgroups) {
    try {
      // The time is that of the middle of reading; under emulation one read can take milliseconds.
      const before = now();
      const micros = Number(/^usage_usec (\d+)$/m.exec(readFileSync(join(path, 'cpu.stat'), 'utf8'))[1]);
      usage[path] = [BigInt(before + Math.round((now() - before) / 2)).toString(), micros];
    } catch {
      // It has ended.
    }
  }
  writeSync(1, `${JSON.stringify(usage)}\n`);
}, 500);
