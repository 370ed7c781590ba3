/** What stands at the end of a filter that is being typed. */
export interface Unfinished {
  /** The column whose value it is; undefined for a word, which may become the name of a column. */
  readonly column: string | undefined;
  /** What is typed of it, and where that begins. */
  readonly typed: string;
  readonly at: number;
}

const VALUE = /(?:^|[\s(!])([A-Za-z_]\w*)\s*(?:!=|==|=|:)\s*("[^"]*|[^\s()"]*)$/;
const WORD = /(?:^|[\s(!])([A-Za-z_]\w*|)$/;

/** The word or value that the text ends in; undefined where nothing can be completed: in a number, a pattern, a quote. */
export function unfinishedAt(text: string): Unfinished | undefined {
  const value = VALUE.exec(text);
  if (value !== null) {
    const typed = value[2]!;
    return { column: value[1]!, typed: typed.replace(/^"/, ''), at: text.length - typed.length };
  }
  const word = WORD.exec(text);
  return word === null
    ? undefined
    : { column: undefined, typed: word[1]!, at: text.length - word[1]!.length };
}

/** The value as a filter has to write it. */
export function writtenValue(text: string): string {
  if (/^[^\s()"'/*?[\\]+$/.test(text)) return text;
  return text.includes('"') ? `'${text}'` : `"${text}"`;
}
