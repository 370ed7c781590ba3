/** A relay daemon by script: speaks the live viewer protocol to one client at a time, as well or as badly as told. */

import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { BitWriter } from '../../ctf/bits.js';
import type { Packet } from '../../ctf/writer.js';

export const COMMANDS = {
  connect: 1,
  list: 2,
  attach: 3,
  index: 4,
  packet: 5,
  metadata: 6,
  newStreams: 7,
  create: 8,
} as const;
export type Command = keyof typeof COMMANDS;

/** An array, or packets that are made when they are asked for. */
export interface PacketList {
  readonly length: number;
  at(index: number): Packet | undefined;
}

export interface RelayStream {
  readonly channel: string;
  readonly packets: PacketList;
  /** Announced by a flag after so many index requests instead of at the attachment. */
  readonly late?: number;
  /** Which of the sessions of one name it belongs to: 0 unless told. */
  readonly session?: number;
}

export interface Script {
  readonly metadata: Uint8Array;
  readonly streams: readonly RelayStream[];
  /** Sessions of the same name, as the kernel and programs of 64 and of 32 bits are: 1 unless told. */
  readonly sessions?: number;
  readonly liveTimerUs?: number;
  /** Of the protocol; 13 unless told. */
  readonly minor?: number;
  /** As relay daemons from 2.15 on tell it. */
  readonly isCtf2?: boolean;
  /**
   * What the tracer's clock shows now, and the live timer in its cycles: a packet is there when it has ended; before, each tick
   * of the timer gives a beacon.
   */
  readonly clock?: { readonly now: () => bigint; readonly period: bigint };
  /** Metadata requests that are answered by "nothing new" first. */
  readonly metadataAfter?: number;
  /** Inactivity beacons before each packet. */
  readonly beacons?: number;
  /** Bytes a write. */
  readonly piece?: number;
  /** Closes the connection after so many bytes of answers, once. */
  readonly cutAfter?: number;
  /** Closes it instead of the answer to the request with that number, once. */
  readonly cutAt?: number;
  /** Sees each answer, and may give another one. */
  readonly answer?: (command: Command, answer: Buffer, nth: number) => Buffer;
}

const SESSION = 7;
const METADATA = 1000;

/** Answers until every stream has been read, then hangs up in the protocol's way. */
export class ScriptedRelay {
  /** Bytes answered so far, over all connections. */
  answered = 0;
  connections = 0;
  requests = 0;
  /** Most requests that came in one piece. */
  together = 0;
  /** What each attachment asked for: 1 from the beginning, 2 from now. */
  readonly seeks: number[] = [];
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private readonly next: number[];
  private readonly beacons: number[];
  private readonly counts = new Map<Command, number>();
  private announced: boolean[];
  private indexRequests = 0;
  private metadataRequests = 0;
  private readonly metadataSent = new Set<number>();
  private cut = false;

  constructor(private readonly script: Script) {
    this.next = script.streams.map(() => 0);
    this.beacons = script.streams.map(() => script.beacons ?? 0);
    this.announced = script.streams.map(({ late }) => late === undefined);
    this.server = createServer((socket) => this.serve(socket));
  }

  /** The session's URL. */
  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `net://127.0.0.1:${(this.server.address() as AddressInfo).port}/host/box/session`;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private serve(socket: Socket): void {
    this.connections++;
    this.metadataSent.clear();
    this.sockets.add(socket);
    socket.setNoDelay();
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    let pending = Buffer.alloc(0);
    socket.on('data', (chunk) => {
      pending = Buffer.concat([pending, chunk]);
      const before = this.requests;
      while (pending.length >= 16) {
        const size = Number(pending.readBigUInt64BE(0));
        if (pending.length < 16 + size) return;
        const code = pending.readUInt32BE(8);
        const payload = pending.subarray(16, 16 + size);
        pending = pending.subarray(16 + size);
        const command = (Object.keys(COMMANDS) as Command[]).find((name) => COMMANDS[name] === code);
        if (command === undefined) return void socket.destroy();
        const nth = this.counts.get(command) ?? 0;
        this.counts.set(command, nth + 1);
        if (this.requests++ === this.script.cutAt) return void socket.destroy();
        const answer = this.reply(command, payload);
        this.write(socket, this.script.answer?.(command, answer, nth) ?? answer);
      }
      this.together = Math.max(this.together, this.requests - before);
    });
  }

  private write(socket: Socket, answer: Buffer): void {
    const { piece = answer.length, cutAfter = Number.POSITIVE_INFINITY } = this.script;
    for (let at = 0; at < answer.length; at += Math.max(1, piece)) {
      let part = answer.subarray(at, at + Math.max(1, piece));
      if (!this.cut && this.answered + part.length > cutAfter) {
        part = part.subarray(0, cutAfter - this.answered);
        this.cut = true;
        this.answered += part.length;
        socket.end(part);
        return;
      }
      this.answered += part.length;
      socket.write(part);
    }
  }

  private reply(command: Command, payload: Buffer): Buffer {
    const w = new BitWriter('be');
    const { sessions = 1 } = this.script;
    switch (command) {
      case 'connect':
        w.u64(1)
          .u32(2)
          .u32(this.script.minor ?? 13)
          .u32(1);
        break;
      case 'list':
        w.u32(sessions);
        for (let session = 0; session < sessions; session++) this.list(w, session);
        break;
      case 'create':
        w.u32(1);
        break;
      case 'attach': {
        const session = Number(payload.readBigUInt64BE(0)) - SESSION;
        this.seeks.push(payload.readUInt32BE(16));
        const streams = this.streamsOf(session).filter((i) => this.announced[i]);
        w.u32(1).u32(streams.length + 1);
        this.describe(w, METADATA + session, session, 'metadata');
        for (const i of streams) this.describe(w, i, session);
        break;
      }
      case 'newStreams': {
        const session = Number(payload.readBigUInt64BE(0)) - SESSION;
        const own = this.streamsOf(session);
        const fresh = own.filter(
          (i) => !this.announced[i] && this.indexRequests >= (this.script.streams[i]!.late ?? 0),
        );
        const over = own.every(
          (i) => this.announced[i] && this.next[i]! >= this.script.streams[i]!.packets.length,
        );
        w.u32(fresh.length > 0 ? 1 : over ? 4 : 2).u32(fresh.length);
        for (const i of fresh) {
          this.announced[i] = true;
          this.describe(w, i, session);
        }
        break;
      }
      case 'metadata': {
        const id = Number(payload.readBigUInt64BE(0));
        const ready =
          this.metadataRequests++ >= (this.script.metadataAfter ?? 0) && !this.metadataSent.has(id);
        const bytes = ready ? this.script.metadata : new Uint8Array();
        if (ready) this.metadataSent.add(id);
        w.u64(bytes.length)
          .u32(ready ? 1 : 2)
          .bytes(bytes);
        break;
      }
      case 'index':
        this.index(w, Number(payload.readBigUInt64BE(0)));
        break;
      case 'packet': {
        const id = Number(payload.readBigUInt64BE(0));
        const number = Number(payload.readBigUInt64BE(8)) / 4096;
        const packet = this.script.streams[id]!.packets.at(number);
        if (packet === undefined || packet.bytes.length !== payload.readUInt32BE(16)) {
          w.u32(3).u32(0).u32(0);
          break;
        }
        this.next[id] = number + 1;
        w.u32(1).u32(packet.bytes.length).u32(0);
        return Buffer.concat([w.done(), packet.bytes]);
      }
    }
    return Buffer.from(w.done());
  }

  private index(w: BitWriter, id: number): void {
    this.indexRequests++;
    const at = this.next[id]!;
    const packet = this.script.streams[id]!.packets.at(at);
    const flags = this.script.streams.some(
      ({ late = 0 }, i) => !this.announced[i] && this.indexRequests >= late,
    )
      ? 2
      : 0;
    const { now, period } = this.script.clock ?? { now: () => 2n ** 64n, period: 1n };
    const tick = (now() / period) * period;
    const words = (...values: (number | bigint)[]): BitWriter =>
      values.reduce<BitWriter>((all, v) => all.u64(v), w);
    if (packet === undefined) {
      const late = this.announced.some((known) => !known);
      words(0, 0, 0, 0, 0, 0, 0)
        .u32(late ? 2 : 3)
        .u32(flags);
    } else if (this.beacons[id]! > 0) {
      this.beacons[id]!--;
      words(0, 0, 0, 0, packet.begin, 0, 0).u32(5).u32(flags);
    } else if (packet.end > tick) {
      // A packet's events lie within one period.
      let until = packet.end - period;
      if (tick < until) until = tick;
      words(0, 0, 0, 0, until, 0, 0).u32(5).u32(flags);
    } else {
      this.beacons[id] = this.script.beacons ?? 0;
      words(
        at * 4096,
        packet.bytes.length * 8,
        packet.contentBits,
        packet.begin,
        packet.end,
        packet.discarded,
        packet.streamId,
      );
      w.u32(1).u32(flags);
    }
  }

  private streamsOf(session: number): number[] {
    return this.script.streams.flatMap((stream, i) => ((stream.session ?? 0) === session ? [i] : []));
  }

  private list(w: BitWriter, session: number): void {
    const { liveTimerUs = 20_000, minor = 13, isCtf2 = false } = this.script;
    w.u64(SESSION + session)
      .u32(liveTimerUs)
      .u32(0)
      .u32(this.streamsOf(session).length);
    if (minor < 15) w.bytes(text('box', 64)).bytes(text('session', 255));
    else
      w.u32(4)
        .u32(8)
        .u32(isCtf2 ? 1 : 0)
        .bytes(text('box', 4))
        .bytes(text('session', 8));
  }

  private describe(w: BitWriter, id: number, session: number, metadata?: 'metadata'): void {
    w.u64(id)
      .u64(session + 1)
      .u32(metadata === undefined ? 0 : 1);
    w.bytes(text(`box/session/${session}`, 4096));
    w.bytes(text(metadata ?? this.script.streams[id]!.channel, 255));
  }
}

const text = (value: string, room: number): Uint8Array => {
  const bytes = new Uint8Array(room);
  bytes.set(new TextEncoder().encode(value));
  return bytes;
};
