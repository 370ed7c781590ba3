/** The last lines: what the selected row does not show in the table, then hints or a message. */
import type { Column } from '../../analyzers/columns/column.js';
import type { Frame } from '../../analyzers/frame.js';
import type { Context } from '../app/actions/action.js';
import type { PlacedColumn } from '../app/columns.js';
import { contextOf } from '../app/dispatch.js';
import { keyName } from '../app/key-names.js';
import type { Menu } from '../app/overlay.js';
import type { Session } from '../app/session.js';
import type { View } from '../app/views.js';
import { formatValue } from '../text/format.js';
import { cut, textWidth, wrap } from '../text/width.js';
import type { Painter } from '../theme.js';

interface DetailsProps {
  readonly view: View;
  readonly frame: Frame | undefined;
  readonly row: unknown;
  readonly columns: readonly PlacedColumn[];
  /** Those that the screen would show if there were room. */
  readonly offered: readonly Column<unknown>[];
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
  { view, frame, row, columns, offered }: Omit<DetailsProps, 'lines' | 'width' | 'painter' | 'menu'>,
  painter: Painter,
): string {
  if (row === undefined || frame === undefined) return '';
  const shown = new Set(columns.map(({ column }) => column.id));
  const parts = [painter.clean(view.name(row, frame))];
  const reasons = new Map<string, string[]>();
  for (const column of offered) {
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

export function footLine(session: Session, width: number, painter: Painter): string {
  const { message } = session;
  if (message === undefined) return hints(session, width, painter);
  return painter.paint('warning', ` ${cut(painter.clean(message), width - 2, painter.glyphs.ellipsis)}`);
}

/** `F1 Help F2 Views …`, as many as fit, spare ones last: F-keys as they lie on the keyboard, then the others. */
function hints(session: Session, width: number, painter: Painter): string {
  const { keymap } = session.options;
  const context = contextOf(session);
  const hinted = keymap.actions
    .filter(
      ({ hint, where, applies }) => hint !== undefined && where === context && (applies?.(session) ?? true),
    )
    .map((action) => ({ ...action, hint: action.hint!, key: hintKey(keymap.keysOf(action), context) }))
    .filter(({ key }) => key !== undefined)
    .map((action) => ({ ...action, name: keyName(action.key!, painter.isUnicode) }))
    .sort((a, b) => functionKey(a.key!) - functionKey(b.key!));
  const fitting = new Set<string>();
  let used = 0;
  for (const { id, name, hint } of [...hinted].sort((a, b) => (a.spare ?? 0) - (b.spare ?? 0))) {
    const needed = textWidth(name) + hint.length + 2;
    if (used + needed > width) continue;
    fitting.add(id);
    used += needed;
  }
  return hinted
    .filter(({ id }) => fitting.has(id))
    .map(({ name, hint }) => ` ${painter.paint('key', name)} ${painter.paint('label', hint)}`)
    .join('');
}

/** Number of the F-key; other keys come after all of them. */
function functionKey(key: string): number {
  return /^f\d+$/.test(key) ? Number(key.slice(1)) : Number.MAX_SAFE_INTEGER;
}

/** Over the table the F-key where there is one, else the first; undefined for none. */
function hintKey(keys: readonly string[], context: Context): string | undefined {
  return (context === 'table' ? keys.find((key) => /^f\d/.test(key)) : undefined) ?? keys[0];
}
