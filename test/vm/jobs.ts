/** What runs inside (guest/NAME.sh), and what is verified outside: with what it left in the shared folder, or while it runs. */
import type { Checks } from './checks.js';
import { compileTries, verifyDenials } from './deny-truth.js';
import { verifyLive } from './live.js';
import { watchFromOutside } from './outside.js';
import { verifyBytes, verifyIdentity, verifyLimits, verifyRecording } from './verify.js';

export interface Job {
  readonly name: string;
  readonly timeoutSeconds: number;
  /** Runs while the machine does, from its start; `port` here leads to port 5344 inside. */
  meanwhile?(share: string, port: number, checks: Checks): Promise<void>;
  verify?(share: string, checks: Checks): void;
}

/** The jobs by the boots of the machine; those that are told in one share it. */
export const BOOTS: readonly (readonly Job[])[] = [
  [{ name: 'record', timeoutSeconds: 2400, verify: verifyRecording }],
  [{ name: 'deny', timeoutSeconds: 2400, meanwhile: compileTries, verify: verifyDenials }],
  [{ name: 'cuts', timeoutSeconds: 2400 }],
  [{ name: 'live', timeoutSeconds: 2400, verify: verifyLive }],
  [
    { name: 'identity', timeoutSeconds: 1800, verify: verifyIdentity },
    { name: 'bytes', timeoutSeconds: 1800, verify: verifyBytes },
    { name: 'limits', timeoutSeconds: 1800, verify: verifyLimits },
  ],
  [{ name: 'outside', timeoutSeconds: 2400, meanwhile: watchFromOutside }],
];
