/** The first lines: where in time, where from, how much. */
import type { ReactElement } from 'react';
import type { Frame } from '../../analyzers/frame.js';
import type { TimeMark } from '../app/time/marks.js';
import type { Player, PlayerState } from '../player.js';
import {
  decimalsFor,
  formatClock,
  formatCount,
  formatDate,
  formatInterval,
  formatOffset,
} from '../text/format.js';
import { cut, cutStart, fit, textWidth } from '../text/width.js';
import type { Painter, Token } from '../theme.js';
import { Lines } from './Lines.js';

interface StatusProps {
  readonly player: Player;
  readonly state: PlayerState;
  readonly width: number;
  readonly hasTotals: boolean;
  readonly isRecording: boolean;
  /** `--name`, as the user wrote it. */
  readonly names: string | undefined;
  /** What is marked on the time bar; of several in one cell the last shows. */
  readonly marks: readonly TimeMark[];
  readonly painter: Painter;
}

/** With less room than this for both, the interval gives way to where the events come from. */
const ROOMY_TITLE = 24;

export function Status(props: StatusProps): ReactElement {
  const { error, trouble } = props.state;
  const wrong = error?.message ?? trouble;
  const last = wrong === undefined ? totalsLine(props) : wrongLine(wrong, props);
  if (props.hasTotals) return <Lines lines={[statusLine(props), timeBar(props), last]} />;
  return <Lines lines={[statusLine(props), wrong === undefined ? timeBar(props) : last]} />;
}

function statusLine({ player, state, width, isRecording, painter }: StatusProps): string {
  const { paint, glyphs } = tools(painter);
  const mark = state.playing ? glyphs.playing : state.atEnd ? glyphs.ended : glyphs.paused;
  const speed = `${state.speed}${glyphs.times}`;
  const mode = ` ${mark} ${player.mode === 'live' ? 'live' : speed} `;
  const recording = isRecording ? ` ${glyphs.recording} rec ` : '';
  const late = state.behind === undefined ? '' : ` ${formatDelay(state.behind)} behind `;
  const clock = ` ${frameTime(player, state.frame, glyphs.dash)} `;
  const left = textWidth(` boxtop ${mode}${recording}${late}${clock}`);
  const room = Math.max(0, width - left - 1);
  const interval = `  every ${formatInterval(player.interval)}`;
  const title = painter.clean(player.title);
  const hasInterval = room >= ROOMY_TITLE || textWidth(title) + interval.length <= room;
  const source = cutStart(title, hasInterval ? room - interval.length : room, glyphs.ellipsis);
  const right = fit(hasInterval ? source + interval : source, room, 'right', glyphs.ellipsis);
  return (
    paint('brand', ' boxtop ') +
    paint('barStrong', mode) +
    paint('recording', recording) +
    paint('late', late) +
    paint('barStrong', clock) +
    paint('bar', `${right} `)
  );
}

/** Whole seconds, from two minutes on whole minutes. */
function formatDelay(ns: number): string {
  const seconds = Math.floor(ns / 1e9);
  return seconds < 120 ? `${seconds} s` : `${Math.floor(seconds / 60)} min`;
}

/** The interval's date, beginning and end by the clock. */
function frameTime(player: Player, frame: Frame | undefined, dash: string): string {
  if (frame === undefined) return 'reading';
  const begin = player.origin + BigInt(Math.round(frame.begin));
  const end = player.origin + BigInt(Math.round(frame.end));
  const decimals = Math.max(1, decimalsFor(player.interval));
  return `${formatDate(begin)} ${formatClock(begin, decimals)}${dash}${formatClock(end, decimals)}`;
}

/** The whole recording from left to right: played, kept, not read. While one waits for reading, how far it is. */
function timeBar({ player, state, width, marks, painter }: StatusProps): string {
  const { paint, glyphs } = tools(painter);
  const { reading, frame, kept } = state;
  const decimals = decimalsFor(player.interval);
  const position = frame?.end ?? player.begin;
  if (reading !== undefined) {
    const share =
      reading.goal > player.begin ? (reading.position - player.begin) / (reading.goal - player.begin) : 0;
    const percent = `${Math.floor(Math.min(1, Math.max(0, share)) * 100)}%`.padStart(4);
    const left = ` reading up to ${formatOffset(reading.goal - player.begin, decimals)} `;
    const cells = Math.max(1, width - left.length - percent.length - 2);
    const done = Math.round(Math.min(1, Math.max(0, share)) * cells);
    const rest = glyphs.lineAhead.repeat(cells - done);
    return `${paint('warning', left)}${paint('played', glyphs.line.repeat(done))}${paint('track', rest)}${paint('warning', percent)}`;
  }
  const end = player.end ?? kept.end;
  const total = formatOffset(end - player.begin, decimals);
  const offset = formatOffset(position - player.begin, decimals).padStart(total.length);
  const left = ` ${offset} `;
  const right = ` ${total}${state.atEnd ? ' end' : ''} `;
  const cells = Math.max(3, width - left.length - right.length);
  const scale = (time: number): number =>
    end > player.begin ? Math.round(((time - player.begin) / (end - player.begin)) * (cells - 1)) : 0;
  const knob = Math.max(0, Math.min(cells - 1, scale(position)));
  const keptEnd = Math.max(knob + 1, Math.min(cells, scale(kept.end) + 1));
  const bar = [
    ...glyphs.line.repeat(knob),
    glyphs.knob,
    ...glyphs.lineKept.repeat(keptEnd - knob - 1),
    ...glyphs.lineAhead.repeat(cells - keptEnd),
  ];
  const looks = bar.map((_, cell): Token => (cell <= knob ? 'played' : cell < keptEnd ? 'kept' : 'track'));
  for (const { time, glyph, token } of marks) {
    const cell = scale(time);
    if (cell < 0 || cell >= cells || cell === knob) continue;
    bar[cell] = glyphs[glyph];
    looks[cell] = token;
  }
  return paint('strong', left) + paintRuns(bar, looks, painter) + paint('muted', right);
}

function paintRuns(cells: readonly string[], looks: readonly Token[], painter: Painter): string {
  let line = '';
  let begin = 0;
  for (let at = 1; at <= cells.length; at++) {
    if (at < cells.length && looks[at] === looks[begin]) continue;
    line += painter.paint(looks[begin]!, cells.slice(begin, at).join(''));
    begin = at;
  }
  return line;
}

/** Why reading stopped, or what keeps it from going on. */
function wrongLine(message: string, { state, width, painter }: StatusProps): string {
  const token = state.error === undefined ? 'warning' : 'critical';
  return painter.paint(token, cut(` ${painter.clean(message)}`, width, painter.glyphs.ellipsis));
}

function totalsLine({ state, width, names, painter }: StatusProps): string {
  const { paint, glyphs } = tools(painter);
  const { frame } = state;
  if (frame === undefined) return '';
  const { alive, threads } = totalsOf(frame);
  const rate = frame.quality.events / ((frame.end - frame.begin) / 1e9);
  const parts = [
    count(alive, 'container'),
    count(threads, 'thread'),
    `${formatCount(Math.round(rate))} events/s`,
    ...(names === undefined ? [] : [`only ${painter.clean(names)}`]),
  ];
  const lost = lossText(frame);
  const left = ` ${parts.join(` ${glyphs.separator} `)} ${glyphs.separator} `;
  const room = Math.max(0, width - textWidth(left));
  const tail = cut(lost ?? 'nothing lost', room, glyphs.ellipsis);
  return (
    paint('text', cut(left, width, glyphs.ellipsis)) + paint(lost === undefined ? 'good' : 'critical', tail)
  );
}

interface Totals {
  /** Containers without the host. */
  readonly alive: number;
  readonly threads: number;
}

const totals = new WeakMap<Frame, Totals>();

/** Summed up once a frame, not with each key. */
function totalsOf(frame: Frame): Totals {
  let found = totals.get(frame);
  if (found === undefined) {
    found = {
      alive: frame.containers.filter((row) => !row.isHost && row.ended === undefined).length,
      threads: frame.containers.reduce((sum, row) => sum + row.threads, 0),
    };
    totals.set(frame, found);
  }
  return found;
}

/** What the tracer lost so far; undefined for nothing. */
function lossText(frame: Frame): string | undefined {
  const { discardedEvents, lostPackets } = frame.quality;
  const parts = [
    ...(discardedEvents > 0 ? [count(discardedEvents, 'event')] : []),
    ...(lostPackets > 0 ? [count(lostPackets, 'packet')] : []),
  ];
  return parts.length === 0 ? undefined : `lost ${parts.join(', ')} (v: Quality)`;
}

function count(number: number, noun: string): string {
  return `${formatCount(number)} ${noun}${number === 1 ? '' : 's'}`;
}

function tools(painter: Painter): { paint: Painter['paint']; glyphs: Painter['glyphs'] } {
  return { paint: (token, text) => painter.paint(token, text), glyphs: painter.glyphs };
}
