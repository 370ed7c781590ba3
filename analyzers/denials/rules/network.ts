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
      { confidence: 'likely', tell: (facts) => (ownNetwork(facts) ? answeredElsewhere(facts) : undefined) },
    ],
    sentence: 'found no listener on its own loopback; there is one in another network namespace',
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
          loopbackTarget(facts) && facts.isolated('net')
            ? 'nobody was seen to listen there, in no network namespace; a listener on the host that nobody spoke to would not have been seen'
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
      usual('possible', 'nobody was seen to listen on that socket'),
    ],
    sentence: 'found nobody who listens on that socket',
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
    id: 'address-nowhere',
    calls: list('bind connect sendto'),
    errnos: list('EADDRNOTAVAIL ENETUNREACH EHOSTUNREACH ENETDOWN'),
    cause: 'no such object',
    clues: [usual('likely', 'it has the host’s network, which has no such address or route')],
    sentence: 'found no such address or route in the host’s network',
  },
];
