// Films the tmux session `top` into /share/film as long as /share/filming is there: every screen with its looks, and the time
// after it was seen; live.ts reads them. One client stays for all pictures: to start one for each takes up to a second in this
// machine, and a tenth of a CPU from what is filmed.
import { spawn } from 'node:child_process';
import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
import { createInterface } from 'node:readline';

const EVERY_MS = 200;

// Control mode, tmux(1): the output of a command stands between the lines “%begin …” and “%end …”.
const tmux = spawn('tmux', ['-C', 'attach', '-t', 'top', '-f', 'no-output,ignore-size'], {
  stdio: ['pipe', 'pipe', 'inherit'],
});
let picture;
let last = '';
createInterface({ input: tmux.stdout }).on('line', (line) => {
  if (line.startsWith('%begin ')) {
    picture = [];
  } else if (line.startsWith('%end ') || line.startsWith('%error ')) {
    take(picture.join('\n'));
    picture = undefined;
  } else {
    picture?.push(line);
  }
});

function take(screen) {
  if (screen === last || screen === '') return;
  last = screen;
  const micros = Math.round((performance.timeOrigin + performance.now()) * 1000);
  appendFileSync('/share/film', `@@ ${micros}000\n${screen}\n`);
}

writeFileSync('/share/film', '');
const timer = setInterval(() => {
  if (existsSync('/share/filming')) tmux.stdin.write('capture-pane -e -p -t top\n');
  else tmux.stdin.end();
}, EVERY_MS);
tmux.on('exit', () => clearInterval(timer));
