import type { Target } from '../../syscalls/target.js';
import type { Case } from '../case.js';
import type { Cause, Confidence } from '../refusal.js';

/** What speaks for a rule: its words if it holds in this case, else undefined. */
export interface Clue {
  readonly confidence: Confidence;
  readonly tell: (facts: Case) => string | undefined;
}

type Words = string | ((facts: Case) => string);

/** One kind of refusal and what explains it. */
export interface Rule {
  /** Stable. */
  readonly id: string;
  /** Of these calls; of all if undefined. */
  readonly calls?: readonly string[];
  /** With these errors; with all if undefined. */
  readonly errnos?: readonly string[];
  /** About such objects; about any if undefined. */
  readonly target?: readonly Target['kind'][];
  readonly cause: Cause;
  /** What it would be instead, if it is only possible. */
  readonly otherwise?: Cause;
  /** The strongest first; the first that holds tells evidence and confidence. If none holds the rule does not apply. */
  readonly clues: readonly Clue[];
  /** What happened, as the end of a sentence that begins with who did what. */
  readonly sentence: Words;
  /** What would let it happen, and what that gives away; undefined where nothing is to be allowed. */
  readonly allow?: Words;
  readonly price?: Words;
}

/** A clue that always holds. */
export function usual(confidence: Confidence, words: Words): Clue {
  return { confidence, tell: (facts) => say(words, facts) };
}

export function say(words: Words, facts: Case): string {
  return typeof words === 'string' ? words : words(facts);
}

export const list = (text: string): readonly string[] => text.split(' ');
