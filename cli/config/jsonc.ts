/** JSON with comments and commas after the last element, keeping the lines that things stand on, for errors that name them. */

export type Node =
  | { readonly kind: 'object'; readonly line: number; readonly entries: ReadonlyMap<string, Entry> }
  | { readonly kind: 'array'; readonly line: number; readonly items: readonly Node[] }
  | { readonly kind: 'value'; readonly line: number; readonly value: string | number | boolean | null };

export interface Entry {
  /** Line of the key. */
  readonly line: number;
  readonly node: Node;
}

export class JsonError extends Error {
  override readonly name = 'JsonError';
  readonly line: number;

  constructor(message: string, line: number) {
    super(message);
    this.line = line;
  }
}

const BLANKS = /(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*/y;
const SCALAR = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|true\b|false\b|null\b/y;
const STRING = /"(?:[^"\\\n]|\\.)*"/y;
/** Deeper is a mistake, or meant to harm. */
const DEEPEST = 20;

/** @throws JsonError */
export function parseJsonc(text: string): Node {
  const reader = new Reader(text);
  const node = reader.value(0);
  reader.end();
  return node;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): Node {
    this.#skip();
    const line = this.#line();
    if (depth > DEEPEST) throw new JsonError('there is too much inside of each other', line);
    if (this.#take('{')) return { kind: 'object', line, entries: this.#entries(depth) };
    if (this.#take('[')) return { kind: 'array', line, items: this.#items(depth) };
    if (this.#text[this.#at] === '"') return { kind: 'value', line, value: this.#string() };
    const scalar = this.#match(SCALAR);
    if (scalar === undefined) throw this.#unexpected('a value');
    return { kind: 'value', line, value: JSON.parse(scalar) as number | boolean | null };
  }

  end(): void {
    this.#skip();
    if (this.#at < this.#text.length) throw this.#unexpected('the end');
  }

  #entries(depth: number): Map<string, Entry> {
    const entries = new Map<string, Entry>();
    for (;;) {
      this.#skip();
      if (this.#take('}')) return entries;
      const line = this.#line();
      if (this.#text[this.#at] !== '"') throw this.#unexpected('a key in double quotes, or }');
      const key = this.#string();
      if (entries.has(key)) throw new JsonError(`${key} stands twice`, line);
      this.#skip();
      if (!this.#take(':')) throw this.#unexpected(`: after "${key}"`);
      entries.set(key, { line, node: this.value(depth + 1) });
      this.#skip();
      if (!this.#take(',') && this.#text[this.#at] !== '}') throw this.#unexpected(', or }');
    }
  }

  #items(depth: number): Node[] {
    const items: Node[] = [];
    for (;;) {
      this.#skip();
      if (this.#take(']')) return items;
      items.push(this.value(depth + 1));
      this.#skip();
      if (!this.#take(',') && this.#text[this.#at] !== ']') throw this.#unexpected(', or ]');
    }
  }

  #string(): string {
    const line = this.#line();
    const written = this.#match(STRING);
    if (written === undefined) throw new JsonError('a text has no " at its end', line);
    try {
      return JSON.parse(written) as string;
    } catch {
      throw new JsonError(`${written} has an escape that JSON has not`, line);
    }
  }

  #skip(): void {
    this.#match(BLANKS);
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    this.#at += found?.length ?? 0;
    return found;
  }

  #take(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #line(): number {
    return this.#text.slice(0, this.#at).split('\n').length;
  }

  #unexpected(wanted: string): JsonError {
    const found = this.#text[this.#at];
    return new JsonError(
      `${found === undefined ? 'the end' : `“${found}”`} stands where ${wanted} has to`,
      this.#line(),
    );
  }
}
