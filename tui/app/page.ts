/** Text in the table's place: what a command has to tell. */
import type { Token } from '../theme.js';
import type { Session } from './session.js';

/** One line as parts of different looks; what is too long is cut. */
export type PageLine = readonly { readonly text: string; readonly token: Token }[];

export interface Page {
  readonly kind: 'page';
  readonly title: string;
  readonly lines: readonly PageLine[];
  /** First line shown. */
  readonly top: number;
}

export function openPage(session: Session, title: string, lines: readonly PageLine[]): void {
  session.overlay = { kind: 'page', title, lines, top: 0 };
}

/** A page of lines that all look the same. */
export function plainPage(text: string): PageLine[] {
  return text.split('\n').map((line) => [{ text: line.replaceAll('\t', '  '), token: 'text' as const }]);
}
