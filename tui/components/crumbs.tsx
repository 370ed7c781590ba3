/** The line above the table: the way to it, its filter, how many rows. */
import type { ReactElement } from 'react';
import type { Session } from '../app/session.js';
import { cut, textWidth } from '../text/width.js';
import type { Painter } from '../theme.js';
import { Lines } from './Lines.js';

interface CrumbsProps {
  readonly session: Session;
  readonly width: number;
  readonly painter: Painter;
}

export function Crumbs({ session, width, painter }: CrumbsProps): ReactElement {
  const { glyphs } = painter;
  const { rows, total } = session.rows();
  const count = session.filterText === '' ? `${total}` : `${rows.length} of ${total}`;
  const filter =
    session.filterText === ''
      ? ''
      : `filter: ${cut(painter.clean(session.filterText), 24, glyphs.ellipsis)}  `;
  const way = session.crumbs.map((name) => painter.clean(name)).join(` ${glyphs.crumb} `);
  const right = textWidth(filter) + textWidth(count) + 2;
  const left = cut(` ${way}`, Math.max(0, width - right), glyphs.ellipsis);
  const gap = ' '.repeat(Math.max(1, width - textWidth(left) - right + 1));
  return (
    <Lines
      lines={[
        painter.paint('crumb', left) + gap + painter.paint('accent', filter) + painter.paint('muted', count),
      ]}
    />
  );
}
