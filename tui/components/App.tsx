/** The whole screen: from top to bottom status, meters, crumbs, table (or help), details, footer. */
import { Box } from 'ink';
import { type ReactElement, useSyncExternalStore } from 'react';
import { MENU_WIDTH, SWATCH_WIDTH } from '../app/layout.js';
import type { Menu } from '../app/overlay.js';
import type { Session } from '../app/session.js';
import { timeMarks } from '../app/time/marks.js';
import { framesForTrend, Trends } from '../app/trend.js';
import type { Painter } from '../theme.js';
import { Crumbs } from './crumbs.js';
import { detailLines, footLine } from './foot.js';
import { withHistory } from './history.js';
import { Lines } from './Lines.js';
import { Meters } from './meters.js';
import { helpPage, menuLines, notice, pageLines } from './panels.js';
import { promptLines } from './prompt.js';
import { Status } from './status.js';
import { tableLines } from './table.js';
import { waitsLines } from './waits.js';

interface AppProps {
  readonly session: Session;
  readonly painter: Painter;
}

export function App({ session, painter }: AppProps): ReactElement {
  useSyncExternalStore(session.subscribe, session.version, session.version);
  const { size, layout, player } = session;
  if (layout.tooSmall !== undefined) return <Lines lines={[layout.tooSmall.slice(0, size.columns)]} />;
  const state = player.state();
  const width = size.columns;
  return (
    <Box flexDirection="column" height={size.rows}>
      <Status
        player={player}
        state={state}
        width={width}
        hasTotals={layout.hasTotals}
        isRecording={session.isRecording}
        names={session.options.names?.label}
        marks={timeMarks(session)}
        painter={painter}
      />
      <Meters cpus={state.frame?.cpus ?? []} width={width} lines={layout.meterLines} painter={painter} />
      <Crumbs session={session} width={width} painter={painter} />
      <Lines lines={lowerLines(session, painter)} />
    </Box>
  );
}

/** From the table down: what is being typed, and its choices, lie over the last lines. */
function lowerLines(session: Session, painter: Painter): string[] {
  const { overlay, layout, size, frame } = session;
  const width = size.columns;
  const menu = overlay?.kind === 'menu' ? overlay : undefined;
  const body =
    overlay?.kind === 'help'
      ? helpPage(session, overlay.top, painter)
      : overlay?.kind === 'page'
        ? pageLines(overlay, size.columns, layout.bodyRows + 1, painter)
        : bodyLines(session, menu, painter);
  const details = detailLines({
    view: session.view,
    frame,
    row: session.rows().rows[session.selectedIndex()],
    columns: session.columns,
    offered: session.screenColumns,
    menu,
    lines: layout.detailLines,
    width,
    painter,
  });
  const lines = [...body, ...details];
  const foot =
    overlay?.kind === 'prompt'
      ? promptLines(overlay, width, Math.floor(lines.length * 0.7), painter)
      : [footLine(session, width, painter)];
  return [...lines.slice(0, lines.length + 1 - foot.length), ...foot];
}

/** The table, and the menu beside it. */
function bodyLines(session: Session, menu: Menu | undefined, painter: Painter): string[] {
  const { frame, view, layout, player, size } = session;
  const height = layout.bodyRows;
  if (frame === undefined) return notice('Reading the first interval', height + 1, painter);
  const width = menu === undefined ? size.columns : size.columns - MENU_WIDTH;
  const beside = menu === undefined ? undefined : menuLines(menu, height + 1, painter);
  const withMenu = (lines: string[]) =>
    beside === undefined ? lines : lines.map((line, index) => beside[index] + line);
  if (view.panel?.id === 'waits') return withMenu(waitsLines(session, width, height + 1, painter));
  const { rows, branches, total } = session.rows();
  const columns = session.columnsFor(view.panel?.id === 'history' ? width - SWATCH_WIDTH : width);
  const trend = columns.find(({ isTrend }) => isTrend);
  const trends =
    trend === undefined
      ? undefined
      : new Trends(player.recent(framesForTrend(trend.width)), view, trend.column, player.interval);
  const lines = tableLines({
    view,
    frame,
    columns,
    rows,
    branches,
    first: session.firstVisible(),
    selected: session.selectedIndex(),
    sort: session.sort,
    trends,
    width: view.panel?.id === 'history' ? width - SWATCH_WIDTH : width,
    height: layout.tableRows,
    empty:
      total > 0 ? `Nothing here matches '${session.filterText}'. Esc takes the filter away.` : view.empty,
    painter,
  });
  const table = view.panel?.id === 'history' ? withHistory(lines, session, width, painter) : lines;
  return withMenu(table);
}
