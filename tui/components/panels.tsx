/** What stands beside the table or in its place: menus, help, notices. */
import { Box } from 'ink';
import type { ReactElement } from 'react';
import { actions, groups } from '../app/actions.js';
import { helpLines } from '../app/help.js';
import type { Menu } from '../app/overlay.js';
import type { Session } from '../app/session.js';
import { cut, fit } from '../text/width.js';
import type { Painter } from '../theme.js';
import { Lines } from './Lines.js';

export const MENU_WIDTH = 18;

interface MenuPanelProps {
  readonly menu: Menu;
  readonly height: number;
  readonly painter: Painter;
}

/** To the left of the table, as in htop. */
export function MenuPanel({ menu, height, painter }: MenuPanelProps): ReactElement {
  const { glyphs } = painter;
  const room = height - 1;
  const top = Math.max(0, menu.selected - room + 1);
  const items = menu.items.slice(top, top + room).map(({ label }, index) => {
    const text = fit(` ${label}`, MENU_WIDTH - 1, 'left', glyphs.ellipsis);
    return painter.paint(top + index === menu.selected ? 'selected' : 'text', text);
  });
  const title = painter.paint('headerSorted', fit(` ${menu.title}`, MENU_WIDTH - 1, 'left', glyphs.ellipsis));
  return (
    <Box width={MENU_WIDTH} flexShrink={0}>
      <Lines lines={[title, ...items]} />
    </Box>
  );
}

interface HelpPageProps {
  readonly session: Session;
  readonly top: number;
  readonly painter: Painter;
}

export function HelpPage({ session, top, painter }: HelpPageProps): ReactElement {
  const height = session.layout.bodyRows + 1;
  const width = session.size.columns;
  const lines = helpLines({ groups, actions }, session.view, width, painter.isUnicode).slice(
    top,
    top + height,
  );
  const drawn = lines.map(({ kind, term, text }) =>
    kind === 'heading'
      ? painter.paint('headerSorted', fit(` ${painter.clean(text)}`, width, 'left', painter.glyphs.ellipsis))
      : ` ${painter.paint('key', term)} ${cut(painter.clean(text), width - term.length - 2, painter.glyphs.ellipsis)}`,
  );
  return <Lines lines={Array.from({ length: height }, (_, index) => drawn[index] ?? '')} />;
}

interface NoticeProps {
  readonly text: string;
  readonly height: number;
  readonly painter: Painter;
}

export function Notice({ text, height, painter }: NoticeProps): ReactElement {
  const lines = Array.from({ length: height }, (_, index) =>
    index === Math.floor(height / 3) ? painter.paint('muted', `  ${text} ${painter.glyphs.ellipsis}`) : '',
  );
  return <Lines lines={lines} />;
}
