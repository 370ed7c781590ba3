/** Going to where something began. */
import { type Anomaly, type AnomalyKind, anomaliesOf } from '../../../analyzers/anomalies.js';
import type { Frame } from '../../../analyzers/frame.js';
import type { Token } from '../../theme.js';
import type { Session } from '../session.js';

/** How each kind is marked, in the order in which one hides another. */
export const ANOMALY_MARKS: Readonly<
  Record<AnomalyKind, { readonly letter: string; readonly token: Token }>
> = {
  denied: { letter: 'D', token: 'critical' },
  throttled: { letter: 'T', token: 'series6' },
  crowded: { letter: 'C', token: 'series2' },
  blocked: { letter: 'B', token: 'series5' },
};
const RANKS = Object.keys(ANOMALY_MARKS) as AnomalyKind[];

/** The one of two that is marked. */
export function foremost(a: AnomalyKind | undefined, b: AnomalyKind): AnomalyKind {
  return a === undefined || RANKS.indexOf(b) < RANKS.indexOf(a) ? b : a;
}

/** What began in the frame for what the screen is narrowed to. */
export function anomaliesFor({ scope, options }: Session, frame: Frame, before: Frame): readonly Anomaly[] {
  const anomalies = anomaliesOf(frame, before);
  const names = options.names?.matches;
  if (names === undefined && scope.container === undefined) return anomalies;
  return anomalies.filter(
    ({ container, name }) =>
      (names?.(name) ?? true) && (scope.container === undefined || container === scope.container.key),
  );
}

/** Shows the next interval in which something began (or the one before), and says what. */
export function findAnomaly(session: Session, direction: 1 | -1): void {
  const { player } = session;
  const tell = () => {
    const [frame, before] = player.recent(2).toReversed();
    if (frame === undefined || before === undefined) return;
    const told = anomaliesFor(session, frame, before).map(({ name, text }) => `${name}: ${text}`);
    session.message = told.join('; ');
  };
  let isMissing = false;
  player.find(
    direction,
    (frame, before) => {
      if (anomaliesFor(session, frame, before).length === 0) return false;
      // The frame is shown after this has returned.
      queueMicrotask(() => session.update(tell));
      return true;
    },
    () => {
      isMissing = true;
      session.update(() => {
        session.message =
          direction === 1 ? 'Nothing more began.' : 'Nothing began before, as far back as is kept.';
      });
    },
  );
  if (!isMissing && player.state().reading !== undefined) session.message = 'Looking for the next anomaly …';
}
