/** A relay daemon that gives a recorded kernel trace live, over and over: `feed.js TRACE SPEED TIMER_MS`. Prints the session's URL. */

import { endless } from '../../test/native/live/endless.js';
import { ScriptedRelay } from '../../test/native/live/relay.js';

const [trace, speed, timerMs] = process.argv.slice(2) as [string, string, string];
console.log(await new ScriptedRelay(endless(trace, Number(speed), Number(timerMs))).listen());
