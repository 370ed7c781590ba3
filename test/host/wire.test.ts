import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import { createServer as createHttp2, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { UnimplementedError, UnixGrpc } from '../../host/inventory/grpc.js';
import { UnixHttp } from '../../host/inventory/http.js';
import { field, Message, WireError } from '../../host/inventory/protobuf.js';

const never = new AbortController().signal;
let directory: string;
before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'boxtop-wire-'));
});
after(() => rm(directory, { recursive: true }));

describe('Protocol Buffers', () => {
  it('reads texts, numbers, maps and nested messages, in any order and repeated', () => {
    const inner = Buffer.concat([field(1, 'key'), field(2, 'bücher')]);
    const bytes = Buffer.concat([
      field(9, 300),
      field(5, inner),
      field(1, 'first'),
      field(1, 'last'),
      field(5, inner),
    ]);
    const message = new Message(bytes);
    assert.equal(message.text(1), 'last');
    assert.equal(message.integer(9), 300n);
    assert.deepEqual(message.map(5), { key: 'bücher' });
    assert.equal(message.messages(5).length, 2);
    assert.deepEqual([message.text(7), message.integer(7), message.message(7).text(1)], ['', 0n, '']);
  });

  it('reads negative and fixed numbers', () => {
    const minusOne = Uint8Array.from([0x08, ...Array(9).fill(0xff), 0x01]);
    assert.equal(new Message(minusOne).integer(1), -1n);
    assert.equal(new Message(Uint8Array.from([0x0d, 1, 0, 0, 0])).integer(1), 1n);
    assert.equal(new Message(Uint8Array.from([0x09, 1, 0, 0, 0, 0, 0, 0, 0])).integer(1), 1n);
  });

  it('refuses every message that is cut off, and what is none', () => {
    const whole = Buffer.concat([field(1, 'text'), field(2, 300)]);
    for (const length of [1, 2, 3, 4, 5, 7, 8]) {
      assert.throws(() => new Message(whole.subarray(0, length)), WireError, String(length));
    }
    assert.throws(() => new Message(Uint8Array.from([0x0b])), /wire type 3/);
    assert.throws(() => new Message(new Uint8Array(12).fill(0xff)), /more than ten bytes/);
    assert.throws(
      () => new Message(Uint8Array.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x7f])),
      /shorter than it says/,
    );
    assert.throws(() => new Message(new Uint8Array(600_000).fill(8)), /more than \d+ fields/);
  });
});

describe('HTTP over a unix socket', () => {
  let path: string;
  let server: Server;
  before(async () => {
    path = join(directory, 'http.sock');
    server = createServer((request, response) => {
      if (request.url === '/ok') response.end('{"a":1}');
      else if (request.url === '/lines') response.end('{"a":1}\n\nno json\n{"a":2}\n');
      else if (request.url === '/endless') response.end('x'.repeat(3 << 20));
      else if (request.url === '/huge') {
        const block = Buffer.alloc(1 << 20, 32);
        const write = () => {
          while (response.writable && response.write(block));
        };
        response.on('drain', write);
        write();
      } else if (request.url === '/silent') response.writeHead(200).flushHeaders();
      else response.writeHead(500).end('{}');
    }).listen(path);
  });
  after(() => server.close());

  it('gives the JSON, and an error for every other answer', async () => {
    const http = new UnixHttp(path);
    assert.deepEqual(await http.get('/ok', never), { a: 1 });
    await assert.rejects(http.get('/missing', never), /status 500/);
    await assert.rejects(http.get('/lines', never), /is no JSON/);
    await assert.rejects(http.get('/huge', never), /more than \d+ bytes/);
    await assert.rejects(new UnixHttp(join(directory, 'none')).get('/ok', never), { code: 'ENOENT' });
    await assert.rejects(http.get('/silent', AbortSignal.timeout(50)));
    http.close();
  });

  it('hands over the lines that are JSON, and lets go of a line without an end', async () => {
    const http = new UnixHttp(path);
    const values: unknown[] = [];
    await http.follow('/lines', never, (value) => values.push(value));
    assert.deepEqual(values, [{ a: 1 }, { a: 2 }]);
    await assert.rejects(
      http.follow('/endless', never, () => {}),
      /endless line/,
    );
    await assert.rejects(http.follow('/silent', AbortSignal.timeout(50), () => {}));
  });
});

describe('gRPC over a unix socket', () => {
  let path: string;
  let server: ReturnType<typeof createHttp2>;
  const frame = (message: Uint8Array, flag = 0, length = message.length) => {
    const head = Buffer.alloc(5);
    head[0] = flag;
    head.writeUInt32BE(length, 1);
    return Buffer.concat([head, message]);
  };
  const answers: Record<string, (stream: ServerHttp2Stream, metadata: string) => void> = {
    '/ok': (stream, metadata) => respond(stream, [frame(field(1, metadata))]),
    '/pieces': (stream) =>
      respond(
        stream,
        [...frame(field(1, 'in pieces'))].map((byte) => Buffer.from([byte])),
      ),
    '/two': (stream) => respond(stream, [Buffer.concat([frame(field(1, 'a')), frame(field(1, 'b'))])]),
    '/none': (stream) => respond(stream, []),
    '/compressed': (stream) => respond(stream, [frame(field(1, 'x'), 1)]),
    '/absurd': (stream) => respond(stream, [frame(field(1, 'x'), 0, 0x7fff_ffff)]),
    '/broken': (stream) => respond(stream, [frame(Uint8Array.from([0x0b]))]),
    '/unknown': (stream) => respond(stream, [], 12, 'unknown method'),
    '/cut': (stream) => {
      stream.respond({ ':status': 200 });
      stream.write(frame(field(1, 'x'), 0, 100), () => stream.destroy());
    },
    '/silent': () => {},
  };
  function respond(stream: ServerHttp2Stream, pieces: readonly Uint8Array[], status = 0, message = ''): void {
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': status, 'grpc-message': message }));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  }
  before(() => {
    path = join(directory, 'grpc.sock');
    server = createHttp2();
    server.on('stream', (stream, headers) => {
      stream.on('error', () => {});
      answers[String(headers[':path'])]?.(stream, String(headers['containerd-namespace'] ?? 'none'));
    });
    server.listen(path);
    assert.equal(server.address() as AddressInfo | string, path);
  });
  after(() => server.close());

  it('calls with metadata, and puts messages together', async () => {
    const grpc = new UnixGrpc(path);
    const call = (method: string) =>
      grpc.call(method, field(1, ''), { signal: never, metadata: { 'containerd-namespace': 'ns' } });
    assert.equal((await call('/ok')).text(1), 'ns');
    assert.equal((await call('/pieces')).text(1), 'in pieces');
    const streamed: string[] = [];
    await grpc.stream('/two', field(1, ''), { signal: never }, (message) => streamed.push(message.text(1)));
    assert.deepEqual(streamed, ['a', 'b']);
    grpc.close();
  });

  it('gives an error for every other answer', async () => {
    const grpc = new UnixGrpc(path);
    const call = (method: string, signal = never) => grpc.call(method, field(1, ''), { signal });
    await assert.rejects(call('/unknown'), UnimplementedError);
    await assert.rejects(call('/none'), /no answer/);
    await assert.rejects(call('/compressed'), /compressed/);
    await assert.rejects(call('/absurd'), /an answer of 2147483647 bytes/);
    await assert.rejects(call('/broken'), /wire type/);
    await assert.rejects(call('/cut'));
    await assert.rejects(call('/silent', AbortSignal.timeout(50)), /no answer in time/);
    grpc.close();
    const nowhere = new UnixGrpc(join(directory, 'none'));
    await assert.rejects(nowhere.call('/ok', field(1, ''), { signal: never }));
    nowhere.close();
  });
});
