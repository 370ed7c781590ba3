/** Going from one row that fits to the next, without hiding the others. */
import { compileFilter, filterChoices } from './filter.js';
import { remember } from './history.js';
import type { Complaint } from './overlay.js';
import { openPrompt } from './prompt.js';
import type { Session } from './session.js';

export function openSearch(session: Session): void {
  const start = session.selectedIndex();
  const find = (text: string): Complaint | undefined => {
    const complaint = setSearch(session, text);
    if (complaint !== undefined) return complaint;
    session.moveTo(start);
    return text === '' || findNext(session, 1, start) ? undefined : { message: 'nothing here fits' };
  };
  openPrompt(session, {
    label: 'Search',
    hint: 'as a filter: web, web*, /^web/, cpu>20; n and N go on to the next and the one before',
    text: '',
    history: session.chosen.filters,
    complete: (typed) => filterChoices(typed, session),
    change: find,
    submit: (text) => {
      const complaint = find(text);
      if (complaint === undefined && text !== '') remember(session.chosen.filters, text);
      return complaint;
    },
    cancel: () => session.moveTo(start),
  });
}

/** From the selected row on (`by` 1) or back (-1), around the end. */
export function searchOn(session: Session, by: number): void {
  if (session.search === undefined) {
    openSearch(session);
    return;
  }
  const complaint = setSearch(session, session.search.text);
  if (complaint !== undefined) session.message = complaint.message;
  else if (!findNext(session, by, session.selectedIndex() + by))
    session.message = 'Nothing here fits the search.';
}

/** For the view that is shown: another view has other columns. */
function setSearch(session: Session, text: string): Complaint | undefined {
  const result = compileFilter(text, session.view.table, session.options.compilePattern, (problem) => {
    session.message = problem;
  });
  if ('complaint' in result) return result.complaint;
  session.search = result.matcher === undefined ? undefined : { text, matcher: result.matcher };
  return undefined;
}

function findNext(session: Session, by: number, from: number): boolean {
  const { search, frame } = session;
  if (search === undefined || frame === undefined) return false;
  const { rows } = session.rows();
  for (let step = 0; step < rows.length; step++) {
    const index = (((from + step * by) % rows.length) + rows.length) % rows.length;
    if (search.matcher(rows[index], frame)) {
      session.moveTo(index);
      return true;
    }
  }
  return false;
}
