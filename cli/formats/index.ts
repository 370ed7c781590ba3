import type { Format } from './format.js';
import { jsonArray, jsonLines } from './json.js';
import { csv, tsv } from './separated.js';
import { table } from './table.js';

/** The values of `--format`. */
export const formats = { table, json: jsonArray, jsonl: jsonLines, csv, tsv } satisfies Record<
  string,
  () => Format
>;

export type FormatName = keyof typeof formats;
export const formatNames = Object.keys(formats) as FormatName[];
