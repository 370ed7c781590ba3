/** What the time bar marks: where something began, and bookmarks. */
import type { AnomalyKind } from '../../../analyzers/anomalies.js';
import type { Token } from '../../theme.js';
import type { Session } from '../session.js';
import { ANOMALY_MARKS, anomaliesFor, foremost } from './anomalies.js';

export interface TimeMark {
  /** ns since the player's origin. */
  readonly time: number;
  readonly glyph: 'anomaly' | 'bookmark';
  readonly token: Token;
}

/** Bookmarks lie over what began. */
export function timeMarks(session: Session): TimeMark[] {
  const { player, bookmarks } = session;
  const frames = player.keptFrames();
  const marks: TimeMark[] = [];
  for (let index = 1; index < frames.length; index++) {
    const frame = frames[index]!;
    const kinds = anomaliesFor(session, frame, frames[index - 1]!).map(({ kind }) => kind);
    if (kinds.length === 0) continue;
    const kind = kinds.reduce(foremost, undefined as AnomalyKind | undefined)!;
    marks.push({ time: frame.end, glyph: 'anomaly', token: ANOMALY_MARKS[kind].token });
  }
  for (const { time } of bookmarks.list) {
    marks.push({ time: Number(time - player.origin), glyph: 'bookmark', token: 'strong' });
  }
  return marks;
}
