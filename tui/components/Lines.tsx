import { Transform } from 'ink';
import { createContext, type ReactElement, useContext } from 'react';
import type { LineBoard } from '../terminal/line-board.js';

/** Where lines wait until the frame is finished; without one Ink gets the lines themselves. */
export const BoardContext = createContext<LineBoard | undefined>(undefined);

/**
 * Lines over the whole width that are formatted already. Ink 6 remembers every string that it has ever measured, which in
 * a program that runs for days is a leak: so it gets to measure one constant placeholder for each number of lines, and
 * the lines themselves come in by the transform.
 */
export function Lines({ lines }: { readonly lines: readonly string[] }): ReactElement | null {
  const board = useContext(BoardContext);
  if (lines.length === 0) return null;
  const transform = (_: string, index: number): string => {
    const line = lines[index] ?? '';
    return board === undefined || line === '' ? line : board.place(line);
  };
  return <Transform transform={transform}>{placeholder(lines.length)}</Transform>;
}

function placeholder(count: number): string {
  return `${'.\n'.repeat(count - 1)}.`;
}
