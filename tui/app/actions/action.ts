import type { Place } from '../../terminal/keys.js';
import type { Session } from '../session.js';

/** Where an action applies. `line` actions come before the keys that edit the line. */
export type Context = 'table' | 'menu' | 'help' | 'line' | 'anywhere';

/** In the order of help and documents. */
export const groups = ['Move', 'Look', 'Sort and filter', 'Time', 'Menus and lines', 'boxtop'] as const;
export type Group = (typeof groups)[number];

/** Something that a key can do. */
export interface Action {
  /** Stable: configurations name it, and it is the action's word in the palette. */
  readonly id: string;
  readonly keys: readonly string[];
  readonly title: string;
  readonly group: Group;
  readonly where: Context;
  /** Short label for the footer; only there where it helps most. */
  readonly hint?: string;
  /** Where not all hints fit, those with a higher number are left out of the footer first. */
  readonly spare?: number;
  /** It means something only by the key that was pressed, so that the palette does not offer it. */
  readonly byKeyOnly?: true;
  /** Whether its hint makes sense now; always, if undefined. */
  applies?(session: Session): boolean;
  /** `place` is where the mouse was. */
  run(session: Session, key: string, place?: Place): void;
}

/** Actions of one group that apply in one place. */
export function actionsOf(
  group: Group,
  where: Context,
  entries: readonly Omit<Action, 'group' | 'where'>[],
): Action[] {
  return entries.map((entry) => ({ ...entry, group, where }));
}

export function halfPage(session: Session): number {
  return Math.max(1, Math.floor(session.layout.bodyRows / 2));
}
