import type { Container } from '../container.js';
import type { PairRow } from '../frame.js';
import { type Counterpart, type Counterparts, IDLE, NOBODY_KNOWS, Uncontained } from './counterparts.js';

/** The sums of some containers by whom they waited for, as rows. */
export function pairRows(
  containers: readonly Container[],
  sumsOf: (container: Container) => Counterparts,
  host: string | undefined,
  nameOf: (container: Container) => string,
): PairRow[] {
  return containers.flatMap((container) =>
    [...sumsOf(container)].map(([counterpart, ns]) => ({
      host,
      victim: container.key,
      victimName: nameOf(container),
      culprit: counterpart.key,
      culpritName: counterpart instanceof Uncontained ? counterpart.name : nameOf(counterpart),
      ns,
    })),
  );
}

/** Whom the container waited for longest, itself left out; undefined where that is nobody. */
export function foremost(sums: Counterparts, itself: Container): Counterpart | undefined {
  let best: Counterpart | undefined;
  let most = 0;
  for (const [counterpart, ns] of sums) {
    if (counterpart === itself || counterpart === IDLE || counterpart === NOBODY_KNOWS || ns <= most)
      continue;
    best = counterpart;
    most = ns;
  }
  return best;
}
