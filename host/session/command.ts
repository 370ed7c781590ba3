/** Runs the `lttng` command. */
import { execFile } from 'node:child_process';
import type { XmlElement } from '@rgrove/parse-xml';
import { SessionError } from './error.js';
import { parseAnswer } from './machine-interface.js';

/** Stopping and destroying wait until the consumer has written what is pending. */
const TIMEOUT_MS = 60_000;
/** The list of a kernel's events takes some 100 KB. */
const LONGEST_ANSWER = 32 * 1024 * 1024;

/**
 * Runs `lttng ARGS` and gives the `<output>` of its answer. It never starts a session daemon: that one would outlive us.
 * @throws SessionError with lttng's own words
 */
export function lttng(...args: string[]): Promise<XmlElement | undefined> {
  return new Promise((resolve, reject) => {
    execFile(
      'lttng',
      ['--no-sessiond', '--mi', 'xml', ...args],
      { timeout: TIMEOUT_MS, maxBuffer: LONGEST_ANSWER, killSignal: 'SIGKILL' },
      (error, stdout, stderr) => {
        try {
          if (error !== null) throw failure(args[0]!, error, stderr);
          resolve(parseAnswer(stdout));
        } catch (cause) {
          reject(cause);
        }
      },
    );
  });
}

function failure(
  command: string,
  error: Error & { code?: unknown; killed?: boolean },
  stderr: string,
): Error {
  if (error.code === 'ENOENT') {
    return new SessionError('there is no lttng command; install lttng-tools', { cause: error });
  }
  if (error.killed) return new SessionError(`lttng ${command} did not end within ${TIMEOUT_MS / 1000} s`);
  const complaints = stderr.split('\n').flatMap((line) => /^Error: (.+)$/.exec(line)?.[1] ?? []);
  return new SessionError(
    `lttng ${command} failed: ${complaints.join('; ') || `it ended with ${error.code}`}`,
  );
}
