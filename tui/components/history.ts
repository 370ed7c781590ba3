/** The charts of the history: one below the other on the same axis of time, with the marks of what began when. */
import { type AnomalyKind, anomaliesOf } from '../../analyzers/anomalies.js';
import type { Frame } from '../../analyzers/frame.js';
import { chartedKeys } from '../app/history/actions.js';
import { chartColumn, LEDGER } from '../app/history/charted.js';
import { scaleFor } from '../app/history/scale.js';
import { ledgerOf, seriesOf } from '../app/history/series.js';
import { type ChartSpan, chartSpan, columnsOf } from '../app/history/span.js';
import { SWATCH_WIDTH } from '../app/layout.js';
import { ledgerStates } from '../app/ledger.js';
import type { Session } from '../app/session.js';
import { ANOMALY_MARKS, foremost } from '../app/time/anomalies.js';
import { AXIS_LINES, type ChartKit, LEAST_AXIS_WIDTH } from '../charts/chart.js';
import { withCursor } from '../charts/cursor.js';
import { SERIES_TOKENS } from '../charts/looks.js';
import { decimalsFor, formatClock } from '../text/format.js';
import { fit, textWidth } from '../text/width.js';
import type { Painter } from '../theme.js';

/** Its title, values, and the axis; below the last one stand labels, too. */
const LEAST_CHART = 9;
/** A sentence that is cut to less than this says nothing. */
const LEAST_DOC = 8;
const AXIS_WIDTH = Math.max(LEAST_AXIS_WIDTH, 7);

interface Setting {
  readonly session: Session;
  readonly painter: Painter;
  readonly kit: ChartKit;
  readonly frames: readonly Frame[];
  readonly span: ChartSpan;
  readonly labels: readonly string[];
  readonly width: number;
}

/** `height` lines: charts as there is room, at least one, and the marks below. */
function historyLines(session: Session, width: number, height: number, painter: Painter): string[] {
  const { player, charts, charted } = session;
  const span = chartSpan(player, player.state(), width - AXIS_WIDTH);
  const setting: Setting = {
    session,
    painter,
    kit: charts.kit(painter),
    frames: player.keptFrames(),
    span,
    labels: labelsOf(session, span),
    width,
  };
  const room = height - 1;
  const count = Math.max(1, Math.min(charted.charts.length, Math.floor(room / LEAST_CHART)));
  const shown = charted.charts.slice(0, count);
  const lines = shown.flatMap((id, index) => {
    const from = Math.floor((room * index) / count);
    const to = Math.floor((room * (index + 1)) / count);
    const isLast = index === count - 1;
    return chartLines(setting, id, isLast ? to - from : to - from + 1, index === 0).slice(0, to - from);
  });
  const drawn = [...lines, marksLine(setting)].slice(0, height);
  const { frame } = session;
  const cursor = frame === undefined ? undefined : columnsOf(span, frame.begin, frame.end)[0];
  return cursor === undefined ? drawn : withCursor(drawn, width, AXIS_WIDTH + cursor);
}

function labelsOf({ player }: Session, { begin, columnNs, columns }: ChartSpan): string[] {
  const decimals = columnNs >= 1e9 ? 0 : decimalsFor(player.interval);
  return Array.from({ length: columns }, (_, index) =>
    formatClock(player.origin + BigInt(Math.round(begin + index * columnNs)), decimals),
  );
}

function chartLines(setting: Setting, id: string, height: number, isFirst: boolean): string[] {
  return id === LEDGER ? ledgerChart(setting, height, isFirst) : columnChart(setting, id, height, isFirst);
}

function columnChart(setting: Setting, id: string, height: number, isFirst: boolean): string[] {
  const { session, kit, frames, span, labels, width } = setting;
  const column = chartColumn(id)!;
  const keys = chartedKeys(session);
  const selected = session.selectedKey();
  const series = keys.map((key, index) => ({
    key,
    values: seriesOf(frames, span, key, column),
    token: SERIES_TOKENS[index]!,
    letter: seriesLetter(index),
  }));
  const most = Math.max(0, ...series.flatMap(({ values }) => values.filter((value) => value !== undefined)));
  const scale = scaleFor(column.unit, most, height - 1 - AXIS_LINES);
  const drawn = kit.lines({
    width,
    height: height - 1,
    axisWidth: AXIS_WIDTH,
    labels,
    max: scale.max,
    step: scale.step,
    series: series
      .sort((a, b) => Number(a.key === selected) - Number(b.key === selected))
      .map((one) => ({ ...one, values: one.values.map((value) => value && value / scale.divisor) })),
  });
  const unit = scale.unit === '' ? '' : ` in ${scale.unit}`;
  return [titleLine(setting, `${column.title}${unit}`, column.doc, isFirst), ...drawn];
}

function ledgerChart(setting: Setting, height: number, isFirst: boolean): string[] {
  const { session, painter, kit, frames, span, labels, width } = setting;
  const key = session.selectedKey();
  const row = session.frame?.containers.find((each) => each.key === key);
  const name = row === undefined ? '' : ` of ${painter.clean(row.name)}`;
  const drawn = kit.bars({
    width,
    height: height - 1,
    axisWidth: AXIS_WIDTH,
    labels,
    bars: key === undefined ? labels.map(() => undefined) : ledgerOf(frames, span, key),
    parts: ledgerStates,
  });
  return [titleLine(setting, `LEDGER${name}`, undefined, isFirst), ...drawn];
}

/** Title and meaning, of the ledger its legend; of the first chart what the marks below all charts mean. */
function titleLine(
  { painter, width }: Setting,
  title: string,
  doc: string | undefined,
  isFirst: boolean,
): string {
  const head = ` ${title} `;
  const room = width - textWidth(head) - 2;
  const legend = marksLegend(painter);
  const marks = isFirst && room - legend.width >= LEAST_DOC ? legend : { text: '', width: 0 };
  const rest = room - marks.width;
  const tail =
    doc === undefined
      ? legendText(painter, rest)
      : painter.paint('muted', fit(doc, rest, 'left', painter.glyphs.ellipsis));
  return `${painter.paint(isFirst ? 'headerSorted' : 'header', head)} ${tail} ${marks.text}`;
}

function marksLegend(painter: Painter): { text: string; width: number } {
  const marks = Object.entries(ANOMALY_MARKS);
  return {
    text: marks
      .map(([kind, { letter, token }]) => `${painter.paint(token, letter)} ${painter.paint('muted', kind)}`)
      .join(' '),
    width: marks.reduce((sum, [kind]) => sum + kind.length + 3, -1),
  };
}

/** `R running T throttled …`, as much as fits. */
export function legendText(painter: Painter, width: number): string {
  let text = '';
  let used = 0;
  for (const { letter, title, token } of ledgerStates) {
    const needed = title.length + 3;
    if (used + needed > width) break;
    text += `${painter.paint(token, letter)} ${painter.paint('muted', title)} `;
    used += needed;
  }
  return text;
}

/** What began in which column for the containers that are drawn. */
function marksLine({ session, painter, frames, span }: Setting): string {
  const keys = new Set(chartedKeys(session));
  const kinds = new Array<AnomalyKind | undefined>(span.columns).fill(undefined);
  for (let index = 1; index < frames.length; index++) {
    const frame = frames[index]!;
    const [column] = columnsOf(span, frame.begin, frame.end);
    if (column >= span.columns) continue;
    for (const { kind, container } of anomaliesOf(frame, frames[index - 1]!)) {
      if (keys.has(container)) kinds[column] = foremost(kinds[column], kind);
    }
  }
  const cells = kinds.map((kind) =>
    kind === undefined ? ' ' : painter.paint(ANOMALY_MARKS[kind].token, ANOMALY_MARKS[kind].letter),
  );
  return painter.paint('muted', 'began'.padEnd(AXIS_WIDTH)) + cells.join('');
}

/** `a` for the first. */
function seriesLetter(index: number): string {
  return String.fromCharCode(0x61 + index);
}

/** The charts, and below them the table (header and rows) with the sign of each container's line. */
export function withHistory(
  table: readonly string[],
  session: Session,
  width: number,
  painter: Painter,
): string[] {
  const [header, ...rows] = table;
  const shown = session.rows().rows.slice(session.firstVisible());
  const keys = chartedKeys(session);
  const signed = rows.map((line, index) => {
    const row = shown[index];
    const place = row === undefined ? -1 : keys.indexOf(session.view.table.key(row));
    return swatch(place, painter) + line;
  });
  const height = session.layout.bodyRows - session.layout.tableRows;
  return [
    ...historyLines(session, width, height, painter),
    painter.paint('header', ' '.repeat(SWATCH_WIDTH)) + header!,
    ...signed,
  ];
}

/** The sign of the line with this index; blank for -1. */
function swatch(index: number, painter: Painter): string {
  if (index < 0) return ' '.repeat(SWATCH_WIDTH);
  const sign = painter.isUnicode && painter.theme.series1.fg !== undefined ? '■' : seriesLetter(index);
  return `${painter.paint(SERIES_TOKENS[index]!, sign)} `;
}
