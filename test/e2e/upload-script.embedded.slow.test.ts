import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Service, startService } from './service.ts';

const SCRIPT = fileURLToPath(new URL('../../test-websocket-upload.sh', import.meta.url));
const NOTHING_RUNS = 'Run npm start first.';

describe('test-websocket-upload.sh', () => {
  let service: Service;
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'upload-script-'));
    service = await startService('embedded');
  });
  afterAll(async () => {
    await service?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });

  async function run(...args: string[]): Promise<{ code: number; output: string }> {
    // In any language, and with the colours that a CI asks for.
    const env = { ...process.env, LC_ALL: 'C', NO_COLOR: undefined, FORCE_COLOR: '1' };
    const child = spawn(SCRIPT, args, { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = Promise.all([once(child, 'close'), text(child.stdout), text(child.stderr)]);
    const [[code], out, errors] = await ended;
    return { code: code as number, output: out + errors };
  }

  test.each(['notes.txt', 'a, b; c.txt', 'say "hello".txt', 'back\\slash.txt', 'type=text; x.txt'])(
    'sends %j, by its path from where it is called or from the root',
    async (name) => {
      await writeFile(join(folder, name), 'Two words.');
      for (const path of [name, join(folder, name)]) {
        const { code, output } = await run('--base-url', service.client.url, '--file', path);
        expect([code, output]).toEqual([0, expect.stringContaining('OK: it ended in success.')]);
        expect(output).toContain(`== a file: ${basename(name)}`);
      }
    },
  );

  test('says that nothing answers only where nothing does', async () => {
    expect(await run('--base-url', 'http://127.0.0.1:1')).toMatchObject({
      code: 1,
      output: expect.stringContaining(`No service answers at http://127.0.0.1:1. ${NOTHING_RUNS}`),
    });
    const { code, output } = await run('--base-url', `https://localhost:${new URL(service.client.url).port}`);
    expect([code, output]).toEqual([1, expect.stringMatching(/^curl: /m)]);
    expect(output).not.toContain(NOTHING_RUNS);
    expect((await run('--file', 'missing.txt')).output).toBe(`Cannot read ${folder}/missing.txt.\n`);
  });
});
