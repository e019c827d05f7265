import { MAX_FIELD_BYTES } from '../../../domain/limits.ts';
import type { Random } from '../../chaos/random.ts';
import { type Form, type FormPart, filePart, textPart } from './form.ts';

/** Changes of what a form is made of: its boundaries, headers, line ends, the order, number and size of its parts. */
export function mutateForm(form: Form, random: Random): Form {
  let mutated = form;
  for (let left = random.whole(1, 2); left > 0; left -= 1) mutated = random.pick(CHANGES)(mutated, random);
  return mutated;
}

type Change = (form: Form, random: Random) => Form;

function changePart(form: Form, random: Random, change: (part: FormPart) => FormPart): Form {
  if (form.parts.length === 0) return form;
  const which = random.whole(0, form.parts.length - 1);
  return { ...form, parts: form.parts.map((part, index) => (index === which ? change(part) : part)) };
}

const LINE_ENDS = ['\n', '\r', '\r\r\n', '\r\n\r\n', ' \r\n', '\n\r', ''];

/** Names of fields that mean something, to us or to a program. */
const NAMES = [
  'ws-uuid',
  'source-uuid',
  'filename',
  'content',
  'file',
  '',
  'files',
  '__proto__',
  'WS-UUID',
  'a"b',
  'ü',
];

const DISPOSITIONS = [
  'form-data',
  'form-data; name=content',
  'form-data; name="content"; name="file"',
  'form-data; filename="x"; name="file"',
  'form-data; name="file"; filename=""',
  'form-data; name="file"; filename="a\\"b.txt"',
  'form-data; name="file"; filename="..\\\\..\\\\x.txt"',
  'form-data; name="file"; filename="../../etc/passwd"',
  'form-data; name="file"; filename=x.txt; filename="y.txt"',
  'form-data; name="file"; filename*=utf-8\'\'%E2%98%83%2Fx',
  'form-data; name="file"; filename*=utf-8\'en\'%',
  'form-data; name="file"; filename*=iso-8859-1\'\'%E9',
  'form-data; name="file"; filename="x"; size=5',
  'FORM-DATA; NAME="content"',
  'form-data ; name="content"',
  'form-data;name="content";',
  'attachment; name="file"; filename="x"',
  'form-data; name="con\r\n tent"',
];

const HEADERS = [
  'Content-Type: text/plain; charset=utf-16le',
  'Content-Type: text/plain; charset=us-ascii',
  'Content-Type: text/plain; c\tharset=utf-16le',
  "Content-Type: text/plain; charset*=utf-8''latin1",
  'Content-Type: multipart/mixed; boundary=inner',
  'Content-Type:',
  'content-type : text/plain',
  'Content-Transfer-Encoding: base64',
  'Content-Transfer-Encoding: binary',
  'Content-Length: 0',
  'X-Unknown: y',
  'no colon at all',
  ' folded: yes',
  ': no name',
  `X-Long: ${'z'.repeat(9000)}`,
];

const CHANGES: readonly Change[] = [
  (form, random) => ({ ...form, lineEnd: random.pick(LINE_ENDS) }),
  (form, random) => ({ ...form, closing: random.pick(['', '-', '---', '--x', ' --', '\r\n--', '--\r\n--', '--\0']) }),
  (form, random) => changePart(form, random, (part) => ({ ...part, lineEnd: random.pick(LINE_ENDS) })),
  (form, random) => ({
    ...form,
    before: random.pick(['\r\n', '\n', 'x', '--', `--${form.boundary}`, '\0', '\r\n\r\n']),
  }),
  (form, random) => ({ ...form, after: random.pick(['', '--', `\r\n--${form.boundary}\r\n`, '\0'.repeat(100)]) }),
  otherBoundary,
  otherType,
  shuffled,
  (form, random) => ({ ...form, parts: [...form.parts, random.pick([...form.parts, textPart('content', 'twice')])] }),
  (form, random) => ({ ...form, parts: form.parts.filter(() => random.chance(0.6)) }),
  (form, random) => ({
    ...form,
    parts: Array.from({ length: random.whole(8, 14) }, () => textPart(random.pick(NAMES), 'x')),
  }),
  (form, random) => ({ ...form, parts: [...form.parts, textPart(random.pick(NAMES), 'x')] }),
  (form, random) => ({ ...form, parts: [...form.parts, filePart(random.pick(NAMES), 'x')] }),
  (form, random) => changePart(form, random, (part) => ({ ...part, content: contentOf(form, random) })),
  (form, random) =>
    changePart(form, random, (part) => ({
      ...part,
      headers: [`Content-Disposition: ${random.pick(DISPOSITIONS)}`, ...part.headers.slice(1)],
    })),
  (form, random) => changePart(form, random, (part) => ({ ...part, headers: [...part.headers, random.pick(HEADERS)] })),
  (form, random) => changePart(form, random, (part) => ({ ...part, headers: [random.pick(HEADERS), ...part.headers] })),
  (form, random) => changePart(form, random, (part) => ({ ...part, headers: part.headers.slice(1) })),
  (form, random) => changePart(form, random, (part) => ({ ...part, headers: [...part.headers, ...part.headers] })),
  (form, random) =>
    changePart(form, random, (part) => ({
      ...part,
      headers: part.headers.map((line) => (random.chance(0.5) ? line.toUpperCase() : line.replace(': ', ':\t'))),
    })),
];

function otherBoundary(form: Form, random: Random): Form {
  const boundary = random.pick([
    'x',
    '-',
    '--',
    `${form.boundary}-`,
    form.boundary.slice(1),
    "a'()+_,-./:=? b",
    'ü',
    'y'.repeat(70),
    'y'.repeat(71),
  ]);
  const quoted = random.chance(0.5) ? `"${boundary}"` : boundary;
  // Now and then only one of the two has it.
  const told = random.chance(0.8) ? `multipart/form-data; boundary=${quoted}` : form.type;
  return { ...form, boundary, type: told };
}

function otherType(form: Form, random: Random): Form {
  const { boundary } = form;
  const types = [
    'multipart/form-data',
    'multipart/mixed; boundary=x',
    `multipart/form-data; boundary=${boundary}; boundary=x`,
    `multipart/form-data; boundary="${boundary}`,
    `multipart/form-data;boundary=${boundary};charset=utf-16`,
    `multipart/form-data; boundary=${boundary} `,
    `multipart/form-data; x="; boundary=x"; boundary=${boundary}`,
    `multipart/form-data; boundary="\\${boundary}"`,
    '',
  ];
  return { ...form, type: random.pick(types) };
}

function shuffled(form: Form, random: Random): Form {
  const keyed = form.parts.map((part) => ({ part, key: random.next() }));
  return { ...form, parts: keyed.toSorted((one, other) => one.key - other.key).map(({ part }) => part) };
}

function contentOf({ boundary }: Form, random: Random): Buffer {
  switch (random.whole(0, 6)) {
    case 0:
      return Buffer.from('');
    case 1: // around the limit of a field, in characters of two bytes too
      return Buffer.from(
        random
          .pick(['a', 'é'])
          .repeat(MAX_FIELD_BYTES / 2 + random.whole(-2, 2))
          .padEnd(MAX_FIELD_BYTES / 2),
      );
    case 2:
      return Buffer.alloc(MAX_FIELD_BYTES + random.whole(-2, 2), 'f');
    case 3:
      return Buffer.from(
        random.pick([
          `--${boundary}`,
          `\n--${boundary}\n`,
          `\r\n--${boundary.slice(0, -1)}`,
          `\r\n -${boundary}--`,
          '\r\n--',
        ]),
      );
    case 4:
      return Buffer.from(`--inner\r\nContent-Disposition: form-data; name="content"\r\n\r\nx\r\n--inner--\r\n`);
    case 5: // what is no UTF-8
      return Buffer.from([0xff, 0xfe, 0xc3, 0x28, 0xed, 0xa0, 0x80, 0xf0, 0x9f, 0x98]);
    default: // crosses every buffer
      return Buffer.alloc(random.whole(60_000, 70_000), random.pick(['\r\n-', '\r', `\r\n--${boundary.slice(0, 3)}`]));
  }
}
