import type { Case } from '../case.js';
import { list, type Rule, usual } from './rule.js';

/** What a listener is known by: its address within one network namespace. */
export function listenerName(address: string, port: number): string {
  return `${address} ${port}`;
}

const isLoopback = (address: string): boolean => /^(127\.|::1$|::ffff:127\.)/.test(address);

const ownNetwork = (facts: Case): boolean => facts.isolated('net') !== false;

/** A connection to the same loopback address that succeeded in another network namespace. */
function answeredElsewhere(facts: Case): string | undefined {
  const { target } = facts.refusal;
  if (target?.kind !== 'inet' || !isLoopback(target.address)) return undefined;
  const other = facts.elsewhere('listener', listenerName(target.address, target.port), 'net');
  return other && `a listener answered ${facts.nameOf(other)} there, in another network namespace`;
}

/** A listener that was seen in another network namespace, where the loopback address would reach it. */
function listensElsewhere(facts: Case): string | undefined {
  const { target } = facts.refusal;
  if (target?.kind !== 'inet' || !isLoopback(target.address)) return undefined;
  const found = facts.host.listenerElsewhere(target.address, target.port);
  return found && `${found.who} listens on ${found.name}, in another network namespace`;
}

/** Whoever has the address listens at its loopback only. */
function hidden(facts: Case): string | undefined {
  const { target } = facts.refusal;
  if (target?.kind !== 'inet' || isLoopback(target.address)) return undefined;
  const found = facts.host.hiddenListener(target.address, target.port);
  return (
    found && `${found.who} has that address, but listens only on ${found.name}, which is its own namespace’s`
  );
}

function unixListensElsewhere(facts: Case): string | undefined {
  const { target } = facts.refusal;
  if (target?.kind !== 'unix' || target.length === undefined) return undefined;
  const found = facts.host.unixElsewhere(target.length, true);
  return (
    found && `${found.who} listens on ${found.name}, whose name is as long, in another network namespace`
  );
}

function unixAnsweredElsewhere(facts: Case): string | undefined {
  const { target } = facts.refusal;
  if (target?.kind !== 'unix' || target.length === undefined) return undefined;
  const other = facts.elsewhere('unix', String(target.length), 'net');
  return (
    other &&
    `${facts.nameOf(other)}, in another network namespace, reached a unix socket whose name is as long; LTTng does not record names`
  );
}

const loopbackTarget = (facts: Case): boolean => {
  const { target } = facts.refusal;
  return target?.kind === 'inet' && isLoopback(target.address);
};

const isIpv6 = ({ refusal: { target } }: Case): boolean =>
  target?.kind === 'inet' && target.address.includes(':') && !target.address.startsWith('::ffff:');

const noNetwork = (facts: Case): string | undefined =>
  facts.rights.networkMode === 'none' ? 'its network is “none”: it has only a loopback' : undefined;

const shareNetwork =
  'Share the network namespace of whoever listens: --network host, or --network container:NAME; or let it listen on an address that the container can reach.';
const shareNetworkPrice =
  'With --network host the container reaches everything that listens on the host’s loopback, and may listen on the host’s ports.';

/** Sockets and addresses. */
export const networkRules: readonly Rule[] = [
  {
    id: 'listener-elsewhere',
    calls: ['connect'],
    errnos: ['ECONNREFUSED'],
    target: ['inet'],
    cause: 'network namespace',
    clues: [
      { confidence: 'likely', tell: (facts) => (ownNetwork(facts) ? listensElsewhere(facts) : undefined) },
      { confidence: 'likely', tell: (facts) => (ownNetwork(facts) ? answeredElsewhere(facts) : undefined) },
      { confidence: 'likely', tell: (facts) => (ownNetwork(facts) ? hidden(facts) : undefined) },
    ],
    sentence: 'found no listener there; there is one in another network namespace',
    allow: shareNetwork,
    price: shareNetworkPrice,
  },
  {
    id: 'listener-nowhere',
    calls: list('connect sendto sendmsg write'),
    errnos: ['ECONNREFUSED'],
    target: ['inet'],
    cause: 'no such object',
    otherwise: 'network namespace',
    clues: [
      {
        confidence: 'possible',
        tell: (facts) =>
          loopbackTarget(facts) && facts.isolated('net') && !facts.host.knowsListeners
            ? 'nobody was seen to listen there, in no network namespace; a listener on the host that nobody spoke to would not have been seen'
            : undefined,
      },
      {
        confidence: 'likely',
        tell: (facts) =>
          loopbackTarget(facts) && facts.host.knowsListeners
            ? 'nobody listened on that port, in no network namespace, when boxtop looked'
            : undefined,
      },
      usual('likely', 'the address is reached, but nobody listens on that port'),
    ],
    sentence: 'found nobody who listens there',
  },
  {
    id: 'unix-elsewhere',
    calls: ['connect'],
    errnos: ['ECONNREFUSED'],
    target: ['unix'],
    cause: 'network namespace',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) => (ownNetwork(facts) ? unixListensElsewhere(facts) : undefined),
      },
      {
        confidence: 'likely',
        tell: (facts) => (ownNetwork(facts) ? unixAnsweredElsewhere(facts) : undefined),
      },
    ],
    sentence: 'found no such abstract socket in its network namespace',
    allow: shareNetwork,
    price: shareNetworkPrice,
  },
  {
    id: 'unix-nowhere',
    calls: ['connect'],
    errnos: ['ECONNREFUSED'],
    cause: 'no such object',
    otherwise: 'network namespace',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) => (ownNetwork(facts) ? undefined : 'nobody listens on that socket'),
      },
      {
        confidence: 'likely',
        tell: ({ host, refusal: { target } }) =>
          host.knowsListeners && target?.kind === 'unix' && target.length !== undefined
            ? 'nobody listened on an abstract socket whose name is as long when boxtop looked; or the file of the socket is left from one who does not any more'
            : undefined,
      },
      usual('possible', 'nobody was seen to listen on that socket'),
    ],
    sentence: 'found nobody who listens on that socket',
  },
  {
    id: 'no-route-anywhere',
    errnos: ['ENETUNREACH'],
    target: ['inet'],
    cause: 'no such object',
    otherwise: 'network namespace',
    clues: [
      {
        confidence: 'likely',
        tell: (facts) =>
          noNetwork(facts) === undefined && isIpv6(facts) && facts.host.hostRoutes(true) === false
            ? 'the host itself has no way to other networks with IPv6'
            : undefined,
      },
    ],
    sentence: 'found no route to the address; the host has none either',
  },
  {
    id: 'no-host',
    errnos: ['EHOSTUNREACH'],
    target: ['inet'],
    cause: 'no such object',
    otherwise: 'network namespace',
    clues: [
      {
        confidence: 'possible',
        tell: (facts) =>
          noNetwork(facts) === undefined
            ? 'its network namespace has a route, but nobody answers at that address, or a packet filter refuses'
            : undefined,
      },
    ],
    sentence: 'found nobody at that address',
  },
  {
    id: 'no-route',
    errnos: list('ENETUNREACH EHOSTUNREACH ENETDOWN'),
    cause: 'network namespace',
    clues: [
      { confidence: 'certain', tell: noNetwork },
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.isolated('net') ? 'its own network namespace has no route to that address' : undefined,
      },
      {
        confidence: 'possible',
        tell: (facts) =>
          facts.isolated('net') === undefined
            ? 'its network namespace has no route to that address'
            : undefined,
      },
    ],
    sentence: 'found no route to the address from its network namespace',
    allow: 'Connect it to a network: docker network connect NETWORK NAME, or --network NETWORK at its start.',
    price: 'The container reaches everything that the network reaches, and is reached from there.',
  },
  {
    id: 'foreign-address',
    calls: list('bind connect sendto'),
    errnos: ['EADDRNOTAVAIL'],
    cause: 'network namespace',
    clues: [
      {
        confidence: 'certain',
        tell: (facts) => {
          const none = noNetwork(facts);
          return none === undefined
            ? undefined
            : `${none}, so any other address belongs to another namespace`;
        },
      },
      {
        confidence: 'likely',
        tell: (facts) =>
          facts.isolated('net') ? 'the address is on no interface of its own network namespace' : undefined,
      },
      {
        confidence: 'possible',
        tell: (facts) =>
          facts.isolated('net') === undefined
            ? 'the address is on no interface of its network namespace'
            : undefined,
      },
    ],
    sentence: 'may use only addresses of its own network namespace',
    allow: 'Listen on 0.0.0.0 and publish the port: -p HOSTADDRESS:PORT:PORT; or --network host.',
    price: 'A published port is open to whoever reaches the host’s address; --network host shares all ports.',
  },
  {
    id: 'no-answer',
    calls: ['connect'],
    errnos: ['ETIMEDOUT'],
    target: ['inet'],
    cause: 'no such object',
    otherwise: 'network namespace',
    clues: [
      usual(
        'possible',
        'nobody answered at that address within the time, or a packet filter drops what is sent',
      ),
    ],
    sentence: 'got no answer from that address',
  },
  {
    id: 'datagram-nowhere',
    errnos: ['ECONNREFUSED'],
    cause: 'no such object',
    otherwise: 'network namespace',
    clues: [
      usual(
        'possible',
        'nobody listens where an earlier datagram was sent; the call does not name the address',
      ),
    ],
    sentence: 'was told that nobody listens there',
  },
  {
    id: 'packet-filter',
    calls: list('sendto sendmsg sendmmsg connect write'),
    errnos: ['EPERM'],
    cause: 'network namespace',
    otherwise: 'capability',
    clues: [
      usual(
        'possible',
        'a packet filter (nftables, iptables) of its network namespace refuses it, or a message asks for CAP_NET_ADMIN',
      ),
    ],
    sentence: 'may not send that in its network namespace',
    allow: 'Let the packet filter of that network namespace pass it.',
    price: 'What the filter was to keep apart is then reached.',
  },
  {
    id: 'address-in-use',
    calls: list('bind listen connect'),
    errnos: ['EADDRINUSE'],
    cause: 'network namespace',
    otherwise: 'unknown',
    clues: [
      {
        confidence: 'possible',
        tell: (facts) =>
          facts.isolated('net') === false
            ? 'it shares the host’s network namespace, where somebody has that address and port already'
            : undefined,
      },
    ],
    sentence: 'wanted an address that somebody in the same network namespace has already',
    allow:
      'A network namespace of its own (without --network host), and -p to publish the port; or another port.',
    price: 'Nothing: a network namespace of its own gives away less than the host’s.',
  },
  {
    id: 'address-taken',
    calls: list('bind listen connect'),
    errnos: ['EADDRINUSE'],
    cause: 'unknown',
    clues: [
      usual(
        'likely',
        'another socket of the same network namespace has the address: no isolation has a part in it',
      ),
    ],
    sentence: 'wanted an address that is taken within its own network namespace',
  },
  {
    id: 'no-protocol',
    calls: list('socket socketpair'),
    errnos: list('EAFNOSUPPORT EPROTONOSUPPORT ESOCKTNOSUPPORT EPFNOSUPPORT'),
    cause: 'no such object',
    clues: [usual('likely', 'this kernel has no such protocol, or has not loaded its module')],
    sentence: 'found no such protocol in the kernel',
  },
  {
    id: 'ping-group',
    calls: ['socket'],
    errnos: ['EACCES'],
    cause: 'user namespace',
    otherwise: 'capability',
    clues: [
      {
        confidence: 'possible',
        tell: ({ refusal: { target } }) =>
          target?.kind === 'other' && target.text.endsWith('SOCK_DGRAM')
            ? 'ping sockets are for the groups in net.ipv4.ping_group_range of its network namespace'
            : undefined,
      },
    ],
    sentence: 'may not make a ping socket',
    allow: "--sysctl net.ipv4.ping_group_range='0 2147483647'.",
    price: 'All of its groups may ping; nothing more.',
  },
  {
    id: 'unix-permissions',
    calls: list('connect sendto sendmsg'),
    errnos: ['EACCES'],
    target: ['unix'],
    cause: 'file permissions',
    clues: [
      usual(
        'likely',
        'to connect, one must be allowed to write the socket’s file and to enter its directory',
      ),
    ],
    sentence: 'may not connect, by owner and mode of the socket’s file',
    allow: 'Run it as a user or in a group that may (--user, --group-add), or change the mode of the socket.',
    price: 'Whoever may speak to a daemon’s socket has what the daemon gives.',
  },
  {
    id: 'address-nowhere',
    calls: list('bind connect sendto'),
    errnos: list('EADDRNOTAVAIL ENETUNREACH EHOSTUNREACH ENETDOWN'),
    cause: 'no such object',
    clues: [usual('likely', 'it has the host’s network, which has no such address or route')],
    sentence: 'found no such address or route in the host’s network',
  },
];
