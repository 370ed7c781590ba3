/** The whole screen: from top to bottom status, meters, crumbs, table (or help), details, footer. */
import { Box } from 'ink';
import { type ReactElement, useSyncExternalStore } from 'react';
import { contextOf } from '../app/dispatch.js';
import type { Menu } from '../app/overlay.js';
import type { Session } from '../app/session.js';
import { framesForTrend, Trends } from '../app/trend.js';
import type { Painter } from '../theme.js';
import { Crumbs } from './crumbs.js';
import { Details, Foot } from './foot.js';
import { Lines } from './Lines.js';
import { Meters } from './meters.js';
import { HelpPage, MENU_WIDTH, menuLines, Notice } from './panels.js';
import { Status } from './status.js';
import { tableLines } from './table.js';

interface AppProps {
  readonly session: Session;
  readonly painter: Painter;
}

export function App({ session, painter }: AppProps): ReactElement {
  useSyncExternalStore(session.subscribe, session.version, session.version);
  const { size, layout, overlay, player } = session;
  if (layout.tooSmall !== undefined) return <Lines lines={[layout.tooSmall.slice(0, size.columns)]} />;
  const state = player.state();
  const width = size.columns;
  const menu = overlay?.kind === 'menu' ? overlay : undefined;
  return (
    <Box flexDirection="column" width={width} height={size.rows}>
      <Status
        player={player}
        state={state}
        width={width}
        hasTotals={layout.hasTotals}
        names={session.options.names?.label}
        painter={painter}
      />
      <Meters cpus={state.frame?.cpus ?? []} width={width} lines={layout.meterLines} painter={painter} />
      <Crumbs session={session} width={width} painter={painter} />
      {overlay?.kind === 'help' ? (
        <HelpPage session={session} top={overlay.top} painter={painter} />
      ) : (
        <Body session={session} menu={menu} painter={painter} />
      )}
      <Details
        view={session.view}
        scope={session.scope}
        frame={state.frame}
        row={session.rows().rows[session.selectedIndex()]}
        columns={session.columns}
        menu={menu}
        lines={layout.detailLines}
        width={width}
        painter={painter}
      />
      <Foot
        context={contextOf(session)}
        prompt={overlay?.kind === 'prompt' ? overlay : undefined}
        message={session.message}
        width={width}
        painter={painter}
      />
    </Box>
  );
}

/** The table, and the menu beside it. */
function Body({ session, menu, painter }: AppProps & { readonly menu: Menu | undefined }): ReactElement {
  const { frame, view, layout, player, size } = session;
  const height = layout.bodyRows;
  if (frame === undefined) {
    return <Notice text="Reading the first interval" height={height + 1} painter={painter} />;
  }
  const width = menu === undefined ? size.columns : size.columns - MENU_WIDTH;
  const { rows, keys, total } = session.rows();
  const columns = session.columnsFor(width);
  const trend = columns.find(({ isTrend }) => isTrend);
  const trends =
    trend === undefined
      ? undefined
      : new Trends(player.recent(framesForTrend(trend.width)), view, trend.column, player.interval);
  const table = tableLines({
    view,
    frame,
    columns,
    rows,
    keys,
    first: session.firstVisible(),
    selected: session.selectedIndex(),
    sort: session.sort,
    trends,
    width,
    height,
    empty:
      total > 0 ? `Nothing here matches '${session.filterText}'. Esc takes the filter away.` : view.empty,
    painter,
  });
  const beside = menu === undefined ? undefined : menuLines(menu, height + 1, painter);
  return <Lines lines={beside === undefined ? table : table.map((line, index) => beside[index] + line)} />;
}
