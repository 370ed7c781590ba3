/** `--name`: globs and regular expressions over container names, which may be hostile. */
import { createContext, Script } from 'node:vm';
import { CommandError, UsageError } from './errors.js';

/** Names are compared up to this many characters. */
const LONGEST_NAME = 256;
const LONGEST_PATTERN = 1000;
/** A regular expression that needs longer for one name backtracks without end. */
const REGEX_TIMEOUT_MS = 200;
const REMEMBERED_NAMES = 10_000;

export type NameMatcher = (name: string) => boolean;

/** True for a name that any of the patterns matches as a whole (GLOB) or in part (/REGEX/, /REGEX/i). @throws UsageError */
export function nameMatcher(patterns: readonly string[]): NameMatcher {
  const matchers = patterns.map(matcherOf);
  const verdicts = new Map<string, boolean>();
  return (name) => {
    const known = verdicts.get(name);
    if (known !== undefined) return known;
    const text = name.slice(0, LONGEST_NAME);
    const verdict = matchers.some((matches) => matches(text));
    if (verdicts.size >= REMEMBERED_NAMES) verdicts.clear();
    verdicts.set(name, verdict);
    return verdict;
  };
}

function matcherOf(pattern: string): NameMatcher {
  if (pattern === '') throw new UsageError('a pattern is empty');
  if (pattern.length > LONGEST_PATTERN)
    throw new UsageError(`a pattern has at most ${LONGEST_PATTERN} characters`);
  const regex = /^\/(.+)\/([a-z]*)$/s.exec(pattern);
  if (regex === null && pattern.startsWith('/'))
    throw new UsageError(`the pattern “${pattern}” has no / at its end`);
  return regex === null ? globMatcher(pattern) : regexMatcher(regex[1]!, regex[2]!);
}

/** Runs under a time limit, because a name is chosen by whoever made the container. */
function regexMatcher(source: string, flags: string): NameMatcher {
  let regex: RegExp;
  try {
    regex = new RegExp(source, flags === '' ? 'u' : flags);
  } catch (error) {
    throw new UsageError(`${(error as Error).message}`);
  }
  if (/[gy]/.test(flags))
    throw new UsageError(`the pattern /${source}/${flags}: the flags g and y have no meaning here`);
  const sandbox = { regex, name: '' };
  const context = createContext(sandbox);
  const test = new Script('regex.test(name)');
  return (name) => {
    sandbox.name = name;
    try {
      return test.runInContext(context, { timeout: REGEX_TIMEOUT_MS });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ERR_SCRIPT_EXECUTION_TIMEOUT') throw error;
      throw new CommandError(
        `the pattern /${source}/ takes too long on the name “${name.slice(0, 40)}”; write it simpler`,
      );
    }
  };
}

type GlobPart = '*' | ((character: string) => boolean);

/** `*` any characters, `?` one, `[a-z]` and `[!a-z]` one of a set, `\` takes the next as it is. Linear in the name for each star. */
function globMatcher(pattern: string): NameMatcher {
  const parts = globParts(pattern);
  return (name) => {
    const text = [...name];
    let part = 0;
    let at = 0;
    let star = -1;
    let starAt = 0;
    while (at < text.length) {
      const current = parts[part];
      if (current === '*') {
        star = part++;
        starAt = at;
      } else if (current?.(text[at]!)) {
        part++;
        at++;
      } else if (star >= 0) {
        part = star + 1;
        at = ++starAt;
      } else {
        return false;
      }
    }
    while (parts[part] === '*') part++;
    return part === parts.length;
  };
}

function globParts(pattern: string): GlobPart[] {
  const text = [...pattern];
  const parts: GlobPart[] = [];
  for (let i = 0; i < text.length; i++) {
    const character = text[i]!;
    if (character === '*') parts.push('*');
    else if (character === '?') parts.push(() => true);
    else if (character === '[') {
      const close = text.indexOf(']', i + 2);
      if (close < 0)
        throw new UsageError(
          `the pattern “${pattern}” opens a [ that it does not close (write \\[ for the character)`,
        );
      parts.push(setMatcher(text.slice(i + 1, close)));
      i = close;
    } else {
      const literal = character === '\\' && i + 1 < text.length ? text[++i]! : character;
      parts.push((other) => other === literal);
    }
  }
  return parts;
}

function setMatcher(set: readonly string[]): (character: string) => boolean {
  const negated = set[0] === '!' || set[0] === '^';
  const members = negated ? set.slice(1) : set;
  const ranges: [string, string][] = [];
  for (let i = 0; i < members.length; i++) {
    if (members[i + 1] === '-' && members[i + 2] !== undefined) {
      ranges.push([members[i]!, members[i + 2]!]);
      i += 2;
    } else {
      ranges.push([members[i]!, members[i]!]);
    }
  }
  return (character) => ranges.some(([low, high]) => character >= low && character <= high) !== negated;
}
