/** Events to batches with all that the analyzers subscribe to, and nothing done with them: `batches.js TRACE`. Prints JSON. */

import { Engine } from '../analyzers/engine.js';
import { open } from '../native/index.js';

const before = process.cpuUsage();
const source = await open(process.argv[2]!, Engine.subscription());
let rows = 0;
for await (const batch of source) rows += batch.length;
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ cpu: (user + system) / 1e6, rows, events: source.counters().events }));
