/** What the filter language has, for help and documents. */
export const FILTER_SYNTAX: readonly { readonly form: string; readonly doc: string }[] = [
  {
    form: 'web  web*  /^web/',
    doc: 'Rows whose name has the word, is matched as a whole by a glob, or in part by a regular expression. Capital letters count only where the word has some.',
  },
  { form: '"a b"', doc: 'A word with blanks, signs or brackets in it, as it stands.' },
  { form: 'cpu>20  mem<=1.5G', doc: 'A number: = != > >= < <=; = compares as many digits as are written.' },
  {
    form: 'lat>5ms',
    doc: 'Durations have a unit (ns us ms s m h), bytes may have one (K M G T), counts too (k M G), shares a %.',
  },
  { form: 'image:nginx', doc: 'A text that has the word in it.' },
  { form: 'runtime=podman', doc: 'A text that is the word, or is matched by the glob; != is not.' },
  { form: 'name~"web.*"', doc: 'A text in which the regular expression is found; !~ is not found.' },
  {
    form: 'started>12:03:10',
    doc: 'A time: 12:03:10.5 on the day of the value, 2026-11-22T12:03:10Z, or @NANOSECONDS since the epoch.',
  },
  { form: 'a b  a and b', doc: 'Both.' },
  { form: 'a or b', doc: 'One of them at least; and binds tighter.' },
  { form: 'not a  (a or b) c', doc: 'The opposite; brackets group.' },
  {
    form: 'not limit>=0',
    doc: 'What is unknown fits no comparison, also not != and !~; so this finds what has no limit.',
  },
];
