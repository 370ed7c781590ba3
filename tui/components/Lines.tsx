import { Transform } from 'ink';
import type { ReactElement } from 'react';

/**
 * Lines that are formatted already. Ink 6 remembers every string that it has ever measured, which in a program that
 * runs for days is a leak: so it gets to measure one constant placeholder for each number of lines, and the lines
 * themselves come in by the transform.
 */
export function Lines({ lines }: { readonly lines: readonly string[] }): ReactElement | null {
  if (lines.length === 0) return null;
  return <Transform transform={(_, index) => lines[index] ?? ''}>{placeholder(lines.length)}</Transform>;
}

function placeholder(count: number): string {
  return `${'.\n'.repeat(count - 1)}.`;
}
