import { filled, type HostileDocument, MEGABYTE } from './hostile.ts';

const MAIL = 'From: a@example.com\r\nMessage-ID: <1@example.com>\r\nSubject: s\r\n';

const laughs = Array.from({ length: 12 }, (_, level) => `<!ENTITY a${level + 1} "${`&a${level};`.repeat(10)}">`).join(
  '',
);

export const HOSTILE_TEXTS: readonly HostileDocument[] = [
  {
    about: 'RTF of cells and rows without end',
    filename: 'a.rtf',
    make: () => filled(18, '\\trowd\\cell\\cell a\\cell{\\footnote\\cell}\\row', '{\\rtf1 x'),
    ends: 'text',
  },
  {
    about: 'XML with entities that multiply to a thousand billion letters',
    filename: 'a.xml',
    make: () => Buffer.from(`<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a0 "lol">${laughs}]><x>&a12;</x>`),
    ends: 'text',
  },
  {
    about: 'XML with one long entity that is named often',
    filename: 'a.xml',
    make: () => Buffer.from(`<!DOCTYPE x [<!ENTITY a "${'a'.repeat(MEGABYTE)}">]><x>${'&a;'.repeat(100_000)}</x>`),
    ends: 'text',
  },
  {
    about: 'XML whose entities are files and addresses',
    filename: 'a.xml',
    make: () =>
      Buffer.from(
        '<!DOCTYPE x [<!ENTITY % p SYSTEM "http://169.254.169.254/latest/">%p;<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f; end</x>',
      ),
    ends: 'text',
  },
  {
    about: 'XML with 200,000 elements inside one another',
    filename: 'a.xml',
    make: () => Buffer.from(`<?xml version="1.0"?>${'<a>'.repeat(200_000)}x`),
    ends: 'document-too-deep',
  },
  {
    about: 'JSON of 3 million arrays inside one another',
    filename: 'a.json',
    make: () => filled(3, '['),
    ends: 'text',
  },
  {
    about: 'JSON of a million empty objects',
    filename: 'a.json',
    make: () => Buffer.from(`[${'{},'.repeat(1_000_000)}{}]`),
    ends: 'text',
  },
  {
    about: 'JSON of a million names, all of them __proto__',
    filename: 'a.json',
    make: () => Buffer.from(`{${'"__proto__":{},'.repeat(200_000)}"a":1}`),
    ends: 'text',
  },
  {
    about: 'a line of CSV of 8 MB',
    filename: 'a.csv',
    make: () => filled(8, 'cell "with", "and; ""with""",', 'a,b,'),
    ends: 'text',
  },
  { about: 'CSV of 10 million quotes', filename: 'a.csv', make: () => filled(10, '"', 'a,b\n'), ends: 'text' },
  {
    about: 'a line of CSV of 100 MB',
    filename: 'a.csv',
    make: () => filled(100, 'cell "with", "and; ""with""",', 'a,b,'),
    ends: 'text',
    heavy: true,
  },
  {
    about: 'a line of CSV of 1 GB, where so much is allowed',
    filename: 'a.csv',
    make: () => filled(1_024, 'cell "with", "and; ""with""",', 'a,b,'),
    ends: ['document-too-large', 'document-timeout'],
    heavy: true,
    documentBytes: 2_000 * MEGABYTE,
  },
  {
    about: 'a line of CSV of 1 GB',
    filename: 'a.csv',
    make: () => filled(1_024, 'cell, ', 'a,b,'),
    ends: 'document-too-large',
    heavy: true,
  },
  {
    about: 'a text of 100 MB each of whose letters takes two bytes more',
    filename: 'a.txt',
    make: () =>
      filled(
        99,
        'Stra\xdfe \xfc\xe4\xf6\xfc\xe4\xf6 '.replace(/./g, (letter) => letter),
        'plain ',
      ),
    ends: ['text', 'document-too-large'],
    heavy: true,
  },
  {
    about: 'a text of 5 million marks over one letter',
    filename: 'a.txt',
    make: () => Buffer.from(`a${'\u0301'.repeat(5_000_000)}`),
    ends: 'text',
  },
  {
    about: 'UTF-16 of halves of letters',
    filename: 'a.txt',
    make: () => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.alloc(2 * MEGABYTE, Buffer.from([0x3d, 0xd8]))]),
    ends: ['text', 'unsupported-media-type'],
  },
  { about: 'zeros', filename: 'a.txt', make: () => Buffer.alloc(8 * MEGABYTE), ends: 'unsupported-media-type' },
  { about: 'a million blank lines', filename: 'a.md', make: () => filled(10, '\n \t'), ends: 'document-empty' },
  { about: 'Markdown of 5 million signs', filename: '', make: () => filled(5, '[](*_`#'), ends: 'text' },
  {
    about: 'RTF with 200,000 groups inside one another',
    filename: 'a.rtf',
    make: () => Buffer.from(`{\\rtf1 ${'{'.repeat(200_000)}x`),
    ends: 'document-too-deep',
  },
  {
    about: 'RTF with 2 GB of bytes that are not there',
    filename: 'a.rtf',
    make: () => Buffer.from('{\\rtf1 text {\\bin2147483647 x}} more'),
    ends: 'text',
  },
  {
    about: 'RTF of 10 MB of words that nobody knows',
    filename: 'a.rtf',
    make: () => filled(10, '\\unknownword-123456789 {\\*\\x y}', '{\\rtf1 text '),
    ends: 'text',
  },
  {
    about: 'mail with 10,000 messages inside one another',
    filename: 'a.eml',
    make: () => Buffer.from(MAIL + 'Content-Type: message/rfc822\r\n\r\n'.repeat(10_000)),
    ends: 'document-too-deep',
  },
  {
    about: 'mail with 100,000 parts',
    filename: 'a.eml',
    make: () =>
      Buffer.from(`${MAIL}Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\nx\r\n'.repeat(100_000)}`),
    ends: 'document-too-many-parts',
  },
  {
    about: 'mail of 8 MB of lines that are nearly a boundary',
    filename: 'a.eml',
    make: () =>
      filled(8, `--${'b'.repeat(69)}\r\n`, `${MAIL}Content-Type: multipart/mixed; boundary=${'b'.repeat(70)}\r\n\r\n`),
    ends: 'text',
  },
  {
    about: 'mail with a header of 8 MB',
    filename: 'a.eml',
    make: () => filled(8, 'a@example.com, ', `${MAIL}To: `),
    ends: 'document-too-large',
  },
  {
    about: 'mail whose text of 8 MB is in Base64 that is none',
    filename: 'a.eml',
    make: () =>
      filled(
        20,
        '=====/+a\r\n',
        `${MAIL}Content-Type: text/html; charset=utf-16\r\nContent-Transfer-Encoding: base64\r\n\r\n`,
      ),
    ends: ['text', 'document-empty'],
  },
];
