/**
 * `inventory.jsonl`: who the containers were, while they were recorded. Each line is a document of the inventory's format
 * (docs/inventory.md) with what has changed, written as it becomes known and never changed; a line that was cut off ends
 * what can be read.
 */
import { type FileHandle, open } from 'node:fs/promises';
import type { Inventory } from '../analyzers/inventory.js';
import { DocumentWriter } from '../host/inventory/document.js';
import { readDocuments } from '../host/inventory/document-file.js';
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

  async close(): Promise<void> {
    await this.file.close();
  }
}

/** Reads it up to its end, or to where it was cut off. @throws InventoryError */
export async function readInventoryLog(path: string): Promise<Inventory> {
  return (await readDocuments(path, 'cut')) ?? [];
}
