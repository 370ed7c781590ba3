import { objectOf } from '../../syscalls/target.js';
import type { Case } from '../case.js';
import type { Confidence } from '../refusal.js';
import { ipcRules } from './ipc.js';
import { limitRules } from './limits.js';
import { missingFileRules } from './missing-files.js';
import { networkRules } from './network.js';
import { permissionRules } from './permissions.js';
import { privilegeRules } from './privileges.js';
import { processRules } from './processes.js';
import { readOnlyRules } from './read-only.js';
import { type Rule, usual } from './rule.js';

const unexplained: Rule = {
  id: 'unexplained',
  cause: 'unknown',
  clues: [usual('possible', 'no rule knows this error of this call')],
  sentence: 'failed',
};

/** All rules. The first one that matches and has a clue explains. */
export const rules: readonly Rule[] = [
  ...privilegeRules,
  ...limitRules,
  ...processRules,
  ...readOnlyRules,
  ...missingFileRules,
  ...permissionRules,
  ...networkRules,
  ...ipcRules,
  unexplained,
];

export interface Explanation {
  readonly rule: Rule;
  readonly confidence: Confidence;
  readonly evidence: string;
}

/** Why it was refused. */
export function explain(facts: Case): Explanation {
  for (const rule of candidates(facts.refusal.call, facts.refusal.errno)) {
    if (rule.target !== undefined && !rule.target.some((kind) => kind === facts.refusal.target?.kind))
      continue;
    for (const { confidence, tell } of rule.clues) {
      const evidence = tell(facts);
      if (evidence !== undefined) return { rule, confidence, evidence };
    }
  }
  throw new TypeError(`no rule for ${facts.refusal.call} ${objectOf(facts.refusal.target)}`);
}

function candidates(call: string, errno: string): readonly Rule[] {
  return rules.filter(
    ({ calls, errnos }) => (calls?.includes(call) ?? true) && (errnos?.includes(errno) ?? true),
  );
}
