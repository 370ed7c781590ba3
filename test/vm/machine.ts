/**
 * The virtual machine: a Debian whose kernel LTTng can trace (image.sh), booted under software emulation, because not every
 * machine lets us use its processor's. The image is built once and cached outside the repository; what a run writes to its
 * disk is thrown away.
 */
import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { root } from '../native/recordings.js';

const HERE = join(root, 'test/vm');
const TOOLS = ['debootstrap', 'qemu-system-x86_64', 'mke2fs'];
const MEMORY_MIB = 4096;
const PROCESSORS = 2;
/** Where a relay daemon inside is read from outside. */
const LIVE_PORT = 5344;

/** Longer than any job waits for one thing. It may have stopped for good: an emulated kernel does so now and then. */
const LONGEST_SILENCE_MS = 11 * 60_000;
const LOOK_EVERY_MS = 5000;

/** What the tests inside need of the project, besides the dependencies. */
const PROJECT = [
  'bin',
  'dist',
  'package.json',
  'recordings/demo',
  'recordings/rehearsal',
  'native/build/Release/boxtop.node',
];

/** Undefined where a machine can be built and booted here; else what is missing. */
export function whatIsMissing(): string | undefined {
  const missing = TOOLS.filter((tool) => spawnSync('sh', ['-c', `command -v ${tool}`]).status !== 0);
  if (missing.length > 0) {
    return `${missing.join(', ')} (Debian: apt-get install debootstrap qemu-system-x86 e2fsprogs)`;
  }
  return process.getuid?.() === 0 || isBuilt() ? undefined : 'root, to build the image';
}

/** Builds the image where it is not there yet: about ten minutes. */
export function buildImage(): void {
  if (isBuilt()) return;
  const fresh = `${imageDirectory()}.${process.pid}`;
  console.log(`building the image ${imageDirectory()} (about ten minutes)`);
  mkdirSync(fresh, { recursive: true });
  try {
    execFileSync('nice', [join(HERE, 'image.sh'), fresh], { stdio: ['ignore', 'ignore', 'inherit'] });
    renameSync(fresh, imageDirectory());
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/** The project, its dependencies and this Node as a disk that the machine mounts read-only. */
export function makeProjectDisk(): string {
  const stage = mkdtempSync(join(tmpdir(), 'boxtop-vm-project-'));
  const disk = join(cacheDirectory(), 'project.img');
  try {
    for (const path of [...PROJECT, ...dependencies()]) {
      const options = { recursive: true, verbatimSymlinks: true, preserveTimestamps: true };
      cpSync(join(root, path), join(stage, path), options);
    }
    cpSync(process.execPath, join(stage, 'node'));
    const kib = Number(execFileSync('du', ['-sk', stage], { encoding: 'utf8' }).split('\t')[0]);
    rmSync(disk, { force: true });
    execFileSync('mke2fs', ['-q', '-t', 'ext4', '-d', stage, disk, `${Math.ceil(kib * 1.2) + 32_768}k`]);
    return disk;
  } finally {
    rmSync(stage, { recursive: true });
  }
}

/** What stands in the log before each job's own lines. */
export const JOB_LINE = '== job ';

export interface Run {
  /** The folder that the machine shares with us; `job.log` is in it. */
  readonly share: string;
  readonly log: string;
  readonly seconds: number;
  /** Ended by itself, and the jobs with exit code 0. */
  readonly ok: boolean;
}

/**
 * Boots, runs guest/JOB.sh for one job after the other with everything of guest/ beside it, and waits for the end, also for
 * that of `meanwhile`, which is given the shared folder and a port here that leads to `LIVE_PORT` inside.
 */
export async function runInside(
  disk: string,
  jobs: readonly string[],
  timeoutSeconds: number,
  meanwhile: (share: string, port: number) => Promise<void> = async () => {},
): Promise<Run> {
  const share = mkdtempSync(join(tmpdir(), 'boxtop-vm-'));
  const port = await freePort();
  cpSync(join(HERE, 'guest'), share, { recursive: true });
  const lines = jobs.map((job) => `echo '${JOB_LINE}${job}'\n/share/${job}.sh || failed=1\n`);
  writeFileSync(join(share, 'job'), `#!/bin/bash\n${lines.join('')}exit \${failed:-0}\n`, { mode: 0o755 });
  const started = performance.now();
  const machine = spawn(
    'timeout',
    [String(timeoutSeconds), 'qemu-system-x86_64', ...machineArguments(disk, share, port)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  // Whoever ends us ends it.
  const kill = (): void => {
    machine.kill();
  };
  process.once('exit', kill);
  let console = '';
  machine.stdout.setEncoding('utf8').on('data', (text: string) => {
    console += text;
  });
  const logFile = join(share, 'job.log');
  const told = (): string => (existsSync(logFile) ? readFileSync(logFile, 'utf8') : console);
  let before = { length: 0, time: started };
  let isStuck = false;
  const watchdog = setInterval(() => {
    const { length } = told();
    const time = performance.now();
    if (length !== before.length) before = { length, time };
    isStuck = time - before.time > LONGEST_SILENCE_MS;
    if (isStuck) machine.kill();
  }, LOOK_EVERY_MS);
  const ended = once(machine, 'exit').finally(() => {
    clearInterval(watchdog);
    process.off('exit', kill);
  });
  const [[code]] = await Promise.all([ended, meanwhile(share, port)]);
  const end = isStuck
    ? `the machine told nothing for ${LONGEST_SILENCE_MS / 60_000} minutes, and was ended\n`
    : '';
  const log = told() + end;
  const seconds = (performance.now() - started) / 1000;
  return { share, log, seconds, ok: code === 0 && log.endsWith('exit code 0\n') };
}

function machineArguments(project: string, share: string, port: number): string[] {
  const image = imageDirectory();
  const kernel = 'root=/dev/vda rw console=ttyS0 quiet panic=1 mitigations=off apparmor=0';
  const drive = (file: string, options: string) => ['-drive', `file=${file},if=virtio,format=raw,${options}`];
  return [
    ...['-accel', 'tcg,thread=multi', '-cpu', 'max', '-smp', `${PROCESSORS}`, '-m', `${MEMORY_MIB}`],
    ...['-nodefaults', '-no-reboot', '-display', 'none', '-serial', 'stdio'],
    ...['-kernel', join(image, 'vmlinuz'), '-initrd', join(image, 'initrd.img'), '-append', kernel],
    ...drive(join(image, 'disk.raw'), 'cache=unsafe,snapshot=on'),
    ...drive(project, 'readonly=on'),
    ...['-virtfs', `local,path=${share},mount_tag=share,security_model=none`],
    ...['-netdev', `user,id=n0,restrict=on,hostfwd=tcp:127.0.0.1:${port}-:${LIVE_PORT}`],
    ...['-device', 'virtio-net-pci,netdev=n0', '-device', 'virtio-rng-pci'],
  ];
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

function dependencies(): string[] {
  const list = spawnSync('npm', ['ls', '--omit=dev', '--all', '--parseable'], {
    cwd: root,
    encoding: 'utf8',
  });
  return list.stdout
    .split('\n')
    .filter((path) => path.includes('/node_modules/'))
    .map((path) => relative(root, path));
}

/** Named by what builds it: another script, another image. */
function imageDirectory(): string {
  const version = createHash('sha256')
    .update(readFileSync(join(HERE, 'image.sh')))
    .digest('hex')
    .slice(0, 12);
  return join(cacheDirectory(), version);
}

function isBuilt(): boolean {
  return existsSync(imageDirectory());
}

function cacheDirectory(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), '.cache'), 'boxtop-vm');
}
