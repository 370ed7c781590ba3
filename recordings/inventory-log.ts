/**
 * `inventory.jsonl`: who the containers were, and what looks at the host have shown, while they were recorded. Each line is a document of the inventory's format
 * (docs/inventory.md) with what has changed, written as it becomes known and never changed; a line that was cut off ends
 * what can be read.
 */
import { type FileHandle, open } from 'node:fs/promises';
import { HostLooks, type Look } from '../analyzers/denials/looks.js';
import { DocumentWriter, looksLine } from '../host/inventory/document.js';
import { type Documents, readDocuments } from '../host/inventory/document-file.js';
import type { InventorySnapshot } from '../host/inventory/watcher.js';

export const INVENTORY_LOG_FILE = 'inventory.jsonl';

export class InventoryLog {
  readonly #writer = new DocumentWriter();

  private constructor(private readonly file: FileHandle) {}

  /** Creates the file. */
  static async create(path: string): Promise<InventoryLog> {
    return new InventoryLog(await open(path, 'wx', 0o600));
  }

  /** Writes what the snapshot tells that was not written yet. */
  async append(snapshot: InventorySnapshot): Promise<void> {
    const line = this.#writer.line(snapshot);
    if (line !== undefined) await this.file.appendFile(`${line}\n`);
  }

  /** Writes what looks at the host have shown. */
  async appendLooks(looks: readonly Look[]): Promise<void> {
    if (looks.length > 0) await this.file.appendFile(`${looksLine(looks)}\n`);
  }

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** Reads it up to its end, or to where it was cut off. @throws InventoryError */
export async function readInventoryLog(path: string): Promise<Documents> {
  return (await readDocuments(path, 'cut')) ?? { inventory: [], looks: new HostLooks() };
}
