/** Which key does what: the table of actions, with the keys that a configuration gives instead. */
import type { Action, Context } from './actions/action.js';

export type Remaps = Readonly<Record<string, readonly string[]>>;

/** One of two actions that would share a key, or an action or key that there is not. */
export interface KeyProblem {
  readonly action: string;
  readonly message: string;
}

const KEY =
  /^(?:(?:ctrl|alt|shift)-)*(?:f(?:[1-9]|1[0-2])|up|down|left|right|home|end|pageup|pagedown|insert|delete|enter|escape|tab|backspace|space|[^\s\p{Cc}])$/u;

export class Keymap {
  readonly actions: readonly Action[];
  readonly #remaps: Remaps;
  readonly #byKey = new Map<string, Action>();

  constructor(actions: readonly Action[], remaps: Remaps = {}) {
    this.actions = actions;
    this.#remaps = remaps;
    for (const action of actions) {
      for (const key of this.keysOf(action)) this.#byKey.set(`${action.where} ${key}`, action);
    }
  }

  keysOf(action: Pick<Action, 'id' | 'keys'>): readonly string[] {
    return this.#remaps[action.id] ?? action.keys;
  }

  /** The action of a key there; undefined if it has none. */
  actionFor(context: Context, key: string): Action | undefined {
    return this.#byKey.get(`${context} ${key}`) ?? this.#byKey.get(`anywhere ${key}`);
  }
}

/** What is wrong with the keys that a configuration gives. */
export function keyProblems(actions: readonly Action[], remaps: Remaps): KeyProblem[] {
  const problems: KeyProblem[] = [];
  for (const [id, keys] of Object.entries(remaps)) {
    const action = actions.find((candidate) => candidate.id === id);
    if (action === undefined) {
      problems.push({ action: id, message: `there is no action “${id}”; docs/keys.md lists them` });
      continue;
    }
    const bad = keys.find((key) => !KEY.test(key));
    if (bad !== undefined) {
      problems.push({
        action: id,
        message: `“${bad}” is no key; write x, X, f5, ctrl-x, alt-x, shift-left, space, enter, pageup …`,
      });
    }
    const rival = rivalOf(action, keys, actions, remaps);
    if (rival !== undefined) problems.push({ action: id, message: rival });
  }
  return problems;
}

/** Another action with one of the keys where both apply. */
function rivalOf(
  action: Action,
  keys: readonly string[],
  actions: readonly Action[],
  remaps: Remaps,
): string | undefined {
  for (const other of actions) {
    const meets = other.where === action.where || other.where === 'anywhere' || action.where === 'anywhere';
    if (other === action || !meets) continue;
    const key = (remaps[other.id] ?? other.keys).find((candidate) => keys.includes(candidate));
    if (key !== undefined) return `the key ${key} is that of “${other.id}” already; give that another`;
  }
  return undefined;
}
