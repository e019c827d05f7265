import type { Mutant, NamedTest } from './mutant.ts';

const fetching =
  (file: string) =>
  (title: string): NamedTest => ({ file: `test/adapters/fetch/${file}.test.ts`, title });
const retried = fetching('retries');
const resumed = fetching('resume');
const hostile = fetching('hostile');
const guarded = fetching('guarded-connector');
const uploaded = (title: string): NamedTest => ({ file: 'test/adapters/s3/source-files.test.ts', title });

/** From a URL of a stranger to the bytes in S3. */
export const FETCHING: readonly Mutant[] = [
  {
    name: 'private-address-beside-a-public-one',
    what: 'Of a name that has a public address every other one is dialled too.',
    file: 'adapters/fetch/guarded-connector.ts',
    find: 'dialFirst(target, dialled, named)',
    replace: 'dialFirst(target, addresses, named)',
    killedBy: [guarded('leaves the private addresses of a name out')],
  },
  {
    name: 'name-looked-up-again-to-dial',
    what: 'The name is dialled and not the address that was looked at: its second answer decides.',
    file: 'adapters/fetch/guarded-connector.ts',
    find: 'dialOne({ ...target, hostname: address })',
    replace: 'dialOne(target)',
    killedBy: [guarded('dials the very address that it checked')],
  },
  {
    name: 'rest-of-another-content',
    what: 'The second half of a content that has changed is put to the first half of the old one.',
    file: 'adapters/fetch/resume.ts',
    find: "  const same = (text: string, before: string) => text === '' || text === before;",
    replace: '  const same = (_text: string, _before: string) => true;',
    killedBy: [resumed('is not taken where it ')],
  },
  {
    name: 'rest-from-elsewhere',
    what: 'A rest that begins elsewhere than was asked for is taken for the one that is missing.',
    file: 'adapters/fetch/resume.ts',
    find: 'if (first === undefined || Number(first) !== from) return undefined;',
    replace: 'if (first === undefined) return undefined;',
    killedBy: [resumed('is not taken where it ')],
  },
  {
    name: 'rest-of-less-than-it-says',
    what: 'A rest that says where it ends is believed, and not counted: a document that is cut is a success.',
    file: 'adapters/fetch/open-url.ts',
    find: 'if (end !== undefined && bytes < end) throw incomplete(host);',
    replace: '',
    killedBy: [resumed('is asked for once more where it ends before what it says')],
  },
  {
    name: 'rest-of-more-than-it-says',
    what: 'What a server sends beyond the end of a content is stored as a part of it.',
    file: 'adapters/fetch/open-url.ts',
    find: 'if (end !== undefined && bytes > end) throw lengthMismatch(host);',
    replace: '',
    killedBy: [resumed('ends with fetch-length-mismatch where it brings more')],
  },
  {
    name: 'each-piece-has-the-limit-to-itself',
    what: 'A body that breaks off and goes on may be as large as it likes.',
    file: 'adapters/fetch/open-url.ts',
    find: 'maxBytes, from: bytes, host',
    replace: 'maxBytes, from: 0, host',
    killedBy: [retried('is too large with all of its pieces')],
  },
  {
    name: 'transfer-stored-as-it-was-compressed',
    what: 'A body that was compressed for its transfer, unasked, is stored as if that were the content.',
    file: 'adapters/fetch/content.ts',
    find: "  if (!/^(?:chunked|identity)?$/.test(codings(headers['transfer-encoding']))) throw unsupportedEncoding();",
    replace: '',
    killedBy: [hostile('ends with ')],
  },
  {
    name: 'content-cut-by-its-own-length',
    what: 'A content whose server named too small a length is stored cut short, as a success.',
    file: 'adapters/fetch/exchange.ts',
    find: 'if (watch.excess()) throw lengthMismatch(url.hostname);',
    replace: '',
    killedBy: [hostile('ends with ')],
  },
  {
    name: 'reset-taken-for-the-end',
    what: 'Half of a document, whose connection was reset, is stored as a success.',
    file: 'adapters/fetch/exchange.ts',
    find: 'if (watch.reset()) throw incomplete(url.hostname);',
    replace: '',
    killedBy: [
      hostile('where it resets the connection in a body'),
      retried('goes on after a reset where only the end'),
    ],
  },
  {
    name: 'no-patience-before-there-is-a-connection',
    what: 'A name server that hangs keeps a source for as long as the deadline lets it.',
    file: 'adapters/fetch/exchange.ts',
    find: '{ ...options, signal: life.signal }',
    replace: 'options',
    killedBy: [hostile('is given up after the patience for an answer, where its name is not resolved')],
  },
  {
    name: 'small-original-cut-off',
    what: 'The upload of a small original is cut off by a cancel, and may come through after all has been removed.',
    file: 'adapters/s3/upload-stream.ts',
    find: 'new PutObjectCommand({ ...target, Body: bytes, ChecksumCRC32 }));',
    replace: 'new PutObjectCommand({ ...target, Body: bytes, ChecksumCRC32 }), { abortSignal: signal });',
    killedBy: [uploaded('wait for the request that holds all of a small stream')],
  },
  {
    name: 'part-buffer-used-while-it-is-sent',
    what: 'A buffer is filled anew while its part is still on its way to S3.',
    file: 'adapters/s3/part-upload.ts',
    find: '      underWay.add(sending);',
    replace: '      underWay.add(sending);\n      free.push(new Uint8Array(part.buffer));',
    killedBy: [uploaded('each part is its own bytes')],
  },
];
