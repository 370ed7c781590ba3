import type { Choice, Complaint } from '../overlay.js';
import type { Session } from '../session.js';

export interface ArgumentChoice {
  readonly value: string;
  /** One sentence. */
  readonly title: string;
}

/** Something that a line in the palette can do. */
export interface Command {
  /** The first word of the line. */
  readonly id: string;
  /** What follows it, for people: `TIME`; in brackets where it may be left out. */
  readonly argument: string;
  readonly title: string;
  /** What the argument may be, as far as that can be listed. */
  choices?(session: Session): readonly ArgumentChoice[];
  /** The same for an argument that is a language of its own: what the one typed so far may become. */
  complete?(session: Session, typed: string): readonly Choice[];
  /** @returns why it cannot be done; an error thrown is told in the same way. */
  run(session: Session, argument: string): Complaint | undefined;
}

/** A complaint about the argument as a whole. */
export function complain(message: string): Complaint {
  return { message };
}
