/** What lies over the table: a menu beside it, a line to type in below it, or the help in its place. */
import type { EditedLine } from './line-editor.js';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  /** One sentence, shown while the item is selected. */
  readonly doc: string;
}

export interface Menu {
  readonly kind: 'menu';
  readonly title: string;
  readonly items: readonly MenuItem[];
  readonly selected: number;
  choose(id: string): void;
}

export interface Prompt {
  readonly kind: 'prompt';
  readonly label: string;
  /** What may be typed. */
  readonly hint: string;
  readonly line: EditedLine;
  /** Why the text cannot be taken. */
  readonly error: string | undefined;
  /** After each change of the text: an error, if it is none that could be taken. */
  change?(text: string): string | undefined;
  /** At Enter: an error keeps the prompt open. */
  submit(text: string): string | undefined;
  cancel?(): void;
}

export interface Help {
  readonly kind: 'help';
  /** First line shown. */
  readonly top: number;
}

export type Overlay = Menu | Prompt | Help;
