// The kernel's own account, to compare with: what every container's cgroup used and how often it was throttled, a line each
// half second. Containers that come later are not looked at.
import { existsSync, readdirSync, readFileSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const CONTAINER = /(?:^|\/)(?:docker-|libpod-|lxc\.payload)[^/]*$/;

const cgroups = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((path) => CONTAINER.test(path))
  .map((path) => ({ path, limited: limitedAt(path) }));

/** The cgroup whose quota it has: crun sets it one level below the scope, and a slice above may have one. */
function limitedAt(path) {
  const all = [join(path, 'container'), path];
  for (let above = dirname(path); above.length > ROOT.length; above = dirname(above)) all.push(above);
  return all.find((each) => {
    const file = join(each, 'cpu.max');
    return existsSync(file) && !readFileSync(file, 'utf8').startsWith('max');
  });
}

/** Wall-clock time in ns, on the clock of CLOCK_MONOTONIC as the trace's is. */
const now = () => Math.round((performance.timeOrigin + performance.now()) * 1e6);

function counters(cgroup) {
  const text = readFileSync(join(cgroup, 'cpu.stat'), 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^(\w+) (\d+)$/gm)].map(([, name, value]) => [name, Number(value)]),
  );
}

setInterval(() => {
  const looks = {};
  for (const { path, limited } of cgroups) {
    try {
      // The time is that of the middle of reading; where processors are fought for, one read can take a tenth of a second.
      const before = now();
      const own = counters(path);
      const took = now() - before;
      const time = BigInt(before + Math.round(took / 2)).toString();
      const { nr_throttled: periods = 0, throttled_usec: throttled = 0 } = limited ? counters(limited) : {};
      looks[path] = { time, took_ns: took, usage_us: own.usage_usec, periods, throttled_us: throttled };
    } catch {
      // It has ended.
    }
  }
  writeSync(1, `${JSON.stringify(looks)}\n`);
}, 500);
