/**
 * Analyses that tell nothing to the others, and run only where somebody asks for what they tell:
 * `denials` what was refused; `syscalls` how often, how long and in vain threads call the kernel;
 * `files` what they read and write, and with whom they are connected; `tasks` each process and thread by itself.
 */
export const analyses = ['denials', 'syscalls', 'files', 'tasks'] as const;

export type Analysis = (typeof analyses)[number];

/** What is analyzed besides where the time goes. */
export interface Scope {
  /** All, if undefined. */
  readonly analyses?: readonly Analysis[];
}

/** Whether the analysis is one of the scope. */
export function includes({ analyses: chosen = analyses }: Scope, analysis: Analysis): boolean {
  return chosen.includes(analysis);
}
