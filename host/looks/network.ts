/** What a network namespace has: read from /proc/PID/net of one process in it (proc(5), proc_net(5)), without entering it. */
import type { NetworkLook } from '../../analyzers/denials/looks.js';
import { readWhole } from './read.js';

/** Listeners come first in the tables of sockets, so that what is cut off are connections. */
const LARGEST_TABLE = 2 * 1024 * 1024;
const MOST_LISTENERS = 4096;
const MOST_ADDRESSES = 1024;
/** States of `include/net/tcp_states.h`: a bound datagram socket is in CLOSE. */
const TCP_LISTEN = '0A';
const UDP_BOUND = '07';
/** `__SO_ACCEPTCON`, and `SOCK_DGRAM`, which needs no listening. */
const ACCEPTS = 0x10000;
const DATAGRAM = '0002';
/** What the kernel calls sockets that are bound to no name of their own. */
const AUTOBIND = /^@[0-9a-f]{5}$/;

/** undefined where the process is gone. */
export async function lookAtNetwork(
  pid: number | 'self',
  netNs: number,
  time: bigint,
): Promise<NetworkLook | undefined> {
  const read = (name: string) => readWhole(`/proc/${pid}/net/${name}`, LARGEST_TABLE);
  const tcp = await read('tcp');
  if (tcp === undefined) return undefined;
  const [tcp6 = '', udp = '', udp6 = '', unix = ''] = await all(read, ['tcp6', 'udp', 'udp6', 'unix']);
  const [trie = '', inet6 = '', route, route6] = await all(read, [
    'fib_trie',
    'if_inet6',
    'route',
    'ipv6_route',
  ]);
  const listeners = [
    ...inetListeners('tcp', tcp, TCP_LISTEN),
    ...inetListeners('tcp', tcp6, TCP_LISTEN),
    ...inetListeners('udp', udp, UDP_BOUND),
    ...inetListeners('udp', udp6, UDP_BOUND),
    ...unixListeners(unix),
  ];
  return {
    kind: 'network',
    time,
    netNs,
    isHost: pid === 'self',
    listeners: [...new Set(listeners)].slice(0, MOST_LISTENERS),
    addresses: [...localAddresses(trie), ...addresses6(inet6)].slice(0, MOST_ADDRESSES),
    routes4: route === undefined ? undefined : hasDefaultRoute(route),
    routes6: route6 === undefined ? undefined : hasDefaultRoute6(route6),
  };
}

function all(
  read: (name: string) => Promise<string | undefined>,
  names: readonly string[],
): Promise<(string | undefined)[]> {
  return Promise.all(names.map(read));
}

/** Of `/proc/net/tcp` and its like: `tcp 127.0.0.1 80`. */
export function inetListeners(protocol: 'tcp' | 'udp', table: string, state: string): string[] {
  return table.split('\n').flatMap((line) => {
    const [, local, , is] = line.trim().split(/\s+/);
    if (is !== state || local === undefined) return [];
    const [address = '', port = ''] = local.split(':');
    const text = addressText(address);
    return text === undefined ? [] : [`${protocol} ${text} ${Number.parseInt(port, 16)}`];
  });
}

/** 8 or 32 hexadecimal digits: words of 32 bits, each in the order of the machine's bytes. */
export function addressText(hex: string): string | undefined {
  const bytes = (hex.match(/.{8}/g) ?? []).flatMap((word) => [...Buffer.from(word, 'hex').reverse()]);
  if (bytes.length === 4) return bytes.join('.');
  return bytes.length === 16 ? address6(bytes) : undefined;
}

/** An IPv4 address in an IPv6 one goes by itself, as the listener answers both. */
function address6(bytes: readonly number[]): string {
  const isMapped = bytes.slice(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255;
  if (isMapped) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i]! << 8) | bytes[2 * i + 1]!).toString(16));
  // The URL parser writes IPv6 addresses as RFC 5952 has them.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

/** Of `/proc/net/unix`: `unix /path`, `unix @abstract`. */
export function unixListeners(table: string): string[] {
  return table.split('\n').flatMap((line) => {
    const match = /^[0-9a-f]+: [0-9A-F]+ [0-9A-F]+ ([0-9A-F]+) ([0-9A-F]+) [0-9A-F]+ +\d+ (.+)$/i.exec(line);
    if (match === null) return [];
    const [, flags = '', type, name = ''] = match;
    const answers = (Number.parseInt(flags, 16) & ACCEPTS) !== 0 || type === DATAGRAM;
    return answers && !AUTOBIND.test(name) ? [`unix ${name}`] : [];
  });
}

/** Of `/proc/net/fib_trie`: the addresses with the type `host LOCAL`. */
export function localAddresses(trie: string): string[] {
  const found = new Set<string>();
  let address: string | undefined;
  for (const line of trie.split('\n')) {
    address = /\|-- ([\d.]+)$/.exec(line)?.[1] ?? address;
    if (line.endsWith('/32 host LOCAL') && address !== undefined) found.add(address);
  }
  return [...found];
}

/** Of `/proc/net/if_inet6`. */
function addresses6(table: string): string[] {
  return table.split('\n').flatMap((line) => {
    const hex = /^[0-9a-f]{32}/.exec(line)?.[0];
    return hex === undefined ? [] : [address6([...Buffer.from(hex, 'hex')])];
  });
}

/** A route to everything that is not one that refuses. */
function hasDefaultRoute(table: string): boolean {
  return table.split('\n').some((line) => {
    const [, destination, , flags, , , , mask] = line.split('\t');
    return (
      destination === '00000000' && mask === '00000000' && (Number.parseInt(flags ?? '', 16) & 0x200) === 0
    );
  });
}

/** The kernel has one by itself, on the loopback, that refuses (`RTF_REJECT`). */
function hasDefaultRoute6(table: string): boolean {
  return table.split('\n').some((line) => {
    const [destination, length, , , , , , , flags, device] = line.trim().split(/\s+/);
    const refuses = (Number.parseInt(flags ?? '', 16) & 0x200) !== 0;
    return /^0{32}$/.test(destination ?? '') && length === '00' && device !== 'lo' && !refuses;
  });
}
