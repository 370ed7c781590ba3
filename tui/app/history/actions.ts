/** What keys do with the history. */
import type { ContainerRow } from '../../../analyzers/frame.js';
import type { Session } from '../session.js';
import { chartColumn, chartOffers, MOST_SERIES } from './charted.js';
import { foremostContainers } from './series.js';

/** Keys of the containers that are drawn. The host is so only where somebody asked for it. */
export function chartedKeys(session: Session): readonly string[] {
  const { player, charted, options, scope } = session;
  const column = charted.charts.map(chartColumn).find((each) => each !== undefined);
  const chosen = charted.containers;
  const isOffered = (row: ContainerRow) =>
    (scope.container === undefined ? !row.isHost : row.key === scope.container.key) &&
    (options.names?.matches(row.name) ?? true);
  if (chosen === undefined || scope.container !== undefined)
    return foremostContainers(player.keptFrames(), column ?? chartColumn('cpu_pct')!, MOST_SERIES, isOffered);
  return [...chosen];
}

/** To the history of what one is in; in it, the menu of charts. */
export function openHistory(session: Session): void {
  if (session.view.id !== 'history') {
    session.showView('history');
    return;
  }
  const { charted } = session;
  session.overlay = {
    kind: 'menu',
    title: 'Charts',
    items: chartOffers.map(({ id, title, doc }) => ({
      id,
      label: `${charted.charts.includes(id) ? '*' : ' '} ${title}`,
      doc,
    })),
    selected: Math.max(
      0,
      chartOffers.findIndex(({ id }) => id === charted.charts[0]),
    ),
    choose: (id) => charted.toggleChart(id),
  };
}

export function toggleDrawn(session: Session): void {
  const key = session.selectedKey();
  if (session.view.id !== 'history' || key === undefined) {
    session.message = 'Containers are drawn in the history: y shows it.';
    return;
  }
  session.message = session.charted.toggleContainer(key, chartedKeys(session));
}
