/**
 * Analyses that tell nothing to the others, and run only where somebody asks for what they tell:
 * `denials` what was refused; `syscalls` how often, how long and in vain threads call the kernel;
 * `files` what they read and write, and with whom they are connected.
 */
export const analyses = ['denials', 'syscalls', 'files'] as const;

export type Analysis = (typeof analyses)[number];

/** Rows that are many, and made only where somebody reads them: `tasks` are those of processes and of threads. */
export const lists = ['tasks', 'syscalls', 'files', 'connections'] as const;

export type List = (typeof lists)[number];

/** What is analyzed besides where the time goes, and told of it besides containers. */
export interface Scope {
  /** All, if undefined. */
  readonly analyses?: readonly Analysis[];
  readonly lists?: readonly List[];
}

/** Whether the analysis is one of the scope. */
export function includes({ analyses: chosen = analyses }: Scope, analysis: Analysis): boolean {
  return chosen.includes(analysis);
}

/** Whether the rows are some of the scope. */
export function tells({ lists: chosen = lists }: Scope, list: List): boolean {
  return chosen.includes(list);
}
