/** Doing something with the selected container: a menu of what its runtime offers. */
import type { ContainerRow } from '../../../analyzers/frame.js';
import { openPage, plainPage } from '../page.js';
import { openPrompt } from '../prompt.js';
import type { Session } from '../session.js';

/** One thing that can be done; see host/actions. */
export interface ContainerAction {
  readonly id: string;
  readonly label: string;
  readonly doc: string;
  /** Gets the terminal; shows what it prints; or changes something, so that it is asked for confirmation. */
  readonly kind: 'terminal' | 'page' | 'change';
  readonly needsCpus?: true;
  /** What it prints is to be read, also when it has ended. */
  readonly stays?: true;
  argv(cpus?: number): readonly string[];
}

export interface Finished {
  readonly exitCode: number;
  /** What it printed, standard error too; '' where it had the terminal. */
  readonly output: string;
}

/** How things are done with containers. */
export interface ContainerActions {
  /** A sentence where there are none. */
  of(row: ContainerRow): readonly ContainerAction[] | string;
  /** Runs it and keeps what it prints. @throws Error with one sentence where it cannot be started */
  capture(argv: readonly string[]): Promise<Finished>;
  /** Runs it with this process's terminal, until it ends or is aborted. @throws likewise */
  run(argv: readonly string[], signal: AbortSignal): Promise<Finished>;
}

/** Most CPUs that somebody may mean. */
const MOST_CPUS = 4096;

export function openActions(session: Session): void {
  const { actions } = session.options;
  const row = selectedContainer(session);
  if (typeof actions === 'string') session.message = `Nothing can be done with containers here: ${actions}.`;
  else if (row === undefined) session.message = 'No container is selected.';
  else {
    const offered = row.isHost ? 'this is the host' : actions.of(row);
    if (typeof offered === 'string') session.message = `Nothing can be done with ${row.name}: ${offered}.`;
    else if (offered.length === 0)
      session.message = `Its name or id is unfit for a command line: ${row.name}`;
    else openMenu(session, actions, row, offered);
  }
}

function openMenu(
  session: Session,
  actions: ContainerActions,
  row: ContainerRow,
  offered: readonly ContainerAction[],
): void {
  session.overlay = {
    kind: 'menu',
    title: row.name,
    items: offered.map((action) => ({
      id: action.id,
      label: action.label,
      doc: action.needsCpus ? action.doc : `${action.doc}: ${action.argv().join(' ')}`,
    })),
    selected: 0,
    choose: (id) => {
      const action = offered.find((each) => each.id === id)!;
      if (action.needsCpus)
        askForCpus(session, row, (cpus) => confirm(session, actions, row, action, action.argv(cpus)));
      else if (action.kind === 'change') confirm(session, actions, row, action, action.argv());
      else if (action.kind === 'page') show(session, actions, row, action);
      else handOver(session, actions, action);
    },
  };
}

/** The selected row's container, or the one that was entered. */
function selectedContainer(session: Session): ContainerRow | undefined {
  const { frame, scope, view } = session;
  const key = scope.container?.key ?? (view.table.id === 'containers' ? session.selectedKey() : undefined);
  return frame?.containers.find((row) => row.key === key);
}

function askForCpus(session: Session, { name, limitCpus }: ContainerRow, take: (cpus: number) => void): void {
  const now = limitCpus === undefined ? '' : ` (now ${Number(limitCpus.toFixed(3))})`;
  openPrompt(session, {
    label: `CPUs of ${name}`,
    hint: `how many it may use${now}: 0.5, 2`,
    text: '',
    submit: (text) => {
      const cpus = /^\d{1,4}(\.\d{1,3})?$/.test(text.trim()) ? Number(text) : 0;
      if (!(cpus >= 0.01 && cpus <= MOST_CPUS))
        return { message: `“${text}” is no number of CPUs from 0.01 on` };
      take(cpus);
      return undefined;
    },
  });
}

function confirm(
  session: Session,
  actions: ContainerActions,
  row: ContainerRow,
  action: ContainerAction,
  argv: readonly string[],
): void {
  openPrompt(session, {
    label: `${action.label} ${row.name}? y/n`,
    hint: `y runs: ${argv.join(' ')}`,
    text: '',
    submit: (text) => {
      if (!/^y(es)?$/i.test(text.trim())) {
        session.message = 'Nothing was done.';
        return undefined;
      }
      session.message = `${argv.join(' ')} …`;
      follow(session, actions.capture(argv), ({ exitCode, output }) => {
        session.message =
          exitCode === 0 ? `Done: ${argv.join(' ')}` : `${argv[0]} failed (${exitCode}): ${lastLine(output)}`;
      });
      return undefined;
    },
  });
}

function show(session: Session, actions: ContainerActions, row: ContainerRow, action: ContainerAction): void {
  const argv = action.argv();
  session.message = `${argv.join(' ')} …`;
  follow(session, actions.capture(argv), ({ exitCode, output }) => {
    session.message = exitCode === 0 ? undefined : `${argv[0]} ended with code ${exitCode}.`;
    openPage(session, `${action.label} ${row.name}`, plainPage(output));
  });
}

/** How it ended has been seen when the terminal comes back. */
function handOver(session: Session, actions: ContainerActions, action: ContainerAction): void {
  const work = (signal: AbortSignal) => actions.run(action.argv(), signal);
  follow(session, session.options.lendTerminal(work, action.stays ?? false), () => {});
}

function follow(session: Session, doing: Promise<Finished>, done: (finished: Finished) => void): void {
  doing.then(
    (finished) => session.update(() => done(finished)),
    (error: unknown) =>
      session.update(() => {
        session.message = error instanceof Error ? error.message : String(error);
      }),
  );
}

function lastLine(output: string): string {
  return output.trim().split('\n').at(-1) ?? '';
}
