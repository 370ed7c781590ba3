import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import xterm from '@xterm/headless';
import { Grid } from '../../tui/terminal/grid.js';
import { Screen, type ScreenOutput } from '../../tui/terminal/screen.js';
import { randomNumbers } from './synthetic.js';

/** A terminal emulator behind a screen. */
class Emulator implements ScreenOutput {
  readonly terminal: InstanceType<typeof xterm.Terminal>;
  /** What the screen wrote since this was last emptied. */
  written = '';
  /** While false, writes are not taken. */
  takes = true;
  #waiting: (() => void) | undefined;

  constructor(columns: number, rows: number) {
    this.terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 100 });
  }

  write(bytes: string, done: () => void): void {
    this.writeNow(bytes);
    if (this.takes) done();
    else this.#waiting = done;
  }

  writeNow(bytes: string): void {
    this.written += bytes;
    this.terminal.write(bytes);
  }

  takeAgain(): void {
    this.takes = true;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  }

  settle(): Promise<void> {
    return new Promise((resolve) => this.terminal.write('', resolve));
  }
}

/** Characters and looks of all cells. */
function cellsOf({ terminal }: Emulator): string[] {
  const { active } = terminal.buffer;
  return Array.from({ length: terminal.rows }, (_, row) => {
    const line = active.getLine(active.baseY + row)!;
    return Array.from({ length: terminal.cols }, (_, column) => {
      const cell = line.getCell(column)!;
      const text = cell.getWidth() === 0 ? '' : cell.getChars() || ' ';
      const look = [
        cell.getFgColorMode(),
        cell.getFgColor(),
        cell.getBgColorMode(),
        cell.getBgColor(),
        cell.isBold(),
        cell.isInverse(),
        cell.isUnderline(),
      ];
      return `${text}/${look.join(',')}`;
    }).join('|');
  });
}

/** The same frame on a fresh terminal, written from the top, each line at its place. */
async function expected(frame: string, columns: number, rows: number): Promise<string[]> {
  const emulator = new Emulator(columns, rows);
  emulator.terminal.write('\x1b[?7l');
  for (const [row, line] of frame.split('\n').slice(0, rows).entries()) {
    emulator.terminal.write(`\x1b[${row + 1}H\x1b[m${line}`);
  }
  await emulator.settle();
  return cellsOf(emulator);
}

const LOOKS = [
  '',
  '\x1b[31m',
  '\x1b[1m\x1b[38;5;120m',
  '\x1b[48;5;24m',
  '\x1b[7m',
  '\x1b[4m\x1b[92m',
  '\x1b[1m\x1b[7m\x1b[48;5;60m',
];
const TEXTS = [
  'a',
  'b',
  'web',
  '0.3',
  '   ',
  '      ',
  '█',
  '▁▂',
  '字',
  '字字',
  'e\u0301',
  'q\u0323\u0307',
  '–',
];

/** Random lines that are at most the screen wide, as components make them. */
function randomFrame(random: () => number, columns: number, rows: number): string {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const widthOf = (text: string) =>
    text.includes('字') ? text.length * 2 : text.replace(/\p{M}/gu, '').length;
  return Array.from({ length: rows }, () => {
    if (random() < 0.15) return '';
    let line = '';
    for (let used = 0; ; ) {
      const text = pick(TEXTS);
      used += widthOf(text);
      if (used > columns || random() < 0.05) return line;
      line += `${pick(LOOKS)}${text}\x1b[0m`;
    }
  }).join('\n');
}

/** Some lines of `before`, others of `after`: as screens change. */
function blend(before: string, after: string, random: () => number): string {
  const [old, fresh] = [before.split('\n'), after.split('\n')];
  return fresh.map((line, row) => (random() < 0.6 ? (old[row] ?? line) : line)).join('\n');
}

describe('Screen', () => {
  it('shows what a fresh terminal would, after any sequence of frames', async () => {
    const random = randomNumbers(1);
    for (const [columns, rows] of [
      [40, 10],
      [80, 24],
      [13, 5],
    ] as const) {
      const emulator = new Emulator(columns, rows);
      const screen = new Screen(emulator, columns, rows);
      screen.enter();
      let frame = '';
      for (let round = 0; round < 150; round++) {
        frame = blend(frame, randomFrame(random, columns, rows), random);
        screen.draw(frame);
        await emulator.settle();
        assert.deepEqual(cellsOf(emulator), await expected(frame, columns, rows), `round ${round}`);
      }
    }
  });

  it('draws anew after a resize', async () => {
    const random = randomNumbers(2);
    const emulator = new Emulator(60, 20);
    const screen = new Screen(emulator, 60, 20);
    screen.enter();
    for (const [columns, rows] of [
      [60, 20],
      [100, 30],
      [61, 15],
      [20, 4],
      [80, 24],
    ] as const) {
      emulator.terminal.resize(columns, rows);
      screen.resize(columns, rows);
      const frame = randomFrame(random, columns, rows);
      screen.draw(frame);
      await emulator.settle();
      assert.deepEqual(cellsOf(emulator), await expected(frame, columns, rows));
    }
  });

  it('writes nothing for an unchanged screen, and little for a changed cell', () => {
    const emulator = new Emulator(80, 24);
    const screen = new Screen(emulator, 80, 24);
    screen.enter();
    const lines = Array.from({ length: 24 }, (_, row) => `\x1b[32mrow ${row}\x1b[0m`.padEnd(60, '.'));
    screen.draw(lines.join('\n'));
    emulator.written = '';
    screen.draw(lines.join('\n'));
    screen.draw(lines.map((line) => line.replace('\x1b[32m', '\x1b[32m\x1b[32m')).join('\n'));
    assert.equal(emulator.written, '');
    screen.draw(lines.with(12, lines[12]!.replace('row', 'raw')).join('\n'));
    assert.equal(emulator.written, '\x1b[13;2H\x1b[32ma');
  });

  it('drops frames while the terminal takes nothing, then draws the newest', async () => {
    const emulator = new Emulator(20, 3);
    const screen = new Screen(emulator, 20, 3);
    screen.enter();
    emulator.takes = false;
    for (const frame of ['one', 'two', 'three', 'four']) screen.draw(frame);
    assert.ok(!emulator.written.includes('two') && !emulator.written.includes('four'));
    emulator.takeAgain();
    await emulator.settle();
    assert.equal(emulator.terminal.buffer.active.getLine(0)?.translateToString(true), 'four');
    assert.equal(screen.counters.dropped, 2);
  });

  it('gives the screen back as it was', async () => {
    const emulator = new Emulator(20, 3);
    emulator.terminal.write('$ boxtop\r\n');
    const screen = new Screen(emulator, 20, 3);
    await emulator.settle();
    const before = cellsOf(emulator);
    const { cursorX, cursorY } = emulator.terminal.buffer.active;
    screen.enter();
    screen.draw('full\nof\nit');
    await emulator.settle();
    assert.equal(emulator.terminal.buffer.active.type, 'alternate');
    screen.leave();
    screen.leave();
    await emulator.settle();
    assert.equal(emulator.terminal.buffer.active.type, 'normal');
    assert.deepEqual(cellsOf(emulator), before);
    assert.deepEqual(
      [emulator.terminal.buffer.active.cursorX, emulator.terminal.buffer.active.cursorY],
      [cursorX, cursorY],
    );
  });
});

describe('Grid', () => {
  it('leaves out what lies outside, and other escape sequences', () => {
    const grid = new Grid(4, 2);
    grid.fill('ab\x1b[2Jcdefg\n\x1b]字字字\nz');
    assert.equal(grid.text.slice(0, 4).join(''), 'abcd');
    assert.equal(grid.text.slice(4).join(''), '字字');
  });
  it('shows no half of a wide character', () => {
    const grid = new Grid(3, 1);
    grid.fill('ab字');
    assert.deepEqual(grid.text, ['a', 'b', ' ']);
  });
});
