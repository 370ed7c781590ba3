/** Keys → actions of the table, by what lies on the screen. */
import type { Key } from '../terminal/keys.js';
import type { Action, Context } from './actions/action.js';
import { actions } from './actions.js';
import { typeInLine } from './prompt.js';
import type { Session } from './session.js';

export function contextOf(session: Session): Context {
  switch (session.overlay?.kind) {
    case 'menu':
      return 'menu';
    case 'prompt':
      return 'line';
    case 'help':
    case 'page':
      return 'help';
    case undefined:
      return 'table';
  }
}

/** Does what the keys of one read say, and tells of it once. */
export function dispatch(session: Session, keys: readonly Key[]): void {
  session.update(() => {
    for (const key of keys) handle(session, key);
  });
}

/** The action of a key there; undefined if it has none. */
export function actionFor(context: Context, key: string): Action | undefined {
  return byKey.get(`${context} ${key}`) ?? byKey.get(`anywhere ${key}`);
}

const byKey = new Map<string, Action>(
  actions.flatMap((action) => action.keys.map((key) => [`${action.where} ${key}`, action] as const)),
);

function handle(session: Session, key: Key): void {
  session.message = undefined;
  const action = actionFor(contextOf(session), key.name);
  const { overlay } = session;
  if (action !== undefined) action.run(session, key.name);
  else if (overlay?.kind === 'prompt') typeInLine(session, overlay, key);
}
