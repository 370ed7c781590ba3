/** What the mouse does, by where things stand on the screen. */
import type { Place } from '../terminal/keys.js';
import { MENU_WIDTH } from './layout.js';
import type { Session } from './session.js';

/** Rows that the wheel moves by. */
export const WHEEL_ROWS = 3;

/** A row is selected; a title sorts by its column. @returns whether it was a row. */
export function clickTable(session: Session, place: Place | undefined): boolean {
  if (place === undefined) return false;
  const line = place.row - session.layout.tableTop;
  if (line === 0) sortByTitle(session, place.column);
  if (line < 1 || line > session.layout.tableRows) return false;
  const index = session.firstVisible() + line - 1;
  if (index >= session.rows().rows.length) return false;
  session.moveTo(index);
  return true;
}

function sortByTitle(session: Session, at: number): void {
  let right = session.columnsFrom;
  for (const { column, width, isTrend } of session.columns) {
    right += width + 1;
    if (at >= right) continue;
    if (!isTrend) session.sortBy(column.id);
    return;
  }
}

/** The item of the menu that was clicked; undefined beside the menu. */
export function clickedItem(session: Session, place: Place | undefined): number | undefined {
  const { overlay, layout } = session;
  if (overlay?.kind !== 'menu' || place === undefined || place.column >= MENU_WIDTH) return undefined;
  const room = layout.bodyRows;
  const line = place.row - layout.bodyTop - 1;
  const index = Math.max(0, overlay.selected - room + 1) + line;
  return line >= 0 && line < room && index < overlay.items.length ? index : undefined;
}
