/** What began in a frame that had not been in the one before: a container held back by something, or refused something. */
import type { ContainerRow, Frame, Why } from './frame.js';

/** `throttled`: by its quota. `crowded`: by others on the CPUs. `blocked`: by disk, network or another container. */
export const anomalyKinds = ['throttled', 'crowded', 'blocked', 'denied'] as const;
export type AnomalyKind = (typeof anomalyKinds)[number];

export interface Anomaly {
  readonly kind: AnomalyKind;
  /** Key and name of the container. */
  readonly container: string;
  readonly name: string;
  /** One short sentence without the name: `quota: throttled 80%, 8 times`. */
  readonly text: string;
}

const KIND_OF: Readonly<Record<Why['kind'], AnomalyKind | undefined>> = {
  quota: 'throttled',
  'crowded out': 'crowded',
  disk: 'blocked',
  network: 'blocked',
  waiting: 'blocked',
  idle: undefined,
  ok: undefined,
};

interface Known {
  /** Held weakly: else each frame would keep the one before it, and so all that ever were. */
  readonly before: WeakRef<Frame>;
  readonly anomalies: readonly Anomaly[];
}

const known = new WeakMap<Frame, Known>();

/** In the order of the containers; made once for each pair of frames. */
export function anomaliesOf(frame: Frame, before: Frame): readonly Anomaly[] {
  const remembered = known.get(frame);
  if (remembered?.before.deref() === before) return remembered.anomalies;
  const anomalies = findAnomalies(frame, before);
  known.set(frame, { before: new WeakRef(before), anomalies });
  return anomalies;
}

function findAnomalies(frame: Frame, before: Frame): Anomaly[] {
  const former = new Map(before.containers.map((row) => [row.key, row]));
  return frame.containers.flatMap((row) => (row.isHost ? [] : begun(row, former.get(row.key))));
}

/** A container that was not there before was free until then. */
function begun(row: ContainerRow, before: ContainerRow | undefined): Anomaly[] {
  if (row === before) return [];
  const { key: container, name, why, denials } = row;
  const anomalies: Anomaly[] = [];
  const kind = why && KIND_OF[why.kind];
  if (why !== undefined && kind !== undefined && kind !== kindOf(before)) {
    anomalies.push({ kind, container, name, text: why.text });
  }
  if (denials !== undefined && denials > 0 && !before?.denials) {
    const times = denials === 1 ? '1 refusal' : `${denials} refusals`;
    anomalies.push({
      kind: 'denied',
      container,
      name,
      text: row.deniedBy === undefined ? times : `${times}: ${row.deniedBy}`,
    });
  }
  return anomalies;
}

function kindOf(row: ContainerRow | undefined): AnomalyKind | undefined {
  return row?.why === undefined ? undefined : KIND_OF[row.why.kind];
}
