/** `denials` for people: one paragraph for each kind of refusal. */
import { clean } from '../../tui/text/clean.js';
import { formatClock } from '../../tui/text/format.js';
import type { ContainerDenials, Denial } from './collect.js';

const CLOCK_DECIMALS = 3;
const INDENT = '     ';

export interface DenialsReport {
  /** Also errors that are part of normal work. */
  readonly all: boolean;
  readonly containers: readonly ContainerDenials[];
}

export function denialsText({ all, containers }: DenialsReport): string {
  return containers.map((container) => section(container, all)).join('\n');
}

function section({ name, runtime, image, denials }: ContainerDenials, all: boolean): string {
  const refused = denials.filter(({ expected }) => expected === undefined);
  const normal = denials.filter(({ expected }) => expected !== undefined);
  const made = [runtime, image].filter((text) => text !== undefined).join(', ');
  const heading = `${name}${made === '' ? '' : ` (${made})`}: ${summary(refused)}`;
  const left =
    normal.length === 0 || all
      ? []
      : [`${total(normal)} errors that are part of normal work are left out (--all shows them).`];
  const paragraphs = refused.map((denial, index) => paragraph(denial, index + 1));
  const rest = all ? normal.map(normalLine) : [];
  return `${[clean(heading), ...left, '', ...paragraphs, ...rest].join('\n').trimEnd()}\n`;
}

function summary(refused: readonly Denial[]): string {
  if (refused.length === 0) return 'nothing was refused.';
  const kinds = refused.length === 1 ? 'one kind of refusal' : `${refused.length} kinds of refusals`;
  return `${kinds}, ${total(refused)} in all.`;
}

const total = (denials: readonly Denial[]): number => denials.reduce((sum, { count }) => sum + count, 0);

function paragraph(denial: Denial, number: number): string {
  const { cause, otherwise, confidence, evidence, allow, price } = denial;
  const or = otherwise === undefined ? '' : `, or else ${otherwise}`;
  const lines = [
    `${String(number).padStart(3)}. ${what(denial)}: ${denial.sentence}.`,
    `${INDENT}${when(denial)}`,
    `${INDENT}Cause: ${cause} (${confidence}${or}): ${clean(evidence ?? '')}.`,
    ...(allow === undefined ? [] : [`${INDENT}To allow it: ${clean(allow)}`]),
    ...(price === undefined ? [] : [`${INDENT}That gives away: ${price}`]),
  ];
  return `${lines.join('\n')}\n`;
}

/** The call failed, or the kernel ended the process. */
function what({ comm, syscall, object, errno }: Denial): string {
  const who = clean(comm ?? 'some process');
  return syscall === errno
    ? `${who} got ${errno}`
    : `${who} called ${clean(syscall)}${about(object)} and got ${errno}`;
}

/** Each part is cleaned by itself, because a long one is cut. */
function about(object: string | undefined): string {
  return object === undefined ? '' : ` of ${clean(object)}`;
}

function when({ count, first, last, pid, tid }: Denial): string {
  const by = `pid ${pid ?? tid}`;
  const begin = formatClock(BigInt(first), CLOCK_DECIMALS);
  if (count === 1) return `Once, at ${begin} by ${by}.`;
  return `${count} times, from ${begin} to ${formatClock(BigInt(last), CLOCK_DECIMALS)}, the last by ${by}.`;
}

function normalLine({ comm, syscall, object, errno, count, expected }: Denial): string {
  const who = clean(comm ?? 'some process');
  return `${INDENT}${who}: ${clean(syscall)}${about(object)}: ${errno}, ${count} times: ${expected}`;
}
