/** The filter line: `web` any text with it, `web*` a whole name by glob, `/^web/` a regular expression. */
import type { TextMatcher } from './rows.js';

/**
 * Globs and regular expressions are compiled by who gives the screen its options, the same way as `--name`.
 * @throws Error with one sentence for the user.
 */
export type PatternCompiler = (pattern: string) => TextMatcher;

export type FilterResult = { readonly matcher: TextMatcher | undefined } | { readonly error: string };

/**
 * What the text means; an error where it is not (yet) a pattern. Capital letters count only where there are some. A
 * pattern that fails on some name (too much backtracking) tells `onProblem` and matches nothing from then on.
 */
export function compileFilter(
  text: string,
  compile: PatternCompiler,
  onProblem: (message: string) => void,
): FilterResult {
  if (text === '') return { matcher: undefined };
  const isRegex = /^\/.+\/[a-z]*$/.test(text);
  if (!isRegex && text.startsWith('/')) return { error: 'a regular expression ends in /' };
  if (isRegex || /[*?[]/.test(text)) {
    try {
      return { matcher: guarded(compile(text), onProblem) };
    } catch (error) {
      return { error: messageOf(error) };
    }
  }
  if (text === text.toLowerCase()) return { matcher: (name) => name.toLowerCase().includes(text) };
  return { matcher: (name) => name.includes(text) };
}

function guarded(matches: TextMatcher, onProblem: (message: string) => void): TextMatcher {
  let hasFailed = false;
  return (text) => {
    if (hasFailed) return false;
    try {
      return matches(text);
    } catch (error) {
      hasFailed = true;
      onProblem(messageOf(error));
      return false;
    }
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
