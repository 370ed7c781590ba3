/**
 * From events to frames of a second, with all analyzers: `frames.js TRACE`. Prints JSON: what an event costs from the fourth
 * frame on, when the code is compiled and the rows of those who sleep are there.
 */

import { createRequire } from 'node:module';
import { Engine } from '../analyzers/engine.js';
import { open } from '../native/index.js';

// As boxtop runs.
createRequire(import.meta.url)('../../bin/bundle.js').setCompilerFlags();
const source = await open(process.argv[2]!, Engine.subscription());
const engine = new Engine(source, { interval: 1e9 });
let frames = 0;
let events = 0;
let before = process.cpuUsage();
for await (const batch of source) {
  for (const frame of engine.push(batch)) {
    if (++frames <= 3) before = process.cpuUsage();
    else events += frame.quality.events;
  }
}
const { user, system } = process.cpuUsage(before);
console.log(JSON.stringify({ ns: ((user + system) * 1e3) / events, frames, events }));
