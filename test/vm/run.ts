/**
 * `npm run test:vm`: boxtop itself in a machine with a real kernel tracer and real containers. Builds the machine where it
 * is not there yet, boots it for the jobs of guest/, prints what happened, and closes with a count.
 *
 * usage: npm run test:vm [-- JOB…]
 */
import { rmSync } from 'node:fs';
import { Checks } from './checks.js';
import { BOOTS, type Job } from './jobs.js';
import { buildImage, JOB_LINE, makeProjectDisk, runInside, whatIsMissing } from './machine.js';

const missing = whatIsMissing();
if (missing !== undefined) {
  console.error(`the virtual machine needs ${missing}`);
  process.exit(1);
}
// By default a signal would leave the machine running.
for (const signal of ['SIGHUP', 'SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));
const chosen = process.argv.slice(2);
buildImage();
const disk = makeProjectDisk();
const checks = new Checks();
for (const boot of BOOTS) {
  const jobs = boot.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
  if (jobs.length > 0) await runJobs(jobs);
}

/** Boots once for all of them. */
async function runJobs(jobs: readonly Job[]): Promise<void> {
  const names = jobs.map(({ name }) => name);
  const title = names.join(', ');
  const keeps = process.env.BOXTOP_VM_KEEP !== undefined;
  console.log(`== ${title}: ${keeps ? 'keeping' : 'removing'} the folder afterwards`);
  const timeoutSeconds = jobs.reduce((sum, job) => sum + job.timeoutSeconds, 0);
  const run = await runInside(disk, names, timeoutSeconds, async (share, port) => {
    for (const { name, meanwhile } of jobs) await meanwhile?.(share, port, checks).catch(failed(name));
  });
  console.log(run.log.replace(/^/gm, '   | '));
  console.log(`${title}: ${Math.round(run.seconds)} s, ${run.share}`);
  checks.check(`${title}: the machine came to its end`, run.ok);
  for (const part of run.log.split(JOB_LINE).slice(1)) {
    const name = part.slice(0, part.indexOf('\n'));
    for (const [, verdict, what] of part.matchAll(/^(pass|FAIL): (.*)$/gm)) {
      checks.check(`${name}: ${what}`, verdict === 'pass');
    }
  }
  for (const { name, verify } of jobs) {
    try {
      verify?.(run.share, checks);
    } catch (error) {
      failed(name)(error as Error);
    }
  }
  if (!keeps) rmSync(run.share, { recursive: true });
}

function failed(name: string): (error: Error) => void {
  return (error) => checks.check(`${name}: ${error.stack}`, false);
}

console.log(`\n${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 && checks.passed > 0 ? 0 : 1);
