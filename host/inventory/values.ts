/** Careful looks at values that somebody else sent: another type than expected counts as not told. */

export type Json = Readonly<Record<string, unknown>>;

const LONGEST_TEXT = 4096;
const MOST_LABELS = 1000;

export function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function object(value: unknown): Json {
  return isObject(value) ? value : {};
}

export function array(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Not empty, and cut to a length that no honest name has. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? cut(value) : undefined;
}

export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

export function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : undefined;
}

export function labels(value: unknown): Record<string, string> {
  const texts = Object.entries(object(value)).slice(0, MOST_LABELS);
  return Object.fromEntries(
    texts.flatMap(([key, label]) => (typeof label === 'string' ? [[cut(key), cut(label)]] : [])),
  );
}

function cut(value: string): string {
  return value.slice(0, LONGEST_TEXT);
}
