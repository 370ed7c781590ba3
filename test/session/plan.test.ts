import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { type Destination, sessionCommands, shellLine } from '../../host/session/commands.js';
import { CHANNELS, EVENT_GROUPS, makePlan, type TracerAbilities } from '../../host/session/plan.js';

const all = (): TracerAbilities => ({
  events: new Set(CHANNELS.flatMap(({ events }) => events.map((name) => name.replace('*', 'start')))),
  syscalls: true,
  contexts: new Set(CHANNELS.flatMap(({ contexts = [] }) => contexts)),
  probes: new Set(CHANNELS.flatMap(({ probes = [] }) => probes)),
  writesCtf2: false,
});
const names = (groups: Parameters<typeof makePlan>[0]) =>
  makePlan(groups, all()).channels.map(({ name }) => name);
const DIRECTORY: Destination = { kind: 'directory', path: '/tmp/it’s here/trace' };
const LIVE: Destination = {
  kind: 'live',
  controlUrl: 'tcp://127.0.0.1:1',
  dataUrl: 'tcp://127.0.0.1:2',
  timerUs: 200_000,
  streamBytes: 8 * 2 ** 20,
};

function allCommands(...of: Parameters<typeof sessionCommands>) {
  const { create, channels } = sessionCommands(...of);
  return [create, ...channels.flat()];
}

describe('what is recorded', () => {
  it('is always the scheduler, and what else was chosen', () => {
    assert.deepEqual(names(EVENT_GROUPS), ['sched', 'life', 'syscall', 'block', 'net', 'irq']);
    assert.deepEqual(names(['block']), ['sched', 'life', 'block']);
    assert.deepEqual(makePlan(EVENT_GROUPS, all()).missing, []);
  });

  it('leaves out what the kernel has not, and says so', () => {
    const abilities = all();
    (abilities.events as Set<string>).delete('block_rq_insert');
    for (const event of ['net_dev_queue', 'net_dev_xmit', 'net_if_receive_skb']) {
      (abilities.events as Set<string>).delete(event);
    }
    (abilities.contexts as Set<string>).delete('mnt_ns');
    (abilities.probes as Set<string>).clear();
    const { channels, missing } = makePlan(EVENT_GROUPS, { ...abilities, syscalls: false });
    assert.deepEqual(
      channels.map(({ name }) => name),
      ['sched', 'life', 'block', 'irq'],
    );
    assert.deepEqual(
      missing.map(({ kind, name }) => `${kind} ${name}`),
      [
        'probe throttle_cfs_rq',
        'probe unthrottle_cfs_rq',
        'context mnt_ns',
        'system calls system calls',
        'event block_rq_insert',
        'event net_dev_queue',
        'event net_dev_xmit',
        'event net_if_receive_skb',
      ],
    );
    assert.ok(!channels.find(({ name }) => name === 'block')?.events.includes('block_rq_insert'));
  });
});

describe('the commands of a session', () => {
  const lines = (to: Destination, abilities = all()) =>
    allCommands(makePlan(['syscall'], abilities), 'boxtop-1-2', to).map(({ args }) =>
      shellLine('lttng', args),
    );

  it('write to a directory, flushed once a second', () => {
    const [create, channel, events] = lines(DIRECTORY);
    assert.equal(create, "lttng create boxtop-1-2 '--output=/tmp/it’s here/trace'");
    assert.match(
      channel!,
      /enable-channel -k -s boxtop-1-2 sched --subbuf-size=524288 --num-subbuf=8 --switch-timer=1000000$/,
    );
    assert.match(events!, /enable-event -k -s boxtop-1-2 -c sched sched_switch,/);
    assert.ok(lines(DIRECTORY).some((line) => line.endsWith('--syscall -a')));
  });

  it('go to a relay daemon that keeps a bounded part', () => {
    const [create, channel] = lines(LIVE);
    assert.equal(
      create,
      'lttng create boxtop-1-2 --live=200000 --ctrl-url=tcp://127.0.0.1:1 --data-url=tcp://127.0.0.1:2',
    );
    assert.match(channel!, /--tracefile-size=4194304 --tracefile-count=2$/);
    const [, tight] = lines({ ...LIVE, streamBytes: 1 });
    assert.match(tight!, /--tracefile-size=524288 /, 'never less than a sub-buffer');
  });

  it('ask for CTF 1.8 where LTTng would write CTF 2', () => {
    const [create] = lines(DIRECTORY, { ...all(), writesCtf2: true });
    assert.match(create!, / --trace-format=ctf-1.8$/);
  });

  it('do without a probe that the kernel refuses', () => {
    const optional = allCommands(makePlan(EVENT_GROUPS, all()), 's', DIRECTORY).filter(
      (command) => command.optional,
    );
    assert.deepEqual(
      optional.map(({ args }) => args.at(-1)),
      ['probe_throttle_cfs_rq', 'probe_unthrottle_cfs_rq'],
    );
  });
});
