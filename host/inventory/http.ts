/**
 * HTTP over a unix socket, as Docker, Podman, Incus and LXD speak it. Node's own client does all of it; what is added here
 * are the bounds (bytes, time) that a daemon under a hostile user's control needs.
 */
import { Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';

const LARGEST_ANSWER = 64 * 1024 * 1024;
const LONGEST_LINE = 1024 * 1024;
const ANSWER_TIMEOUT_MS = 10_000;
const CONNECTIONS = 4;

/** The daemon answered something else than expected, too much, or nothing in time. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
}

export class UnixHttp {
  private readonly agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });

  constructor(readonly socketPath: string) {}

  /** The JSON at a path. @throws ApiError, or the system's error where nobody listens */
  async get(path: string, signal: AbortSignal): Promise<unknown> {
    const body = await this.exchange(path, signal);
    try {
      return JSON.parse(body);
    } catch {
      throw new ApiError(`${this.socketPath}${path}: the answer is no JSON`);
    }
  }

  /** The head of the answer at a path. @throws as `get` */
  head(path: string, signal: AbortSignal): Promise<IncomingHttpHeaders> {
    return new Promise((resolve, reject) => {
      this.send(path, inTime(signal), this.agent, reject, (response) => {
        response.resume();
        resolve(response.headers);
      });
    });
  }

  private exchange(path: string, signal: AbortSignal): Promise<string> {
    return new Promise((resolve, reject) => {
      this.send(path, inTime(signal), this.agent, reject, (response) => {
        const chunks: Buffer[] = [];
        let length = 0;
        response.on('data', (chunk: Buffer) => {
          length += chunk.length;
          if (length <= LARGEST_ANSWER) chunks.push(chunk);
          else response.destroy(new ApiError(`${this.socketPath}${path}: more than ${LARGEST_ANSWER} bytes`));
        });
        response.on('error', reject);
        response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      });
    });
  }

  /**
   * Follows an endless answer of JSON values, one a line. Ends where the daemon ends it, and with an error where the
   * connection breaks. (Docker sends the head of the answer at once, Podman with the first event.)
   */
  follow(path: string, signal: AbortSignal, take: (value: unknown) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      this.send(path, signal, new Agent(), reject, (response) => {
        let rest = '';
        response.setEncoding('utf8');
        response.on('data', (chunk: string) => {
          rest += chunk;
          const lines = rest.split('\n');
          rest = lines.pop()!;
          if (rest.length > LONGEST_LINE)
            response.destroy(new ApiError(`${this.socketPath}${path}: endless line`));
          for (const line of lines) if (line.length <= LONGEST_LINE) takeLine(line, take);
        });
        response.on('error', reject);
        response.on('end', resolve);
      });
    });
  }

  close(): void {
    this.agent.destroy();
  }

  private send(
    path: string,
    signal: AbortSignal,
    agent: Agent,
    failed: (error: Error) => void,
    answered: (response: IncomingMessage) => void,
  ) {
    const sent = request({
      socketPath: this.socketPath,
      path,
      agent,
      signal,
      headers: { host: 'localhost' },
    });
    sent.on('error', failed);
    sent.on('response', (response) => {
      if (response.statusCode === 200) return answered(response);
      response.resume();
      failed(new ApiError(`${this.socketPath}${path}: status ${response.statusCode}`));
    });
    sent.end();
    return sent;
  }
}

function inTime(signal: AbortSignal): AbortSignal {
  return AbortSignal.any([signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]);
}

function takeLine(line: string, take: (value: unknown) => void): void {
  if (line.trim() === '') return;
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return;
  }
  take(value);
}
