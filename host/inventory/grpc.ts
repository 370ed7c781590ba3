/**
 * gRPC over a unix socket, client side, on Node's own HTTP/2 (github.com/grpc/grpc, PROTOCOL-HTTP2.md): unary calls and
 * streams of answers, which is all that listing containers takes.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect as connectHttp2 } from 'node:http2';
import { connect as connectSocket } from 'node:net';
import { ApiError } from './http.js';
import { Message } from './protobuf.js';

const LARGEST_ANSWER = 16 * 1024 * 1024;
const ANSWER_TIMEOUT_S = 10;
/** A flag and a length come before each message. */
const HEAD_BYTES = 5;
const UNIMPLEMENTED = 12;

export interface CallOptions {
  readonly signal: AbortSignal;
  /** containerd keeps its containers in namespaces of its own. */
  readonly metadata?: Readonly<Record<string, string>>;
}

/** The peer has no such method. */
export class UnimplementedError extends ApiError {}

export class UnixGrpc {
  private readonly session: ClientHttp2Session;
  private failure: Error | undefined;

  constructor(readonly socketPath: string) {
    this.session = connectHttp2('http://localhost', { createConnection: () => connectSocket(socketPath) });
    this.session.on('error', (error) => {
      this.failure = error;
    });
  }

  async call(method: string, request: Uint8Array, options: CallOptions): Promise<Message> {
    const signal = AbortSignal.any([options.signal, AbortSignal.timeout(ANSWER_TIMEOUT_S * 1000)]);
    const answers: Message[] = [];
    await this.exchange(method, request, { ...options, signal }, (answer) => answers.push(answer));
    const [answer] = answers;
    if (answer === undefined) throw new ApiError(`${this.socketPath} ${method}: no answer`);
    return answer;
  }

  /** Follows a stream of answers until the peer or the signal ends it. */
  stream(method: string, request: Uint8Array, options: CallOptions, take: (answer: Message) => void) {
    return this.exchange(method, request, options, take);
  }

  close(): void {
    this.session.destroy();
  }

  private exchange(
    method: string,
    request: Uint8Array,
    { signal, metadata }: CallOptions,
    take: (answer: Message) => void,
  ): Promise<void> {
    return new Promise((resolve, reject) => {
      if (this.failure !== undefined) return reject(this.failure);
      const stream = this.open(method, metadata);
      const where = `${this.socketPath} ${method}`;
      const messages = new MessageStream(take);
      let status: number | undefined;
      let explanation = '';
      const learn = (headers: Record<string, unknown>) => {
        if (headers['grpc-status'] === undefined) return;
        status = Number(headers['grpc-status']);
        explanation = String(headers['grpc-message'] ?? '').slice(0, 200);
      };
      const abort = () => stream.destroy(new ApiError(`${where}: no answer in time`));
      signal.addEventListener('abort', abort, { once: true });
      stream.on('response', learn);
      stream.on('trailers', learn);
      stream.on('data', (chunk: Buffer) => {
        try {
          messages.push(chunk);
        } catch (error) {
          stream.destroy(error as Error);
        }
      });
      stream.on('error', reject);
      stream.on('close', () => {
        signal.removeEventListener('abort', abort);
        if (status === 0) return resolve();
        const reason = explanation || (status === undefined ? 'the connection broke' : `status ${status}`);
        reject(new (status === UNIMPLEMENTED ? UnimplementedError : ApiError)(`${where}: ${reason}`));
      });
      const head = Buffer.alloc(HEAD_BYTES);
      head.writeUInt32BE(request.length, 1);
      stream.end(Buffer.concat([head, request]));
    });
  }

  private open(method: string, metadata: Readonly<Record<string, string>> = {}): ClientHttp2Stream {
    return this.session.request({
      ':method': 'POST',
      ':path': method,
      'content-type': 'application/grpc',
      te: 'trailers',
      ...metadata,
    });
  }
}

/** Puts messages together from the pieces in which they come; joins the pieces once a message is whole. */
class MessageStream {
  private pieces: Buffer[] = [];
  private have = 0;
  private need = HEAD_BYTES;

  constructor(private readonly take: (answer: Message) => void) {}

  push(piece: Buffer): void {
    this.pieces.push(piece);
    this.have += piece.length;
    while (this.have >= this.need) {
      const bytes = this.pieces.length === 1 ? this.pieces[0]! : Buffer.concat(this.pieces);
      const length = bytes.readUInt32BE(1);
      if (bytes[0] !== 0) throw new ApiError('a compressed answer, which was not asked for');
      if (length > LARGEST_ANSWER) throw new ApiError(`an answer of ${length} bytes`);
      this.need = HEAD_BYTES + length;
      const isWhole = this.have >= this.need;
      if (isWhole) this.take(new Message(bytes.subarray(HEAD_BYTES, this.need)));
      const rest = isWhole ? bytes.subarray(this.need) : bytes;
      this.pieces = [rest];
      this.have = rest.length;
      if (!isWhole) return;
      this.need = HEAD_BYTES;
    }
  }
}
