// Runs test files, and tells of them: one line a file as it ends, then every failure in full.
import { run } from 'node:test';
import { inspect } from 'node:util';

/**
 * Runs the files, `concurrency` at a time, in their order. `nameOf` is how a file is called. Gives the counts.
 */
export async function runFiles(files, { concurrency, timeout, nameOf }) {
  const results = [];
  const waiting = [...files];
  const work = async () => {
    for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
      const result = await runFile(file, nameOf(file), timeout);
      console.log(summaryOf(result));
      results.push(result);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, work));
  for (const result of results) printFailures(result);
  const sum = (count) => results.reduce((total, result) => total + count(result), 0);
  return {
    passed: sum(({ passed }) => passed),
    failed: sum(({ failures }) => failures.length),
    skipped: sum(({ skipped }) => [...skipped.values()].reduce((total, count) => total + count, 0)),
  };
}

/** Each file has a run of its own: in one run of many, the end of a file can be told before its tests. */
async function runFile(file, name, timeout) {
  const started = performance.now();
  const result = { name, passed: 0, skipped: new Map(), failures: [], output: '', seconds: 0 };
  for await (const { type, data } of run({ files: [file], timeout })) {
    if (type === 'test:stdout' || type === 'test:stderr') result.output += data.message;
    if (type === 'test:pass' || type === 'test:fail') countTest(result, data, data.name === file);
  }
  if (result.passed + result.failures.length + result.skipped.size === 0) {
    result.failures.push({ test: 'the file as a whole', error: 'it has no tests' });
  }
  result.seconds = (performance.now() - started) / 1000;
  return result;
}

/** A suite only repeats what its tests say, and so does the file as a whole where it has tests. */
function countTest(result, { name, skip, details }, isFile) {
  const failure = details.error;
  if (failure !== undefined) {
    if (failure.failureType === 'subtestsFailed') return;
    result.failures.push({ test: isFile ? 'the file as a whole' : name, error: failure.cause ?? failure });
  } else if (skip !== undefined) {
    const reason = typeof skip === 'string' ? skip : name;
    result.skipped.set(reason, (result.skipped.get(reason) ?? 0) + 1);
  } else if (details.type !== 'suite' && !isFile) {
    result.passed++;
  }
}

function summaryOf({ name, passed, failures, skipped, seconds }) {
  const counts = [`${passed} passed`];
  if (failures.length > 0) counts.push(`${failures.length} failed`);
  for (const [reason, count] of skipped) counts.push(`${count} skipped (${reason})`);
  return `${failures.length > 0 ? 'FAILED' : 'ok'} ${name}: ${counts.join(', ')} (${seconds.toFixed(1)} s)`;
}

function printFailures({ name, failures, output }) {
  for (const { test, error } of failures) {
    console.log(`\n--- ${name}: ${test}\n${typeof error === 'string' ? error : inspect(error)}`);
  }
  if (failures.length > 0 && output !== '') console.log(`--- output of ${name}\n${output}`);
}
