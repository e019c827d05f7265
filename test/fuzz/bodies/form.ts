/** A form before it is bytes: each piece of its frame can be written otherwise than it should be. */
export interface Form {
  /** The header Content-Type of the request. */
  readonly type: string;
  readonly boundary: string;
  readonly before: string;
  readonly after: string;
  readonly parts: readonly FormPart[];
  /** What ends the boundary lines. */
  readonly lineEnd: string;
  readonly closing: string;
}

export interface FormPart {
  readonly headers: readonly string[];
  readonly content: Buffer;
  /** Between the headers, and after them. */
  readonly lineEnd: string;
}

export const BOUNDARY = '------------------------d74496d66958873e';

export function formOf(...parts: readonly FormPart[]): Form {
  return {
    type: `multipart/form-data; boundary=${BOUNDARY}`,
    boundary: BOUNDARY,
    before: '',
    after: '\r\n',
    parts,
    lineEnd: '\r\n',
    closing: '--',
  };
}

export function textPart(name: string, content: string): FormPart {
  return {
    headers: [`Content-Disposition: form-data; name="${name}"`],
    content: Buffer.from(content),
    lineEnd: '\r\n',
  };
}

export function filePart(filename: string, content: string | Buffer, type = 'application/octet-stream'): FormPart {
  return {
    headers: [`Content-Disposition: form-data; name="file"; filename="${filename}"`, `Content-Type: ${type}`],
    content: Buffer.from(content as string),
    lineEnd: '\r\n',
  };
}

export function encodeForm({ before, after, boundary, parts, lineEnd, closing }: Form): Buffer {
  const chunks: Buffer[] = [Buffer.from(before)];
  for (const [index, part] of parts.entries()) {
    if (index > 0 || before !== '') chunks.push(Buffer.from(lineEnd));
    chunks.push(Buffer.from(`--${boundary}${lineEnd}${part.headers.join(part.lineEnd)}${part.lineEnd.repeat(2)}`));
    chunks.push(part.content);
  }
  chunks.push(Buffer.from(`${parts.length > 0 ? lineEnd : ''}--${boundary}${closing}${after}`));
  return Buffer.concat(chunks);
}

const WS_UUID = '2f9d6a63-43a7-4b0e-9f61-0a3f4f1f7a11';
const SOURCE_UUID = '6f1c7a4e-8d0b-4d53-9f43-1b6f0a1f2c3d';
const IDS = [textPart('ws-uuid', WS_UUID), textPart('source-uuid', SOURCE_UUID)];

/** What clients send: curl, browsers, .NET, a script that puts everything in. */
export const FORMS: readonly Form[] = [
  formOf(...IDS, textPart('filename', 'ü.pdf'), textPart('content', 'https://example.com/a?b=c')),
  formOf(...IDS, filePart('report.pdf', '%PDF-1.7\n%\u00e2\u00e3\n1 0 obj\n<<>>\nendobj\n', 'application/pdf')),
  formOf(...IDS, textPart('filename', ''), filePart("a'; x", '\r\n\r\n--', 'text/plain; charset=utf-8')),
  formOf(filePart('☃ "q".txt'.replaceAll('"', '%22'), ''), ...IDS),
  formOf(...IDS, textPart('content', 'https://example.com/'), filePart('', '')),
  {
    ...formOf(...IDS, filePart('x.bin', Buffer.from(Array.from({ length: 256 }, (_, index) => index)))),
    before: 'for old readers',
    after: '\r\nthe end',
  },
  {
    ...formOf(...IDS, {
      headers: [
        'Content-Disposition: form-data; name=file; filename="=?utf-8?B?w6k=?="; filename*=utf-8\'\'%C3%A9.txt',
      ],
      content: Buffer.from('.NET'),
      lineEnd: '\r\n',
    }),
    type: `Multipart/Form-Data; charset=utf-8; boundary="${BOUNDARY}"`,
  },
];
