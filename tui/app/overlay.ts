/** What lies over the table: a menu beside it, a line to type in below it, or help or a page in its place. */
import type { EditedLine } from './line-editor.js';
import type { Page } from './page.js';

export interface MenuItem {
  readonly id: string;
  readonly label: string;
  /** One sentence, shown while the item is selected. */
  readonly doc: string;
  /** Whether it is one of the chosen, in menus where several are. */
  readonly mark?: boolean;
}

export interface Menu {
  readonly kind: 'menu';
  readonly title: string;
  readonly items: readonly MenuItem[];
  readonly selected: number;
  choose(id: string): void;
  /** Menus that choose several: in or out, further up or down, and as it was without choosing. */
  toggle?(id: string): void;
  move?(id: string, by: number): void;
  reset?(): void;
}

/** Why a line cannot be taken, as one sentence. */
export interface Complaint {
  readonly message: string;
  /** The character of the line that it is about. */
  readonly at?: number;
}

/** What a line may become. */
export interface Choice {
  /** The whole line. */
  readonly line: string;
  /** What the list calls it. */
  readonly label: string;
  readonly title: string;
}

export interface Prompt {
  readonly kind: 'prompt';
  readonly label: string;
  /** What may be typed. */
  readonly hint: string;
  readonly line: EditedLine;
  readonly complaint: Complaint | undefined;
  /** What the line may become, best first, and which of it is selected. */
  readonly choices: readonly Choice[];
  readonly selected: number | undefined;
  /** Whether the choices are listed: at once, or after Tab. */
  readonly lists: boolean;
  /** Lines typed before, and how many lines ago the one shown was typed (0: it is new). */
  readonly history: readonly string[];
  readonly ago: number;
  /** What the text up to the cursor may become. */
  complete?(text: string): readonly Choice[];
  /** After each change of the text: a complaint, if it is none that could be taken. */
  change?(text: string): Complaint | undefined;
  /** At Enter, with the choice that the user moved to: a complaint keeps the prompt open, and so does another line. */
  submit(text: string, chosen: Choice | undefined): Complaint | { readonly line: string } | undefined;
  cancel?(): void;
}

export interface Help {
  readonly kind: 'help';
  /** First line shown. */
  readonly top: number;
}

export type Overlay = Menu | Prompt | Help | Page;
