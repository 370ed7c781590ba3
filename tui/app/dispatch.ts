/** Keys → actions of the table, by what lies on the screen. */
import type { Key } from '../terminal/keys.js';
import type { Context } from './actions/action.js';
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

function handle(session: Session, key: Key): void {
  session.message = undefined;
  const action = session.options.keymap.actionFor(contextOf(session), key.name);
  const { overlay } = session;
  if (action !== undefined) action.run(session, key.name, key.place);
  else if (overlay?.kind === 'prompt') typeInLine(session, overlay, key);
}
