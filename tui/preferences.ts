/** How somebody wants the screen: from the configuration, and as it was left the last time. */

export const THEME_NAMES = ['auto', 'dark', 'light', 'high-contrast', '16'] as const;
export type ThemeName = (typeof THEME_NAMES)[number];

export const THEME_DOCS: Readonly<Record<ThemeName, string>> = {
  auto: 'By what the terminal says of itself: dark or light, and how many colours it has',
  dark: 'For a dark background, 256 colours',
  light: 'For a light background, 256 colours',
  'high-contrast': 'Black, white and few strong colours',
  '16': 'The sixteen colours that the terminal has chosen itself',
};

export interface ColumnSort {
  readonly column: string;
  readonly descending: boolean;
}

export interface ViewPreferences {
  /** Ids of the columns to show, in that order; undefined: as many as fit, the most important first. */
  readonly columns?: readonly string[] | undefined;
  readonly sort?: ColumnSort | undefined;
  readonly filter?: string | undefined;
}

/** What the configuration says. */
export interface Preferences {
  readonly theme?: ThemeName | undefined;
  readonly mouse?: boolean | undefined;
  /** Keys of actions, by their ids, in place of the default ones. */
  readonly keys?: Readonly<Record<string, readonly string[]>> | undefined;
  /** By the views' ids. */
  readonly views?: Readonly<Record<string, ViewPreferences>> | undefined;
}

/** What was chosen on the screen, and is kept for the next time: it goes before the configuration. */
export interface Kept {
  readonly theme?: ThemeName | undefined;
  readonly views: Readonly<Record<string, Pick<ViewPreferences, 'columns' | 'sort'>>>;
  /** Lines typed in the palette and as filters, oldest first. */
  readonly commands: readonly string[];
  readonly filters: readonly string[];
}

export const NOTHING_KEPT: Kept = { views: {}, commands: [], filters: [] };
