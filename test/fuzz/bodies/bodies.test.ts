import { describe, expect, it } from 'vitest';
import { parseMultipart } from '../../../adapters/http/parse-multipart.ts';
import { bodyCase, checkBody } from './check-body.ts';
import { BOUNDARY, encodeForm, FORMS, filePart, formOf, textPart } from './form.ts';
import { formDataDiffers } from './node-form-data.ts';
import { readForm } from './reference-parser.ts';
import { fuzzBodies } from './run-bodies.ts';

/** A full run: npm run fuzz -- bodies */
const BODIES = 4_000;

describe('multipart bodies that were changed', () => {
  it(`are each accepted or refused, ${BODIES} of them, and what is accepted two other readers read the same`, async () => {
    const wrong: string[] = [];
    const figures = await fuzzBodies({
      seed: 20_240_229,
      from: 0,
      to: BODIES,
      onWrong: (index, what) => wrong.push(`body ${index}: ${what}`),
    });
    expect(wrong).toEqual([]);
    expect(figures).toMatchObject({ bodies: BODIES, wrong: 0, uncaught: 0 });
    // A change that leaves no form as it was, or one that leaves each, would prove nothing.
    expect(figures.accepted).toBeGreaterThan(BODIES / 8);
    expect(figures.accepted).toBeLessThan(BODIES / 2);
    expect(figures.comparedWithFormData).toBeGreaterThan(BODIES / 10);
    expect(figures.refused.size).toBeGreaterThanOrEqual(6);
  }, 60_000);

  it('are the same again for the same seed and number', () => {
    expect(bodyCase(3, 17)).toEqual(bodyCase(3, 17));
    expect(bodyCase(3, 17)).not.toEqual(bodyCase(4, 17));
  });
});

describe('the second parser', () => {
  it.each(FORMS.map((form, index) => [index, form] as const))(
    'reads form %i as the first does',
    async (_index, form) => {
      const made = { type: form.type, body: encodeForm(form) };
      expect(await checkBody(made, true)).toMatchObject({ accepted: true });
      expect((await checkBody(made, true)).wrong).toBeUndefined();
    },
  );

  it('reads fields and a file, with quotes, folders and a backslash in its name', () => {
    const form = formOf(textPart('content', 'ü\r\n--x'), filePart('..\\dir/a\\"b%22.txt', 'bytes', 'Text/Plain; x=y'));
    expect(readForm(form.type, encodeForm(form))).toEqual({
      fields: { content: 'ü\r\n--x' },
      file: { filename: 'a"b".txt', mediaType: 'text/plain', bytes: Buffer.from('bytes') },
    });
  });

  it('sees a field, a name or a byte that is another', async () => {
    const form = formOf(textPart('content', 'x'), filePart('a.txt', 'bytes'));
    const body = encodeForm(form);
    const read = await parseMultipart(form.type, body);
    const changes = [
      body.toString().replace('x\r\n', 'y\r\n'),
      body.toString().replace('a.txt', 'b.txt'),
      body.toString().replace('bytes', 'bites'),
    ];
    for (const changed of changes) {
      expect((await formDataDiffers(read, form.type, Buffer.from(changed))).wrong).toBeTypeOf('string');
    }
    expect(await formDataDiffers(read, form.type, body)).toEqual({ compared: true });
  });

  it('does not read a body without its end', () => {
    const body = encodeForm(formOf(textPart('content', 'x')));
    expect(() => readForm(`multipart/form-data; boundary=${BOUNDARY}`, body.subarray(0, -5))).toThrow('closing');
  });
});
