/** Reads what `lttng --mi xml` answers (schema: /usr/share/xml/lttng, lttng-mi 3 and 4). */
import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { SessionError } from './error.js';

/** The answer's `<output>`; undefined where the command failed before it had one. @throws SessionError for no XML of lttng */
export function parseAnswer(text: string): XmlElement | undefined {
  let root: XmlElement | null;
  try {
    // lttng writes events' names and sessions' paths: nothing that needs a document type or entities of its own.
    ({ root } = parseXml(text.trim()));
  } catch (error) {
    throw new SessionError('lttng answered with something that is no XML', { cause: error });
  }
  if (root?.name !== 'command')
    throw new SessionError('lttng answered with XML that is no answer to a command');
  return child(root, 'output');
}

/** Children with that name, at the end of a path of names: `descend(output, 'sessions', 'session')`. */
export function descend(element: XmlElement | undefined, ...path: string[]): XmlElement[] {
  let found = element === undefined ? [] : [element];
  for (const name of path) found = found.flatMap((parent) => childrenOf(parent, name));
  return found;
}

/** The text of the first child with that name. */
export function textOf(element: XmlElement, name: string): string | undefined {
  return child(element, name)?.text;
}

/** A count; undefined where there is none. */
export function numberOf(element: XmlElement, name: string): number | undefined {
  const text = textOf(element, name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function child(parent: XmlElement, name: string): XmlElement | undefined {
  return childrenOf(parent, name)[0];
}

function childrenOf(parent: XmlElement, name: string): XmlElement[] {
  return parent.children.filter(
    (node): node is XmlElement => node instanceof XmlElement && node.name === name,
  );
}
