// The kernel's own account, to compare with: CPU time of every container's cgroup, a line each half second.
import { readdirSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = '/sys/fs/cgroup';
const CONTAINER = /(?:^|\/)(?:docker-|libpod-|lxc\.payload)[^/]*$/;

const cgroups = readdirSync(ROOT, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
  .filter((path) => CONTAINER.test(path));

setInterval(() => {
  // The time is taken in the middle, so that what reading takes counts for nothing.
  const before = process.hrtime.bigint();
  const usage = {};
  for (const path of cgroups) {
    try {
      usage[path] = Number(/^usage_usec (\d+)$/m.exec(readFileSync(join(path, 'cpu.stat'), 'utf8'))[1]);
    } catch {
      // It has ended.
    }
  }
  const took = Number(process.hrtime.bigint() - before);
  const wall =
    BigInt(Math.round((performance.timeOrigin + performance.now()) * 1e6)) - BigInt(Math.round(took / 2));
  writeSync(1, `${JSON.stringify({ wall: wall.toString(), took, usage })}\n`);
}, 500);
