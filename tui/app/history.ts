/** Lines that are kept. */
const MOST_LINES = 100;

/** Keeps the line as the newest; the same line before it is forgotten. */
export function remember(history: string[], line: string): void {
  const before = history.indexOf(line);
  if (before >= 0) history.splice(before, 1);
  history.push(line);
  if (history.length > MOST_LINES) history.shift();
}
