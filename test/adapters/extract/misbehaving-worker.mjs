// A worker that does what the name of the document says. Tests run it in place of the real one.
import { writeSync } from 'node:fs';

const say = (message) => writeSync(3, `${JSON.stringify(message)}\n`);
const done = { mediaType: 'text/plain', words: 1, characters: 1, preview: 'x' };

const deeds = {
  'fails-to-load': () => process.exit(1),
  exits: () => process.exit(3),
  'says-nothing': () => {},
  throws: () => {
    throw new TypeError('planted');
  },
  aborts: () => process.abort(),
  'is-terminated': () => process.kill(process.pid, 'SIGTERM'),
  'is-killed': () => process.kill(process.pid, 'SIGKILL'),
  'exits-after-done': () => {
    writeSync(1, 'x');
    say({ done });
    process.exit(4);
  },
  loops: () => {
    say({ progress: { bytes: 1, totalBytes: 2 } });
    for (;;);
  },
  'loops-after-text': () => {
    writeSync(1, 'some text');
    for (;;);
  },
  waits: () => setInterval(() => {}, 1000),
  'eats-heap': () => {
    const all = [];
    for (;;) all.push({ all: [all.length] });
  },
  'eats-memory': () => {
    // More than any test allows, and no more than a machine has, should the one who watches be held up.
    const all = [];
    while (all.length < 2_000) all.push(Buffer.alloc(1_000_000, 1));
    for (;;);
  },
  'writes-for-ever': () => {
    for (;;) writeSync(1, 'x'.repeat(65_536));
  },
  'talks-nonsense': () => writeSync(3, 'hello\n'),
  'talks-for-ever': () => {
    for (;;) writeSync(3, 'x'.repeat(65_536));
  },
  'tells-its-world': () => {
    const tried = {};
    const attempt = async (name, deed) => {
      tried[name] = await deed().then(
        () => 'done',
        (error) => error.code,
      );
    };
    const run = async () => {
      const fs = await import('node:fs/promises');
      await attempt('read', () => fs.readFile('/proc/self/environ'));
      await attempt('write', () => fs.writeFile('/tmp/written-by-a-worker', 'x'));
      await attempt('spawn', async () => (await import('node:child_process')).spawnSync('/bin/true'));
      await attempt('thread', async () => new (await import('node:worker_threads')).Worker('', { eval: true }));
      writeSync(1, JSON.stringify({ tried, environment: Object.keys(process.env) }));
      say({ done });
    };
    run();
  },
};

const { filename } = JSON.parse(process.argv[2]);
if (filename !== 'fails-to-load') say({ ready: true });
deeds[filename]();
