/**
 * Charts of blessed-contrib, drawn off screen. Its widgets are made without their constructors, because these want a screen of
 * blessed's, which listens to the whole process: what `setData` needs of a widget is set here instead. These are private
 * fields, and so the version is pinned. Only the two widgets and their canvases are loaded, not the library.
 */
import ansiTerminal from 'ansi-term';
import Line from 'blessed-contrib/lib/widget/charts/line.js';
import StackedBar from 'blessed-contrib/lib/widget/charts/stacked-bar.js';
import { Canvas } from 'drawille-canvas-blessed-contrib';
import type { Painter, Token } from '../theme.js';
import { timeAxisLines } from './axis.js';
import { AXIS_LINES, type BarChart, type ChartKit, type LineChart } from './chart.js';

/** Dots of braille in a cell. */
const DOTS_X = 2;
const DOTS_Y = 4;
/** The line chart leaves so many dots below its values for axis and labels, and one line after these empty. */
const DOTS_BELOW = 11;
const EMPTY_LINES = 1;
/** The bars' first lines, which are for labels that we do not want. */
const BAR_HEAD = 2;

export function contribKit(painter: Painter): ChartKit {
  const foreground = (token: Token) => painter.theme[token].fg ?? 'normal';
  const background = (token: Token) => painter.theme[token].bg ?? painter.theme.track.fg ?? 'normal';
  return {
    lines: (chart) => drawLines(chart, foreground),
    bars: (chart) => drawBars(chart, background, painter),
  };
}

type Color = number | string;

/** A cell that the bars have filled: blank on a colour of the palette. */
const FILLED = /\u001b\[48;5;(\d+)m /g;

function drawLines(chart: LineChart, colorOf: (token: Token) => Color): string[] {
  const { width, height, axisWidth, labels, max, step } = chart;
  const dots = { width: width * DOTS_X, height: (height + EMPTY_LINES) * DOTS_Y };
  const padding = (axisWidth - 1) * DOTS_X;
  // Values lie two dots higher than their place, so that the highest would be cut off.
  const maxY = max / (1 - 2 / (dots.height - DOTS_BELOW));
  const canvas = new Canvas(dots.width, dots.height);
  const widget: InstanceType<typeof Line> = Object.create(Line.prototype);
  Object.assign(widget, {
    canvasSize: dots,
    ctx: canvas.getContext(),
    options: {
      style: { line: colorOf('series1'), text: colorOf('axisText'), baseline: colorOf('axis') },
      xLabelPadding: padding,
      xPadding: padding,
      showNthLabel: 1,
      numYLabels: maxY / step,
      minY: 0,
      maxY,
      legend: {},
    },
  });
  // Values stand two dots apart if there is a label more than values.
  const x = [...labels, ''.padEnd(labels[0]?.length ?? 1)];
  widget.setData(
    chart.series.map(({ values, token }) => ({
      x,
      y: visible(values),
      style: { line: colorOf(token) },
    })),
  );
  return canvas.getContext()._canvas.frame().split('\n').slice(0, height);
}

/** What is unknown is no number, to which no line leads. A value alone needs a second one to make a line. */
function visible(values: readonly (number | undefined)[]): number[] {
  return values.map((value, index) => {
    if (value !== undefined) return value;
    const before = values[index - 1];
    return before !== undefined && values[index - 2] === undefined ? before : Number.NaN;
  });
}

function drawBars(chart: BarChart, colorOf: (token: Token) => Color, painter: Painter): string[] {
  const { axisWidth, labels, height, parts } = chart;
  const lines = height - AXIS_LINES;
  const canvas = new Canvas(labels.length, lines + BAR_HEAD, ansiTerminal);
  const widget: InstanceType<typeof StackedBar> = Object.create(StackedBar.prototype);
  Object.assign(widget, {
    canvasSize: { width: labels.length, height: lines + BAR_HEAD },
    ctx: canvas.getContext(),
    options: {
      // The bar's width does not count its first column.
      barWidth: 0,
      barSpacing: 1,
      xOffset: 0,
      maxValue: 1,
      showText: false,
      showLegend: false,
      barBgColor: parts.map(({ token }) => colorOf(token)),
    },
  });
  const letters = new Map(parts.map((part) => [String(colorOf(part.token)), part]));
  const letterIn = (cell: string, part: BarChart['parts'][number] | undefined) =>
    part === undefined ? cell : painter.paint(part.token, part.letter);
  const none = parts.map(() => 0);
  widget.setData({
    barCategory: labels,
    stackedCategory: parts.map(({ letter }) => letter),
    data: chart.bars.map((bar) => bar ?? none),
  });
  const drawn = canvas
    .getContext()
    ._canvas.frame()
    .split('\n')
    .slice(BAR_HEAD, BAR_HEAD + lines);
  const blank = ' '.repeat(axisWidth - 1);
  const body = drawn.map((line, index) => {
    const lettered = line.replace(FILLED, (cell, color) => letterIn(cell, letters.get(color)));
    const number = index === 0 ? '100% '.padStart(axisWidth - 1) : blank;
    return painter.paint('axisText', number) + painter.paint('axis', '│') + lettered;
  });
  return [...body, ...timeAxisLines(chart, '└', '─', painter)];
}
