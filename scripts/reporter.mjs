// Tells of a node:test run: one line a file as it ends, then every failure in full.
import { inspect } from 'node:util';

/** Reads the events of `run()` to their end and gives the counts. `nameOf` is how a file is called. */
export async function report(events, nameOf) {
  const files = new Map();
  const fileOf = (path) => {
    if (!files.has(path)) files.set(path, { passed: 0, skipped: new Map(), failures: [], output: '' });
    return files.get(path);
  };
  for await (const { type, data } of events) {
    if (data?.file === undefined) continue;
    const file = fileOf(data.file);
    if (type === 'test:stdout' || type === 'test:stderr') file.output += data.message;
    if (type !== 'test:complete') continue;
    if (data.name === data.file) endFile(file, data, nameOf(data.file));
    else countTest(file, data);
  }
  const all = [...files.entries()];
  for (const [path, file] of all) printFailures(file, nameOf(path));
  const sum = (count) => all.reduce((total, [, file]) => total + count(file), 0);
  return {
    passed: sum((file) => file.passed),
    failed: sum((file) => file.failures.length),
    skipped: sum((file) => [...file.skipped.values()].reduce((total, count) => total + count, 0)),
  };
}

/** A suite only repeats what its tests say. */
function countTest(file, { name, skip, details }) {
  const failure = details.error;
  if (skip !== undefined) {
    const reason = typeof skip === 'string' ? skip : name;
    file.skipped.set(reason, (file.skipped.get(reason) ?? 0) + 1);
  } else if (failure !== undefined) {
    if (failure.failureType !== 'subtestsFailed')
      file.failures.push({ name, error: failure.cause ?? failure });
  } else if (details.type !== 'suite') {
    file.passed++;
  }
}

function endFile(file, { details }, name) {
  const failure = details.error;
  if (failure !== undefined && failure.failureType !== 'subtestsFailed') {
    file.failures.push({ name: 'the file as a whole', error: failure.cause ?? failure });
  } else if (file.passed + file.failures.length + file.skipped.size === 0) {
    file.failures.push({ name: 'the file as a whole', error: 'it has no tests' });
  }
  const counts = [`${file.passed} passed`];
  if (file.failures.length > 0) counts.push(`${file.failures.length} failed`);
  for (const [reason, count] of file.skipped) counts.push(`${count} skipped (${reason})`);
  const seconds = (details.duration_ms / 1000).toFixed(1);
  console.log(`${file.failures.length > 0 ? 'FAILED' : 'ok'} ${name}: ${counts.join(', ')} (${seconds} s)`);
}

function printFailures(file, name) {
  for (const { name: test, error } of file.failures) {
    console.log(`\n--- ${name}: ${test}\n${typeof error === 'string' ? error : inspect(error)}`);
  }
  if (file.failures.length > 0 && file.output !== '') console.log(`--- output of ${name}\n${file.output}`);
}
