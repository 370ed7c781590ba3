// What the tests need of the system beside Node and a C++ compiler: Debian packages, installed where we may.
import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** One entry a Debian package: what of it is used, by which one sees whether it is there. */
const NEEDED = [
  { package: 'g++', program: 'g++' },
  { package: 'make', program: 'make' },
  { package: 'babeltrace2', program: 'babeltrace2' },
  { package: 'tmux', program: 'tmux' },
  { package: 'lttng-tools', program: 'lttng-sessiond' },
  { package: 'liblttng-ust-dev', header: 'lttng/tracepoint.h' },
  { package: 'zstd', program: 'zstd' },
];
/** The same for engines whose real answers are tested; without one its tests are skipped and say so. */
const ENGINES = [
  { package: 'busybox-static', program: 'busybox' },
  { package: 'docker.io', program: 'dockerd' },
  { package: 'containerd', program: 'containerd' },
  { package: 'runc', program: 'runc' },
  { package: 'podman', program: 'podman' },
  { package: 'lxc', program: 'lxc-start' },
  { package: 'lxd', program: 'lxd' },
  { package: 'systemd-container', program: 'systemd-nspawn' },
];
const HEADER_PLACES = ['/usr/include', '/usr/local/include'];

/** Installs what is missing with apt-get where that is possible; else says what is missing and ends with exit code 1. */
export function installMissing() {
  const missing = (needs) => needs.filter((need) => !isThere(need)).map((need) => need.package);
  const packages = missing(NEEDED);
  const engines = missing(ENGINES);
  if (packages.length + engines.length === 0) return;
  if (process.getuid() === 0 && onPath('apt-get')) {
    console.log(`installing what the tests need: ${[...packages, ...engines].join(' ')}`);
    aptGet(['update', '-qq']);
    // Engines one by one: not every Debian has each, and one of another origin may stand in the way.
    for (const names of [packages, ...engines.map((engine) => [engine])]) {
      if (names.length > 0) aptGet(['install', '-y', '-qq', '--no-install-recommends', ...names]);
    }
  }
  const still = NEEDED.filter((need) => !isThere(need));
  if (still.length === 0) return;
  const wanted = still.map(
    (need) => `${need.program ?? `the header ${need.header}`} (Debian package ${need.package})`,
  );
  console.log(`The tests need ${wanted.join(', ')}.`);
  console.log(`On Debian: sudo apt-get install ${still.map((need) => need.package).join(' ')}`);
  process.exit(1);
}

function aptGet(args) {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, stdout, stderr } = spawnSync('apt-get', args, { env, encoding: 'utf8' });
  if (status !== 0) process.stdout.write(`${stdout}${stderr}`);
}

function isThere({ program, header }) {
  if (program !== undefined) return onPath(program);
  // Debian keeps headers that differ by architecture in a folder of their own.
  const architecture = spawnSync('g++', ['-print-multiarch'], { encoding: 'utf8' }).stdout?.trim() ?? '';
  return HEADER_PLACES.some(
    (place) => existsSync(join(place, header)) || existsSync(join(place, architecture, header)),
  );
}

function onPath(program) {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin'];
  return directories.some((directory) => {
    try {
      accessSync(join(directory, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
