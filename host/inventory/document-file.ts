/** Reads a file in the inventory's own format: one document, or one a line as a recording has them. */
import { type FileHandle, open } from 'node:fs/promises';
import type { HostLooks } from '../../analyzers/denials/looks.js';
import type { Inventory } from '../../analyzers/inventory.js';
import { DocumentReader, FORMAT, isDocument } from './document.js';
import { InventoryError } from './error.js';

const BEGINNING = new RegExp(`^\\s*\\{\\s*"format"\\s*:\\s*"${FORMAT}"`);
const BEGINNING_BYTES = 1024;
const BLOCK_BYTES = 1024 * 1024;
/** A day of a host with hundreds of containers. */
const LARGEST_FILE = 8 * 1024 ** 3;
/** One document of 100 000 containers. */
const LONGEST_DOCUMENT = 256 * 1024 * 1024;

/** What may be wrong with a file: a recording's is read up to where it was cut off, be it in the first line. */
export type Tolerance = 'whole' | 'cut';

export interface Documents {
  readonly inventory: Inventory;
  /** What looks at the host have shown. */
  readonly looks: HostLooks;
}

/** undefined where the file is of another format. @throws InventoryError, or the system's error */
export async function readDocuments(
  file: string,
  tolerance: Tolerance = 'whole',
): Promise<Documents | undefined> {
  const handle = await open(file, 'r');
  try {
    const head = await handle.read(Buffer.alloc(BEGINNING_BYTES), 0, BEGINNING_BYTES, 0);
    if (!BEGINNING.test(head.buffer.toString('utf8', 0, head.bytesRead))) return undefined;
    const { size } = await handle.stat();
    if (size > LARGEST_FILE)
      throw new InventoryError(`${file} has ${size} bytes; at most ${LARGEST_FILE} are read`);
    return await readLines(handle, new DocumentLines(file, tolerance));
  } finally {
    await handle.close();
  }
}

async function readLines(handle: FileHandle, documents: DocumentLines): Promise<Documents> {
  let rest = '';
  for await (const block of handle.createReadStream({
    encoding: 'utf8',
    highWaterMark: BLOCK_BYTES,
    autoClose: false,
  })) {
    const lines = (rest + String(block)).split('\n');
    rest = lines.pop()!;
    if (rest.length > LONGEST_DOCUMENT)
      throw documents.complaint(`has more than ${LONGEST_DOCUMENT} characters`);
    for (const line of lines) documents.take(line);
  }
  documents.end(rest);
  return { inventory: documents.reader.inventory(), looks: documents.reader.looks };
}

/** Documents of one line each, or one that a tool has laid out over many. */
class DocumentLines {
  readonly reader = new DocumentReader();
  private count = 0;
  private lines: string[] = [];
  private length = 0;

  constructor(
    private readonly file: string,
    private readonly tolerance: Tolerance,
  ) {}

  take(line: string): void {
    this.lines.push(line);
    this.length += line.length;
    if (this.length > LONGEST_DOCUMENT) throw this.complaint(`has more than ${LONGEST_DOCUMENT} characters`);
    // Laid out, a document ends with a brace at the beginning of a line.
    if (this.lines.length > 1 && !line.startsWith('}')) {
      if (BEGINNING.test(line)) throw this.complaint('is no JSON');
      return;
    }
    const text = this.lines.join('\n');
    if (text.trim() === '' || this.read(text)) {
      this.lines = [];
      this.length = 0;
    }
  }

  /** What a full disk or a kill cut off in the last line of many is not told. */
  end(rest: string): void {
    const text = [...this.lines, rest].join('\n');
    if (text.trim() === '' || this.read(text)) return;
    if (this.count === 0 && this.tolerance === 'whole') throw this.complaint('is no JSON, or is cut off');
  }

  complaint(what: string): InventoryError {
    return new InventoryError(`${this.file}: document ${this.count + 1} ${what}`);
  }

  private read(text: string): boolean {
    const document = parsed(text);
    if (document === undefined) return false;
    const wrong = isDocument(document) ? this.reader.take(document) : `is not of the format ${FORMAT}`;
    if (wrong !== undefined) throw this.complaint(wrong);
    this.count++;
    return true;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
