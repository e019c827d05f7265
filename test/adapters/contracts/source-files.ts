import { createHash, randomUUID } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SourceFiles, SourceOwner } from '../../../app/ports.ts';

const NOW = Math.floor(Date.now() / 1000) * 1000;
const MEGABYTE = 1024 * 1024;

export interface SourceFilesHarness {
  readonly files: SourceFiles;
  /** What is stored under this key, or undefined. */
  stored(key: string): Promise<Uint8Array | undefined>;
}

export function describeSourceFiles(name: string, make: () => Promise<SourceFilesHarness> | SourceFilesHarness): void {
  describe(`SourceFiles, ${name}`, () => {
    let files: SourceFiles;
    let stored: SourceFilesHarness['stored'];
    beforeAll(async () => {
      const made = await make();
      files = made.files;
      stored = (key) => made.stored(key);
    });

    const source = (): SourceOwner => ({ owner: '1', sourceUuid: randomUUID(), generation: 1 });
    const folder = ({ owner, sourceUuid, generation }: SourceOwner) =>
      `users/${owner}/sources/${sourceUuid}/${generation}`;
    const never = new AbortController().signal;
    const named = async (at: SourceOwner) => {
      const { name, body } = (await files.readOriginal(at))!;
      await collect(body);
      return name;
    };

    it('keeps the original under the ids alone and gives it back as it was', async () => {
      const at = source();
      const bytes = Buffer.from([0, 255, 10, 13, 0]);
      await files.putOriginal(at, bytes);
      expect(await stored(`${folder(at)}/original`)).toEqual(new Uint8Array(bytes));
      const read = (await files.readOriginal(at))!;
      expect(read.bytes).toBe(5);
      expect(await collect(read.body)).toEqual(bytes);
    });

    it('keeps what an original is called with it, in whatever script, and forgets it with the next one', async () => {
      const at = source();
      const name = 'Grüße 日本 🙂 100% "a".pdf';
      await files.putOriginalStream(at, chunks(6 * MEGABYTE), never, { name });
      expect(await named(at)).toBe(name);
      await files.putOriginalStream(at, chunks(1), never, { name: '文'.repeat(150) });
      expect(await named(at)).toBe('文'.repeat(150));
      await files.putOriginalStream(at, chunks(1), never);
      expect(await named(at)).toBeUndefined();
    });

    it('keeps what the sender says of an original, however it was put', async () => {
      const at = source();
      await files.putOriginal(at, Buffer.from('x'), { mediaType: 'image/svg+xml' });
      const put = (await files.readOriginal(at))!;
      expect([put.mediaType, (await collect(put.body)).toString()]).toEqual(['image/svg+xml', 'x']);
      await files.putOriginalStream(at, chunks(1), never, { mediaType: 'text/html', name: 'a' });
      const streamed = (await files.readOriginal(at))!;
      await collect(streamed.body);
      expect(streamed).toMatchObject({ mediaType: 'text/html', name: 'a' });
    });

    it('has no original of a source that none was put of', async () => {
      expect(await files.readOriginal(source())).toBeUndefined();
    });

    it('replaces an original that is put again', async () => {
      const at = source();
      await files.putOriginal(at, Buffer.from('first, and longer'));
      await files.putOriginal(at, Buffer.from('second'));
      expect((await collect((await files.readOriginal(at))!.body)).toString()).toBe('second');
    });

    it.each([
      ['nothing', 0],
      ['less than a part', 1000],
      ['one part exactly', 5 * MEGABYTE],
      ['several parts', 12 * MEGABYTE + 7],
    ])('takes a stream of %s', async (_size, length) => {
      const at = source();
      const hash = createHash('sha256');
      await files.putOriginalStream(at, tap(chunks(length), hash), never);
      const read = (await files.readOriginal(at))!;
      expect(read.bytes).toBe(length);
      expect(digest(await collect(read.body))).toBe(hash.digest('hex'));
    });

    it('leaves no object when the stream fails before its end', async () => {
      const at = source();
      const failing = async function* () {
        yield* chunks(6 * MEGABYTE);
        throw new Error('the connection broke');
      };
      await expect(files.putOriginalStream(at, failing(), never)).rejects.toThrow('the connection broke');
      expect(await files.readOriginal(at)).toBeUndefined();
    });

    it('ends at once and leaves no object when it is aborted while the stream is silent', async () => {
      const at = source();
      const abort = new AbortController();
      const silent = async function* () {
        yield* chunks(6 * MEGABYTE);
        abort.abort(new Error('out of time'));
        await new Promise(() => {});
      };
      await expect(files.putOriginalStream(at, silent(), abort.signal)).rejects.toThrow('out of time');
      expect(await files.readOriginal(at)).toBeUndefined();
    });

    it('does not begin when it is aborted already', async () => {
      const at = source();
      let began = false;
      const unread = async function* () {
        began = true;
        yield* chunks(1);
      };
      await expect(files.putOriginalStream(at, unread(), AbortSignal.abort(new Error('too late')))).rejects.toThrow(
        'too late',
      );
      expect(began).toBe(false);
      expect(await files.readOriginal(at)).toBeUndefined();
    });

    it('keeps the text, from bytes or from a stream, and the result as JSON', async () => {
      const at = source();
      await files.putText(at, Buffer.from('Grüße'));
      expect(Buffer.from((await stored(`${folder(at)}/text.txt`))!).toString()).toBe('Grüße');
      await files.putText(at, chunks(70_000));
      expect((await stored(`${folder(at)}/text.txt`))!.byteLength).toBe(70_000);
      await files.putResult(at, { pages: 3, title: null });
      expect(JSON.parse(Buffer.from((await stored(`${folder(at)}/result.json`))!).toString())).toEqual({
        pages: 3,
        title: null,
      });
    });

    it('tells when the link to the text stops working: an hour from now', async () => {
      const at = source();
      const { url, expiresAt } = await files.textUrl(at, NOW);
      expect(new URL(url).href).toContain(`${folder(at)}/text.txt`);
      expect(expiresAt).toBe(NOW + 60 * 60_000);
    });

    it.each(['', '..', '../2', '1/2', 'a b', '.hidden', 'x'.repeat(129), 'ü', 'a\n'])(
      'refuses the user id %j, which could leave its folder',
      async (owner) => {
        const at = { owner, sourceUuid: randomUUID(), generation: 1 };
        const refused = { code: 'unsafe-key' };
        await expect(files.putOriginal(at, Buffer.from('x'))).rejects.toMatchObject(refused);
        await expect(files.putOriginalStream(at, chunks(1), never)).rejects.toMatchObject(refused);
        await expect(files.readOriginal(at)).rejects.toMatchObject(refused);
        await expect(files.putText(at, Buffer.from('x'))).rejects.toMatchObject(refused);
        await expect(files.putResult(at, {})).rejects.toMatchObject(refused);
        await expect(files.textUrl(at, NOW)).rejects.toMatchObject(refused);
      },
    );

    it('refuses a source id that is not a UUID, and a generation that is none', async () => {
      const refused = { code: 'unsafe-key' };
      const elsewhere = { ...source(), sourceUuid: '../../2/sources/x' };
      await expect(files.readOriginal(elsewhere)).rejects.toMatchObject(refused);
      await expect(files.remove(elsewhere)).rejects.toMatchObject(refused);
      for (const generation of [0, 1.5, Number.NaN]) {
        await expect(files.readOriginal({ ...source(), generation })).rejects.toMatchObject(refused);
      }
    });

    describe('removed', () => {
      const whole = async (at: SourceOwner) => {
        await files.putOriginal(at, Buffer.from('original'));
        await files.putText(at, Buffer.from('text'));
        await files.putResult(at, {});
      };
      const left = async (at: SourceOwner) => {
        const all = ['original', 'text.txt', 'result.json'];
        const found = await Promise.all(all.map((file) => stored(`${folder(at)}/${file}`)));
        return all.filter((_, index) => found[index] !== undefined);
      };

      it('takes all of an upload, and nothing of another generation or source', async () => {
        const at = source();
        const others = [{ ...at, generation: 2 }, { ...at, generation: 10 }, source()];
        await Promise.all([at, ...others].map(whole));
        await files.remove(at);
        expect(await left(at)).toEqual([]);
        for (const other of others) expect(await left(other)).toEqual(['original', 'text.txt', 'result.json']);
      });

      it('is no mistake where there is nothing, or only a part', async () => {
        const at = source();
        await files.remove(at);
        await files.removeOriginal(at);
        await files.putText(at, Buffer.from('text'));
        await files.remove(at);
        expect(await left(at)).toEqual([]);
      });

      it('takes the original alone where that is asked for', async () => {
        const at = source();
        await whole(at);
        await files.removeOriginal(at);
        expect(await left(at)).toEqual(['text.txt', 'result.json']);
      });
    });
  });
}

const CHUNK_BYTES = 64 * 1024;

/** `length` bytes that differ from chunk to chunk, so that a lost or swapped one shows. */
export async function* chunks(length: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < length; at += CHUNK_BYTES) {
    yield Buffer.alloc(Math.min(CHUNK_BYTES, length - at), at / CHUNK_BYTES);
  }
}

async function* tap(bytes: AsyncIterable<Uint8Array>, hash: { update(chunk: Uint8Array): unknown }) {
  for await (const chunk of bytes) {
    hash.update(chunk);
    yield chunk;
  }
}

async function collect(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const chunk of bytes) parts.push(chunk);
  return Buffer.concat(parts);
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
