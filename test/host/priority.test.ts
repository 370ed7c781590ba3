import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { constants, getPriority, setPriority } from 'node:os';
import { afterEach, beforeEach, describe, it } from 'node:test';
import { atUsualPriority, goFirst } from '../../host/priority.js';

const { PRIORITY_ABOVE_NORMAL, PRIORITY_BELOW_NORMAL, PRIORITY_NORMAL } = constants.priority;

/** What a process has that is started so. */
function priorityOf(start: () => ReturnType<typeof spawn>): number {
  const child = start();
  try {
    return getPriority(child.pid!);
  } finally {
    child.kill();
  }
}

const sleeper = () => spawn('sleep', ['10']);
const isRoot = process.getuid?.() === 0;

describe('priority', { skip: isRoot ? false : 'only root may raise it' }, () => {
  let before = PRIORITY_NORMAL;
  beforeEach(() => {
    before = getPriority(0);
    setPriority(0, PRIORITY_NORMAL);
  });
  afterEach(() => setPriority(0, before));

  it('is raised for boxtop and what it starts from then on, and not for what others are to run', () => {
    goFirst();
    assert.equal(getPriority(0), PRIORITY_ABOVE_NORMAL);
    assert.equal(priorityOf(sleeper), PRIORITY_ABOVE_NORMAL);
    assert.equal(
      priorityOf(() => atUsualPriority(sleeper)),
      PRIORITY_NORMAL,
    );
    assert.equal(getPriority(0), PRIORITY_ABOVE_NORMAL);
  });

  it('stays what somebody chose', () => {
    setPriority(0, PRIORITY_BELOW_NORMAL);
    goFirst();
    assert.equal(getPriority(0), PRIORITY_BELOW_NORMAL);
    assert.equal(
      priorityOf(() => atUsualPriority(sleeper)),
      PRIORITY_BELOW_NORMAL,
    );
  });
});
