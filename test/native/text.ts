/** Reads babeltrace2's text of an event back into values, so that columns can be held against it. */

import { type Command, output } from './oracle.js';

export type Value = bigint | number | string | Value[] | { [name: string]: Value };

export interface TextEvent {
  readonly cycles: bigint;
  readonly name: string;
  /** Fields by the names that subscriptions use: nested ones with dots, context fields as `ctx.NAME`. */
  readonly fields: ReadonlyMap<string, Value>;
}

const ESCAPES: Record<string, string> = {
  a: '\x07',
  b: '\b',
  e: '\x1b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  0: '\0',
};

class Reader {
  constructor(
    readonly text: string,
    public at: number,
  ) {}

  take(text: string): boolean {
    if (!this.text.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found === undefined)
      throw new Error(`${pattern} expected at: ${this.text.slice(this.at, this.at + 60)}`);
    this.at += found.length;
    return found;
  }

  string(): string {
    const quoted = this.match(/"(?:[^"\\]|\\.)*"/y);
    return quoted
      .slice(1, -1)
      .replace(/\\(x[0-9a-f]{2}|.)/g, (_, code: string) =>
        code.length === 3 ? String.fromCharCode(Number.parseInt(code.slice(1), 16)) : (ESCAPES[code] ?? code),
      );
  }

  /** Values separated by commas, up to what closes them. */
  #list<T>(close: string, item: () => T): T[] {
    const items: T[] = [];
    while (!this.take(` ${close}`)) {
      if (items.length > 0) this.take(',');
      this.take(' ');
      items.push(item());
    }
    return items;
  }

  value(): Value {
    if (this.text[this.at] === '"') return this.string();
    if (this.take('( ')) {
      // An enumeration: its labels, then the integer.
      const labels = this.text.indexOf(' : container = ', this.at);
      this.at = labels + ' : container = '.length;
      const value = this.value();
      this.take(' )');
      return value;
    }
    if (this.take('[')) {
      return this.#list(']', () => {
        this.match(/\[\d+\] = /y);
        return this.value();
      });
    }
    if (this.take('{')) {
      // A variant has one value without a name; it is taken for that value itself.
      if (!/ (?:[^\s="]+ = |})/y.test(this.text.slice(this.at, this.at + 200))) {
        this.take(' ');
        const value = this.value();
        this.take(' }');
        return value;
      }
      return Object.fromEntries(
        this.#list('}', () => {
          const name = this.match(/[^\s="]+ = /y).slice(0, -3);
          return [name, this.value()] as const;
        }),
      );
    }
    const digits = this.match(/[^\s,}\])]+/y);
    if (/^0b/.test(digits) || /^0x/i.test(digits) || /^-?[1-9]\d*$|^0$/.test(digits)) return BigInt(digits);
    if (/^0[0-7]+$/.test(digits)) return BigInt(`0o${digits.slice(1)}`);
    return Number(digits.replace('inf', 'Infinity').replace(/-?nan/, 'NaN'));
  }
}

function flatten(prefix: string, value: Value, into: Map<string, Value>): void {
  if (typeof value === 'object' && !Array.isArray(value)) {
    for (const [name, inner] of Object.entries(value))
      flatten(prefix === '' ? name : `${prefix}.${name}`, inner, into);
  } else into.set(prefix, value);
}

export function parseTextEvent(line: string): TextEvent {
  const head = /^timestamp = (\d+), (?:trace:\w+ = .*?, )*name = (.*?), (?=(?:stream\.|event\.|$))/.exec(
    line,
  );
  if (!head) throw new Error(`not an event: ${line}`);
  const reader = new Reader(line, head[0].length);
  const fields = new Map<string, Value>();
  while (reader.at < line.length) {
    const scope = reader.match(/[\w.]+ = /y).slice(0, -3);
    const value = reader.value();
    if (scope === 'event.fields') flatten('', value, fields);
    else if (scope !== 'stream.packet.context') {
      const context = new Map<string, Value>();
      flatten('', value, context);
      for (const [name, inner] of context) fields.set(`ctx.${name}`, inner);
    }
    reader.take(', ');
  }
  return { cycles: BigInt(head[1]!), name: head[2]!, fields };
}

/** All events that a command prints, as values. */
export function readText(command: Command): TextEvent[] {
  return output(command).toString().split('\n').filter(Boolean).map(parseTextEvent);
}
