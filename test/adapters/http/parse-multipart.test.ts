import { Writable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { describe, expect, it } from 'vitest';
import { parseMultipart } from '../../../adapters/http/parse-multipart.ts';
import { RequestError, type RequestErrorCode } from '../../../domain/errors.ts';
import { MAX_FIELD_BYTES } from '../../../domain/limits.ts';

const BOUNDARY = '------------------------d74496d66958873e';
const TYPE = `multipart/form-data; boundary=${BOUNDARY}`;

function field(name: string, value: string): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
}

function file(name: string, filename: string, content: string, type = 'application/octet-stream'): string {
  return `--${BOUNDARY}\r\nContent-Disposition: form-data; name="${name}"; filename="${filename}"\r\nContent-Type: ${type}\r\n\r\n${content}\r\n`;
}

/** A form of one field that says more of its type. */
function charset(value: string, parameter: string): string {
  const typed = `name="content"\r\nContent-Type: text/plain${parameter}`;
  return form(field('content', value)).toString().replace('name="content"', typed);
}

function form(...parts: string[]): Buffer {
  return Buffer.from(`${parts.join('')}--${BOUNDARY}--\r\n`);
}

async function refusal(body: Buffer | string, contentType: string | undefined = TYPE): Promise<RequestErrorCode> {
  const error = await parseMultipart(contentType, Buffer.from(body)).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(RequestError);
  expect((error as RequestError).message).toMatch(/^[A-Z].*\.$/);
  return (error as RequestError).code;
}

async function encoded(data: FormData): Promise<{ type: string; body: Buffer }> {
  const response = new Response(data);
  return { type: response.headers.get('content-type')!, body: Buffer.from(await response.arrayBuffer()) };
}

describe('a form as clients send it', () => {
  it('is read from what curl -F sends for a URL', async () => {
    const body = form(field('ws-uuid', 'a'), field('source-uuid', 'b'), field('content', 'https://example.com/x?a=1'));
    const { fields, file: none } = await parseMultipart(TYPE, body);
    expect(Object.fromEntries(fields)).toEqual({
      'ws-uuid': 'a',
      'source-uuid': 'b',
      content: 'https://example.com/x?a=1',
    });
    expect(none).toBeUndefined();
  });

  it('is read from what curl -F sends for a file, byte by byte', async () => {
    const bytes = Buffer.from(Array.from({ length: 3 * 256 }, (_, index) => index % 256));
    const head = `${field('filename', 'test.pdf')}--${BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="some.pdf"\r\nContent-Type: application/pdf\r\n\r\n`;
    const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${BOUNDARY}--\r\n`)]);
    const { fields, file: read } = await parseMultipart(TYPE, body);
    expect(fields.get('filename')).toBe('test.pdf');
    expect(read).toEqual({ filename: 'some.pdf', mediaType: 'application/pdf', bytes });
  });

  it("is read from a browser's FormData, with quotes, line breaks and any script in the name", async () => {
    const data = new FormData();
    data.set('filename', 'naïve ☃.txt');
    data.set('file', new File(['κόσμε'], '日本語 "q" \n.txt', { type: 'text/plain' }));
    const { type, body } = await encoded(data);
    const read = await parseMultipart(type, body);
    expect(read.fields.get('filename')).toBe('naïve ☃.txt');
    expect(read.file).toEqual({ filename: '日本語 "q"  .txt', mediaType: 'text/plain', bytes: Buffer.from('κόσμε') });
  });

  it("believes filename* over a garbled filename, as .NET's client sends both", async () => {
    const head = `--${BOUNDARY}\r\nContent-Disposition: form-data; name=file; filename="=?utf-8?B?w6k=?="; filename*=utf-8''%C3%A9.txt\r\n\r\n`;
    const read = await parseMultipart(TYPE, Buffer.from(`${head}x\r\n--${BOUNDARY}--\r\n`));
    expect(read.file?.filename).toBe('é.txt');
    const quoted = head.replace('name=file', 'name="file"');
    const again = await parseMultipart(TYPE, Buffer.from(`${quoted}x\r\n--${BOUNDARY}--\r\n`));
    expect(again.file?.filename).toBe('é.txt');
  });

  it.each([
    ['C:\\\\fakepath\\\\report.pdf', 'report.pdf'],
    ['../../etc/passwd', 'passwd'],
    ['a\\"b.pdf', 'a"b.pdf'],
    ['x'.repeat(600), 'x'.repeat(512)],
  ])('gives the file name %s as %s', async (sent, name) => {
    expect((await parseMultipart(TYPE, form(file('file', sent, 'x')))).file?.filename).toBe(name);
  });

  it.each(['; charset=us-ascii', '; charset=UTF-8', ';charset="utf8"', '; charset=iso-8859-1'])(
    'takes a field of the type text/plain%s that reads the same in UTF-8',
    async (parameter) => {
      const read = await parseMultipart(TYPE, Buffer.from(charset('x', parameter)));
      expect(read.fields.get('content')).toBe('x');
    },
  );

  it('gives an empty file as a file of 0 bytes', async () => {
    expect((await parseMultipart(TYPE, form(file('file', 'empty.txt', '')))).file?.bytes).toHaveLength(0);
  });

  it('takes the file input of a browser that nothing was chosen for as no file', async () => {
    const read = await parseMultipart(TYPE, form(field('content', 'https://example.com'), file('file', '', '')));
    expect(read).toEqual({ fields: new Map([['content', 'https://example.com']]) });
  });

  it('takes a form without any part as empty', async () => {
    expect(await parseMultipart(TYPE, form())).toEqual({ fields: new Map() });
  });

  it('ignores what stands before the first and after the last boundary', async () => {
    const body = Buffer.concat([
      Buffer.from('for old readers\r\n'),
      form(field('content', 'x')),
      Buffer.from('the end'),
    ]);
    expect((await parseMultipart(TYPE, body)).fields.get('content')).toBe('x');
  });

  it.each([
    `multipart/form-data; boundary="${BOUNDARY}"`,
    `Multipart/Form-Data;boundary=${BOUNDARY}; charset=utf-8`,
    `multipart/form-data; charset=utf-8; BOUNDARY="${BOUNDARY}"`,
  ])('takes the boundary from %s', async (type) => {
    expect((await parseMultipart(type, form(field('content', 'x')))).fields.get('content')).toBe('x');
  });

  it('takes a quoted boundary with every character that RFC 2046 allows', async () => {
    const boundary = "a'()+_,-./:=? b";
    const body = form(field('content', 'x')).toString().replaceAll(BOUNDARY, boundary);
    const read = await parseMultipart(`multipart/form-data; boundary="${boundary}"`, Buffer.from(body));
    expect(read.fields.get('content')).toBe('x');
  });

  it('keeps lines in a file that look like a boundary and are not', async () => {
    const content = `a\r\n--${BOUNDARY.slice(1)}\r\n--other--\r\n ${BOUNDARY}\n--${BOUNDARY}`;
    const read = await parseMultipart(TYPE, form(file('file', 'x', content)));
    expect(read.file?.bytes.toString()).toBe(content);
  });

  it('reads a field of the longest allowed length and 4 MB of file', async () => {
    const content = Buffer.alloc(4_000_000, '\r\n--x').toString();
    const read = await parseMultipart(
      TYPE,
      form(field('content', 'ü'.repeat(MAX_FIELD_BYTES / 2)), file('file', 'x', content)),
    );
    expect(read.fields.get('content')).toHaveLength(MAX_FIELD_BYTES / 2);
    expect(read.file?.bytes.equals(Buffer.from(content))).toBe(true);
  });
});

describe('a form that cannot be taken', () => {
  it.each([undefined, '', 'application/json', 'multipart/mixed; boundary=x', 'multipart/form-data-x; boundary=x'])(
    'is refused as unsupported when its type is %s',
    async (type) => {
      const error = await parseMultipart(type, form(field('content', 'x'))).catch((reason: RequestError) => reason);
      expect((error as RequestError).code).toBe('unsupported-content-type');
    },
  );

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=""',
    `multipart/form-data; boundary=${'x'.repeat(71)}`,
    'multipart/form-data; boundary="a\u00e9"',
    `multipart/form-data; boundary=${BOUNDARY}; boundary=other`,
    // Found by mutation: it was read up to the space, and with it by other readers.
    `multipart/form-data; boundary=${BOUNDARY} b`,
    `multipart/form-data; boundary="${BOUNDARY}"b`,
    `multipart/form-data; boundary=a b; boundary=${BOUNDARY}`,
  ])('is refused when its type is %s', async (type) => {
    expect(await refusal(form(field('content', 'x')), type)).toBe('malformed-multipart');
  });

  const whole = form(field('ws-uuid', 'a'), file('file', 'x.txt', 'some content')).toString();
  it.each<[string, string]>([
    ['has no bytes', ''],
    ['is something else', '{"ws-uuid":"a"}'],
    ['has lines that end in LF only', whole.replaceAll('\r\n', '\n')],
    ['has another boundary than its type says', whole.replaceAll(BOUNDARY, 'other')],
    ['has text after a boundary', whole.replace(`--${BOUNDARY}\r\n`, `--${BOUNDARY}x\r\n`)],
    ['has a part without headers', `--${BOUNDARY}\r\n\r\nx\r\n--${BOUNDARY}--`],
    ['has an empty part', `--${BOUNDARY}\r\n--${BOUNDARY}--`],
    [
      'has a part without a blank line',
      `--${BOUNDARY}\r\nContent-Disposition: form-data; name="content"\r\n--${BOUNDARY}--`,
    ],
    ['has a part without a disposition', whole.replace('Content-Disposition', 'X-Other')],
    ['has a part that is not form-data', whole.replace('form-data', 'attachment')],
    ['has a part without a name', whole.replace('name="ws-uuid"', 'nothing="ws-uuid"')],
    ['has a part with two names', whole.replace('name="ws-uuid"', 'name="ws-uuid"; name="content"')],
    [
      'has a disposition twice',
      whole.replace('\r\nContent-Type', '\r\nContent-Disposition: form-data; name="x"\r\nContent-Type'),
    ],
    ['has a header without a colon', whole.replace('Content-Type: ', 'Content-Type ')],
    ['has a folded header', whole.replace('; filename', ';\r\n filename')],
    ['has a line break in a name', whole.replace('x.txt', 'x\n.txt')],
    ['has headers without end', whole.replace('Content-Type', `X-Long: ${'y'.repeat(9000)}\r\nContent-Type`)],
    ['has a part in base64', whole.replace('Content-Type', 'Content-Transfer-Encoding: base64\r\nContent-Type')],
    // Found by mutation: the parser took it for Windows-1252, and "Köln" came out as "KÃ¶ln",
    ['has a field that says it is ASCII and is not', charset('Köln', '; charset=us-ascii')],
    // and where a tab stands in its name, the charset was one to the parser only.
    ['has a field in UTF-16', charset('some', ';charset="utf-16le"')],
    ['has a field in UTF-16 that it hardly says', charset('some', '; c\tharset=utf-16le')],
    ['has a field in another charset', charset('K\u00f6ln', '; charset=iso-8859-1')],
    ['has a filename* that is not UTF-8', whole.replace('filename="x.txt"', "filename*=iso-8859-1''%E9")],
    ['has a filename* that is cut', whole.replace('filename="x.txt"', "filename*=utf-8''%E")],
    ['has text in the part "file"', form(field('file', 'text')).toString()],
    ['has a file in the part "content"', form(file('content', 'x.txt', 'text')).toString()],
  ])('is refused as malformed when it %s', async (_title, body) => {
    expect(await refusal(body)).toBe('malformed-multipart');
  });

  it('is refused wherever it is cut off', async () => {
    const end = whole.lastIndexOf('--\r\n');
    for (let length = 0; length < end + 2; length += 1) {
      expect(await refusal(whole.slice(0, length)), `cut at ${length}`).toBe('malformed-multipart');
    }
  });

  it.each(['files', '__proto__', 'constructor', '', 'WS-UUID', 'ws-uuid\\"x'])(
    'is refused by name when it has a field %j',
    async (name) => {
      expect(await refusal(form(field(name, 'x')))).toBe('unknown-field');
      expect(await refusal(form(file(name, 'x.txt', 'x')))).toBe('unknown-field');
    },
  );

  it('never echoes more than the start of a field name, nor its control characters', async () => {
    const body = form(field(`\u0007${'y'.repeat(500)}`, 'x'));
    const error = (await parseMultipart(TYPE, body).catch((reason: unknown) => reason)) as RequestError;
    expect(error.message).toContain('\\u0007yyy');
    expect(error.message.length).toBeLessThan(150);
  });

  it('is refused when a field or the file is there twice', async () => {
    expect(await refusal(form(field('content', 'x'), field('content', 'x')))).toBe('duplicate-field');
    expect(await refusal(form(file('file', 'a', 'x'), file('file', 'b', 'y')))).toBe('duplicate-field');
    expect(await refusal(form(file('file', 'a', 'x'), file('file', 'b', 'y'), file('file', 'c', 'z')))).toBe(
      'duplicate-field',
    );
  });

  it('is refused at the eleventh part, before any is read', async () => {
    const ten = form(...Array.from({ length: 10 }, () => field('content', 'x')));
    expect(await refusal(ten)).toBe('duplicate-field');
    const parts = Array.from({ length: 11 }, () => field('content', 'x'));
    expect(await refusal(form(...parts))).toBe('too-many-parts');
    expect(await refusal(form(...Array.from({ length: 1000 }, () => field('content', 'x'))))).toBe('too-many-parts');
  });

  it('is refused when a field is too long, never cut', async () => {
    expect(await refusal(form(field('content', 'x'.repeat(MAX_FIELD_BYTES + 1))))).toBe('field-too-long');
  });
});

describe('a parser that misbehaves', () => {
  const body = form(file('file', 'x', 'some content'));

  it('is given up in time when it never ends', async () => {
    const createParser = () => new Writable({ write() {} }) as InstanceType<typeof Busboy>;
    const error = await parseMultipart(TYPE, body, { settleMs: 1, createParser }).catch((reason: unknown) => reason);
    expect((error as RequestError).code).toBe('malformed-multipart');
  });

  it('is told as a refusal when it throws or fails', async () => {
    const throws = () =>
      Object.assign(new Writable(), {
        end() {
          throw new TypeError('planted');
        },
      }) as unknown as InstanceType<typeof Busboy>;
    const fails = () =>
      new Writable({ write: (_chunk, _encoding, done) => done(new Error('planted')) }) as InstanceType<typeof Busboy>;
    for (const createParser of [throws, fails]) {
      const error = await parseMultipart(TYPE, body, { createParser }).catch((reason: unknown) => reason);
      expect((error as RequestError).code).toBe('malformed-multipart');
    }
  });

  it('is not believed when it drops a byte of a file', async () => {
    const createParser = (config: ConstructorParameters<typeof Busboy>[0]) => {
      const parser = new Busboy(config);
      const end = parser.end.bind(parser);
      parser.end = ((bytes: Buffer) => end(Buffer.from(bytes.toString().replace('some', 'som')))) as typeof parser.end;
      return parser;
    };
    const error = await parseMultipart(TYPE, body, { createParser }).catch((reason: unknown) => reason);
    expect((error as RequestError).code).toBe('malformed-multipart');
  });
});
