/** The view of waits: where each container's thread time went, as bars, and below who had the CPUs that others waited for. */
import type { ContainerRow, Frame, PairRow } from '../../analyzers/frame.js';
import { ledgerShares, ledgerStates } from '../app/ledger.js';
import { type Matrix, matrixOf } from '../app/matrix.js';
import type { Session } from '../app/session.js';
import { apportion } from '../charts/plain.js';
import { formatDuration, formatValue } from '../text/format.js';
import { cut, fit } from '../text/width.js';
import type { Painter, Token } from '../theme.js';
import { legendText } from './history.js';

const NAME_WIDTH = 20;
const VALUE_WIDTH = 8;
/** The verdict stands beside the bar from this width on. */
const ROOMY = 110;
const WHY_WIDTH = 44;
const CELL_WIDTH = 9;
/** Title, names of the culprits, and two victims. */
const LEAST_MATRIX = 4;
/** Shares of the largest cell from which a wait is marked. */
const WARNING_SHARE = 0.25;
const CRITICAL_SHARE = 0.6;

/** `height` lines. */
export function waitsLines(session: Session, width: number, height: number, painter: Painter): string[] {
  const { frame } = session;
  if (frame === undefined) return [];
  const bars = barLines(session, frame, width, painter);
  const rest = height - bars.length;
  const hasTwo = rest >= 2 * LEAST_MATRIX + frame.containers.length;
  const first = hasTwo ? Math.ceil(rest / 2) : rest;
  const lines = [
    ...bars,
    ...matrixLines(session, frame.waits ?? [], WAITS_TITLE, width, first, painter),
    ...(hasTwo
      ? matrixLines(session, frame.blockers ?? [], BLOCKERS_TITLE, width, rest - first, painter)
      : []),
  ];
  return Array.from({ length: height }, (_, index) => lines[index] ?? '');
}

const WAITS_TITLE = 'Who had the CPUs: victims wait, the longest first, for those at the top';
const BLOCKERS_TITLE = 'For whom they were blocked: until a thread of those at the top woke them up';

/** Its header, and a line for each container that can be seen. */
function barLines(session: Session, frame: Frame, width: number, painter: Painter): string[] {
  const { layout, sort, view } = session;
  const { ellipsis, descending, ascending } = painter.glyphs;
  const { rows } = session.rows();
  const first = session.firstVisible();
  const column = view.table.columns.find(({ id }) => id === sort.column);
  const hasValue = column !== undefined && column.unit !== 'text';
  const whyWidth = width >= ROOMY ? WHY_WIDTH + 1 : 0;
  const barWidth = width - NAME_WIDTH - 1 - (hasValue ? VALUE_WIDTH + 1 : 0) - whyWidth;
  const mark = sort.descending ? descending : ascending;
  const header = [
    painter.paint(
      sort.column === 'name' ? 'headerSorted' : 'header',
      fit(sort.column === 'name' ? `NAME${mark}` : 'NAME', NAME_WIDTH, 'left', ellipsis),
    ),
    hasValue
      ? painter.paint('headerSorted', ` ${fit(column.title + mark, VALUE_WIDTH, 'right', ellipsis)}`)
      : '',
    painter.paint('header', ` ${fit('WHERE THE TIME OF ITS THREADS WENT', barWidth, 'left', ellipsis)}`),
    whyWidth === 0 ? '' : painter.paint('header', ` ${fit('WHY', WHY_WIDTH, 'left', ellipsis)}`),
  ].join('');
  const selected = session.selectedIndex();
  const lines = (rows as readonly ContainerRow[]).slice(first, first + layout.tableRows).map((row, index) => {
    const isSelected = first + index === selected;
    const look = (token: Token): Token => (isSelected ? 'selected' : token);
    const value = hasValue
      ? (formatValue(column.unit, column.value(row, frame)) ?? painter.glyphs.unknown)
      : '';
    const why = painter.clean(row.why?.text ?? painter.glyphs.unknown);
    return [
      painter.paint(
        look(row.isHost ? 'host' : 'strong'),
        fit(painter.clean(row.name), NAME_WIDTH, 'left', ellipsis),
      ),
      hasValue ? painter.paint(look('text'), ` ${fit(value, VALUE_WIDTH, 'right', ellipsis)}`) : '',
      painter.paint(look('text'), ' '),
      bar(row, barWidth, painter),
      whyWidth === 0 ? '' : painter.paint(look('text'), ` ${fit(why, WHY_WIDTH, 'left', ellipsis)}`),
    ].join('');
  });
  if (lines.length === 0) lines.push(painter.paint('muted', ` ${view.empty}`));
  return [header, ...lines, ` ${legendText(painter, width - 1)}`];
}

/** Each state as wide as its share; its letter once, or all along where there are no colours. */
function bar(row: ContainerRow, width: number, painter: Painter): string {
  const shares = ledgerShares([row]);
  if (shares === undefined)
    return painter.paint('muted', fit(` ${painter.glyphs.unknown}`, width, 'left', ''));
  return apportion(shares, width)
    .map((count, index) => {
      const { letter, token } = ledgerStates[index]!;
      const isFilled = painter.theme[token].bg !== undefined;
      const text = isFilled ? letter.padEnd(count) : letter.repeat(count);
      return count === 0 ? '' : painter.paint(token, text);
    })
    .join('');
}

/** A title, the culprits, and victims line by line, as many as fit. */
function matrixLines(
  session: Session,
  pairs: readonly PairRow[],
  title: string,
  width: number,
  height: number,
  painter: Painter,
): string[] {
  if (height < LEAST_MATRIX) return [];
  const { ellipsis } = painter.glyphs;
  const { scope, options } = session;
  const most = Math.floor((width - NAME_WIDTH) / (CELL_WIDTH + 1)) - 1;
  const matrix = matrixOf(
    pairs.filter(
      ({ victim, victimName }) =>
        (scope.container === undefined || victim === scope.container.key) &&
        (options.names?.matches(victimName) ?? true),
    ),
    most,
  );
  const head = painter.paint('header', fit(` ${title}`, width, 'left', ellipsis));
  if (matrix.victims.length === 0) return [head, painter.paint('muted', '  Nobody in this interval.')];
  const names = matrix.culprits.map(
    ({ name }) => ` ${fit(painter.clean(name), CELL_WIDTH, 'right', ellipsis)}`,
  );
  const heading = painter.paint(
    'label',
    `${' '.repeat(NAME_WIDTH) + names.join('')} ${'ALL'.padStart(CELL_WIDTH)}`,
  );
  const selected = session.selectedKey();
  const lines = matrix.victims.slice(0, height - 2).map((victim) => {
    const name = fit(painter.clean(victim.name), NAME_WIDTH, 'left', ellipsis);
    const cells = victim.cells.map((ns) => cell(ns, matrix, painter));
    return (
      painter.paint(victim.key === selected ? 'selected' : 'strong', name) +
      cells.join('') +
      painter.paint('strong', ` ${formatDuration(victim.ns).padStart(CELL_WIDTH)}`)
    );
  });
  const left = matrix.victims.length - lines.length;
  if (left > 0)
    lines[lines.length - 1] = painter.paint('muted', cut(`  and ${left + 1} more`, width, ellipsis));
  return [head, heading, ...lines];
}

function cell(ns: number, { most }: Matrix, painter: Painter): string {
  const share = most === 0 ? 0 : ns / most;
  const token: Token =
    share >= CRITICAL_SHARE ? 'critical' : share >= WARNING_SHARE ? 'warning' : ns === 0 ? 'muted' : 'text';
  return painter.paint(
    token,
    ` ${(ns === 0 ? painter.glyphs.separator : formatDuration(ns)).padStart(CELL_WIDTH)}`,
  );
}
