/** `boxtop inventory`: who the containers of this host are, as JSON. */
import type { CommandModule } from 'yargs';
import { DocumentWriter, documentOf } from '../../host/inventory/document.js';
import { InventoryWatcher } from '../../host/inventory/watcher.js';
import { escapeHostile, unicodeEscape } from '../formats/escape.js';
import { Output } from '../output.js';

export interface InventoryArguments {
  readonly watch?: boolean | undefined;
}

/** A runtime that has not answered by then is listed as such, and its containers by their ids. */
const PATIENCE_MS = 3000;

export const inventoryCommand: CommandModule<object, InventoryArguments> = {
  command: 'inventory',
  describe: 'Tell who the containers of this host are, as JSON',
  builder: (yargs) =>
    yargs
      .options({
        watch: {
          alias: 'w',
          type: 'boolean',
          describe: 'Go on: a line for every change and sample, until interrupted',
        },
      })
      .example('$0 inventory > inventory.json', 'For --inventory, with a trace that was recorded here')
      .example('$0 inventory | jq -r .containers[].name', 'The names')
      .epilog(
        'docs/inventory.md describes the format. Run it as root: other users do not reach most runtimes.',
      ),
  handler: (args) => runInventory(args, process.stdout),
};

/** Writes one document, or with --watch one after another until SIGINT or SIGTERM. */
export async function runInventory(args: InventoryArguments, stream: NodeJS.WritableStream): Promise<void> {
  const watcher = new InventoryWatcher();
  const output = new Output(stream);
  try {
    watcher.start();
    await watcher.settled(PATIENCE_MS);
    if (args.watch) return await writeChanges(watcher, output);
    const lines = JSON.stringify(documentOf(watcher.snapshot()), undefined, 2).split('\n');
    await output.write(lines.map((line) => `${escapeHostile(line, unicodeEscape)}\n`).join(''));
    await output.flush();
  } finally {
    watcher.stop();
  }
}

async function writeChanges(watcher: InventoryWatcher, output: Output): Promise<void> {
  const writer = new DocumentWriter();
  let writing = Promise.resolve();
  const interrupted = new Promise<void>((resolve) => {
    process.once('SIGINT', resolve);
    process.once('SIGTERM', resolve);
  });
  const write = async () => {
    const line = writer.line(watcher.snapshot());
    if (line === undefined) return;
    await output.write(`${escapeHostile(line, unicodeEscape)}\n`);
    await output.flush();
  };
  // A reader that is slow gets fewer lines, each with more in it.
  let isWaiting = false;
  watcher.subscribe(() => {
    if (isWaiting) return;
    isWaiting = true;
    writing = writing.then(() => {
      isWaiting = false;
      return write();
    });
  });
  await write();
  // The watcher's own timers do not keep the process.
  const staying = setInterval(() => {}, 2 ** 30);
  await interrupted;
  clearInterval(staying);
  await writing;
}
