/**
 * `npm run test:vm`: boxtop itself in a machine with a real kernel tracer and real containers. Builds the machine where it
 * is not there yet, boots it once for each job of guest/, prints what happened, and closes with a count.
 *
 * usage: npm run test:vm [-- JOB…]
 */
import { rmSync } from 'node:fs';
import { Checks } from './checks.js';
import { JOBS } from './jobs.js';
import { buildImage, makeProjectDisk, runInside, whatIsMissing } from './machine.js';

const missing = whatIsMissing();
if (missing !== undefined) {
  console.error(`the virtual machine needs ${missing}`);
  process.exit(1);
}
const chosen = process.argv.slice(2);
const jobs = JOBS.filter(({ name }) => chosen.length === 0 || chosen.includes(name));
buildImage();
const disk = makeProjectDisk();
const checks = new Checks();
for (const { name, timeoutSeconds, meanwhile, verify } of jobs) {
  console.log(`== ${name}: ${process.env.BOXTOP_VM_KEEP ? 'keeping' : 'removing'} its folder afterwards`);
  const failed = (error: Error) => checks.check(`${name}: ${error.stack}`, false);
  const run = await runInside(disk, name, timeoutSeconds, async (share, port) =>
    meanwhile?.(share, port, checks).catch(failed),
  );
  console.log(run.log.replace(/^/gm, '   | '));
  console.log(`${name}: ${Math.round(run.seconds)} s, ${run.share}`);
  checks.check(`${name}: the machine came to its end`, run.ok);
  for (const [, verdict, what] of run.log.matchAll(/^(pass|FAIL): (.*)$/gm)) {
    checks.check(`${name}: ${what}`, verdict === 'pass');
  }
  try {
    verify?.(run.share, checks);
  } catch (error) {
    failed(error as Error);
  }
  if (!process.env.BOXTOP_VM_KEEP) rmSync(run.share, { recursive: true });
}
console.log(`\n${checks.passed} passed, ${checks.failed} failed`);
process.exit(checks.failed === 0 && checks.passed > 0 ? 0 : 1);
