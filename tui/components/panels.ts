/** What stands beside the table or in its place: menus, help, notices. */
import { helpLines } from '../app/help.js';
import { MENU_WIDTH } from '../app/layout.js';
import type { Menu, MenuItem } from '../app/overlay.js';
import type { Page } from '../app/page.js';
import type { Session } from '../app/session.js';
import { cut, fit, textWidth } from '../text/width.js';
import type { Painter } from '../theme.js';

/** To the left of the table, as in htop: `height` lines of MENU_WIDTH columns. */
export function menuLines(menu: Menu, height: number, painter: Painter): string[] {
  const { glyphs } = painter;
  const line = (text: string): string => fit(text, MENU_WIDTH - 1, 'left', glyphs.ellipsis);
  const room = height - 1;
  const top = Math.max(0, menu.selected - room + 1);
  return Array.from({ length: height }, (_, index) => {
    if (index === 0) return `${painter.paint('headerSorted', line(` ${menu.title}`))} `;
    const item = menu.items[top + index - 1];
    const token = top + index - 1 === menu.selected ? 'selected' : 'text';
    return `${painter.paint(token, line(item === undefined ? '' : ` ${markOf(item, painter)}${item.label}`))} `;
  });
}

function markOf({ mark }: MenuItem, painter: Painter): string {
  if (mark === undefined) return '';
  return mark ? `${painter.glyphs.meter.containers} ` : '  ';
}

/** The help in the table's place. */
export function helpPage(session: Session, top: number, painter: Painter): string[] {
  const height = session.layout.bodyRows + 1;
  const width = session.size.columns;
  const lines = helpLines(session.options.keymap, session.view, width, painter.isUnicode).slice(
    top,
    top + height,
  );
  const drawn = lines.map(({ kind, term, text }) =>
    kind === 'heading'
      ? painter.paint('headerSorted', fit(` ${painter.clean(text)}`, width, 'left', painter.glyphs.ellipsis))
      : ` ${painter.paint('key', term)} ${cut(painter.clean(text), width - term.length - 2, painter.glyphs.ellipsis)}`,
  );
  return Array.from({ length: height }, (_, index) => drawn[index] ?? '');
}

/** `height` lines of a page, its title above them. */
export function pageLines(page: Page, width: number, height: number, painter: Painter): string[] {
  const { ellipsis } = painter.glyphs;
  const title = painter.paint('headerSorted', fit(` ${painter.clean(page.title)}`, width, 'left', ellipsis));
  const shown = page.lines.slice(page.top, page.top + height - 1).map((parts) => {
    let line = '';
    let room = width;
    for (const { text, token } of parts) {
      const part = cut(painter.clean(text), room, ellipsis);
      line += painter.paint(token, part);
      room -= textWidth(part);
    }
    return line;
  });
  return Array.from({ length: height }, (_, index) => (index === 0 ? title : (shown[index - 1] ?? '')));
}

/** A sentence in the table's place. */
export function notice(text: string, height: number, painter: Painter): string[] {
  return Array.from({ length: height }, (_, index) =>
    index === Math.floor(height / 3) ? painter.paint('muted', `  ${text} ${painter.glyphs.ellipsis}`) : '',
  );
}
