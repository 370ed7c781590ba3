import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { doctorText } from '../../cli/commands/doctor.js';
import { CHECKS } from '../../cli/doctor/checks.js';
import type { Facts } from '../../cli/doctor/facts.js';
import { CHANNELS, type TracerAbilities } from '../../host/session/plan.js';

const abilities: TracerAbilities = {
  events: new Set([
    ...CHANNELS.flatMap(({ events }) => events.filter((name) => !name.endsWith('*'))),
    'lttng_statedump_process_state',
    'lttng_statedump_process_pid_ns',
  ]),
  syscalls: true,
  contexts: new Set(CHANNELS.flatMap(({ contexts = [] }) => contexts)),
  probes: new Set(CHANNELS.flatMap(({ probes = [] }) => probes)),
  writesCtf2: false,
};
const healthy: Facts = {
  boxtop: '0.1.0',
  node: '20.19.0',
  kernel: '6.1.0-56-amd64',
  isRoot: true,
  presence: { kernel: '6.1.0-56-amd64', modules: true, sessiond: true },
  relayd: true,
  version: [2, 13],
  daemon: { started: false },
  tracer: { abilities },
  inventory: { time: 0n, host: { name: 'vm', kernel: '6.1', cgroup: 'v2' }, runtimes: [], containers: [] },
  processors: 2,
  memory: { path: '/run', freeBytes: 2 ** 30 },
};
const without = (change: Partial<TracerAbilities>): Facts => ({
  ...healthy,
  tracer: { abilities: { ...abilities, ...change } },
});

const look = (facts: Facts) => new Map(CHECKS.map((check) => [check.id, { ...check, ...check.look(facts) }]));
const isLive = (facts: Facts) =>
  [...look(facts).values()].every(({ required, ok }) => !required || ok === true);

describe('boxtop doctor', () => {
  it('finds nothing to mend where all is there', () => {
    for (const { id, ok, lacks } of look(healthy).values())
      assert.deepEqual([id, ok, lacks], [id, true, undefined]);
    assert.ok(isLive(healthy));
  });

  const fatal: Record<string, Partial<Facts>> = {
    'kernel-modules': { presence: { ...healthy.presence, modules: false } },
    lttng: { version: undefined },
    sessiond: { daemon: { error: 'no session daemon answers' }, tracer: undefined },
    permission: { isRoot: false, daemon: { error: 'no session daemon answers' }, tracer: undefined },
    tracer: { tracer: { error: 'Kernel tracer not available' } },
    relayd: { relayd: false },
  };
  for (const [id, change] of Object.entries(fatal)) {
    it(`says what mends it where ${id} fails, and that live would not work`, () => {
      const facts = { ...healthy, ...change };
      const finding = look(facts).get(id)!;
      assert.equal(finding.ok, false);
      assert.ok(finding.lacks && finding.remedy, 'without consequence or remedy');
      assert.ok(!isLive(facts));
    });
  }

  it('needs sched_switch, and can do without the rest', () => {
    const events = new Set(abilities.events);
    events.delete('sched_switch');
    assert.ok(!isLive(without({ events })));
    const poor = without({ syscalls: false, probes: new Set(), contexts: new Set(['pid_ns', 'cgroup_ns']) });
    assert.ok(isLive(poor));
    const found = look(poor);
    assert.match(found.get('syscalls')!.lacks!, /user_ns, kernel_ns, .* are unknown/);
    assert.equal(found.get('contexts')!.found, 'no mnt_ns, net_ns, ipc_ns, uts_ns, user_ns');
    assert.equal(found.get('contexts')!.ok, true);
    assert.equal(look(without({ contexts: new Set() })).get('contexts')!.ok, false);
  });

  it('tells kernels that cannot be probed from those that throttle in another way', () => {
    const probes = new Set<string>();
    assert.match(look(without({ probes })).get('kprobes')!.found, /no throttle_cfs_rq/);
    const facts = { ...without({ probes }), kernel: '6.18.2' };
    assert.match(look(facts).get('kprobes')!.found, /throttles in another way/);
  });

  it('says which runtime does not answer', () => {
    const status = (name: string, error?: string) => ({
      name,
      endpoint: '/run/x.sock',
      state: error === undefined ? ('reached' as const) : ('unreachable' as const),
      version: '1.2',
      error,
    });
    const runtimes = [status('docker'), status('podman', 'may not be \u001b[31mread')];
    const facts = { ...healthy, inventory: { ...healthy.inventory, runtimes } };
    const { ok, found } = look(facts).get('runtimes')!;
    assert.deepEqual(
      [ok, found],
      [false, 'docker 1.2, podman (may not be \u001b[31mread); 0 containers run'],
    );
    const results = CHECKS.map((check) => ({ ...check, finding: check.look(facts) }));
    const text = doctorText(results, true);
    assert.ok(!text.includes('\u001b'), 'control characters reach the screen');
    assert.match(text, /\nno {2}Container runtimes/);
    assert.match(text, /can trace this machine live\.\n$/);
  });
});
