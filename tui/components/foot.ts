/** The last lines: what the selected row does not show in the table, then hints or a message. */
import type { Frame } from '../../analyzers/frame.js';
import type { Action, Context } from '../app/actions/action.js';
import { actions } from '../app/actions.js';
import type { PlacedColumn } from '../app/columns.js';
import { keyName } from '../app/key-names.js';
import type { Menu } from '../app/overlay.js';
import { type Scope, screenColumns, type View } from '../app/views.js';
import { formatValue } from '../text/format.js';
import { cut, textWidth, wrap } from '../text/width.js';
import type { Painter } from '../theme.js';

interface DetailsProps {
  readonly view: View;
  readonly scope: Scope;
  readonly frame: Frame | undefined;
  readonly row: unknown;
  readonly columns: readonly PlacedColumn[];
  readonly menu: Menu | undefined;
  readonly lines: number;
  readonly width: number;
  readonly painter: Painter;
}

export function detailLines({ lines, width, painter, ...props }: DetailsProps): string[] {
  const { ellipsis } = painter.glyphs;
  const doc = props.menu?.items[props.menu.selected]?.doc;
  const text = doc === undefined ? detailsOf(props, painter) : painter.clean(doc);
  const wrapped = wrap(text, width - 2);
  const shown = Array.from({ length: lines }, (_, index) =>
    index === lines - 1 ? wrapped.slice(index).join(' ') : (wrapped[index] ?? ''),
  );
  return shown.map((line) => painter.paint('muted', ` ${cut(line, width - 2, ellipsis)}`));
}

/** Ids have 64 characters, of which the first 12 tell them apart. */
const LONGEST_DETAIL = 24;

/** The row's whole name, the columns that do not fit, and why values are unknown. */
function detailsOf(
  { view, scope, frame, row, columns }: Omit<DetailsProps, 'lines' | 'width' | 'painter' | 'menu'>,
  painter: Painter,
): string {
  if (row === undefined || frame === undefined) return '';
  const shown = new Set(columns.map(({ column }) => column.id));
  const parts = [painter.clean(view.name(row, frame))];
  const reasons = new Map<string, string[]>();
  for (const column of screenColumns(view, scope)) {
    const value = formatValue(column.unit, column.value(row, frame));
    if (value === undefined && column.unknown !== undefined) {
      reasons.set(column.unknown, [...(reasons.get(column.unknown) ?? []), column.title]);
    } else if (value !== undefined && !shown.has(column.id)) {
      parts.push(`${column.title} ${cut(painter.clean(value), LONGEST_DETAIL, painter.glyphs.ellipsis)}`);
    }
  }
  for (const [reason, titles] of reasons)
    parts.push(`${titles.join(', ')} ${painter.glyphs.unknown}: ${painter.clean(reason)}`);
  return parts.join(` ${painter.glyphs.separator} `);
}

interface FootProps {
  readonly context: Context;
  readonly message: string | undefined;
  readonly width: number;
  readonly painter: Painter;
}

export function footLine({ context, message, width, painter }: FootProps): string {
  if (message === undefined) return hints(context, width, painter);
  return painter.paint('warning', ` ${cut(painter.clean(message), width - 2, painter.glyphs.ellipsis)}`);
}

/** `F1 Help  F2 Views …`, as many as fit: F-keys as they lie on the keyboard, then the others. */
function hints(context: Context, width: number, painter: Painter): string {
  let line = '';
  let used = 0;
  const hinted = actions.filter(({ hint, where }) => hint !== undefined && where === context);
  for (const action of hinted.sort((a, b) => functionKey(a) - functionKey(b))) {
    if (action.hint === undefined) continue;
    const key = hintKey(action, painter.isUnicode);
    const needed = textWidth(key) + 1 + action.hint.length + 2;
    if (used + needed > width) continue;
    line += ` ${painter.paint('key', key)} ${painter.paint('label', action.hint)}`;
    used += needed;
  }
  return line;
}

/** Number of the action's F-key; after all of them for actions without one. */
function functionKey({ keys }: Action): number {
  const key = keys.find((name) => /^f\d/.test(name));
  return key === undefined ? Number.MAX_SAFE_INTEGER : Number(key.slice(1));
}

/** The F-key where there is one, else the first. */
function hintKey({ keys }: Action, isUnicode: boolean): string {
  return keyName(keys.find((key) => /^f\d/.test(key)) ?? keys[0]!, isUnicode);
}
