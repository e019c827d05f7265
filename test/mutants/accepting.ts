import type { Mutant, NamedTest } from './mutant.ts';

const accepting = (title: string): NamedTest => ({ file: 'test/app/accept-upload.test.ts', title });
const opening = (title: string): NamedTest => ({
  file: 'test/adapters/dynamodb/contracts.test.ts',
  suite: 'the opening of Sources, ',
  title,
});

/** A 200 that is not true, or a second job for one upload. */
export const ACCEPTING: readonly Mutant[] = [
  {
    name: 'key-of-another-user',
    what: 'Any key that is known opens for any user.',
    file: 'app/authenticate.ts',
    find: 'if (owner !== userId)',
    replace: 'if (owner === undefined)',
    killedBy: [{ file: 'test/app/authenticate.test.ts', title: 'opens for nobody' }],
  },
  {
    name: 'accepted-before-bytes-are-stored',
    what: 'The 200 does not wait for the bytes to be in S3.',
    file: 'app/accept-upload.ts',
    find: 'await ports.files.putOriginal(source, file, mediaType === undefined ? {} : { mediaType });',
    replace: 'void ports.files.putOriginal(source, file).catch(() => undefined);',
    killedBy: [accepting('could not be stored, and the same request again goes on from there')],
  },
  {
    name: 'accepted-before-message-is-sent',
    what: 'The 200 does not wait for the message to be in the queue.',
    file: 'app/accept-upload.ts',
    find: 'await ports.queue.send(source);',
    replace: 'void ports.queue.send(source).catch(() => undefined);',
    killedBy: [accepting('could not be stored, and the same request again goes on from there')],
  },
  {
    name: 'overtaken-is-accepted',
    what: 'A request that was slow, and was taken for abandoned, is answered 200 though its message finds nothing to do.',
    file: 'app/accept-upload.ts',
    find: ' throw overtaken();',
    replace: ' void overtaken;',
    killedBy: [
      {
        file: 'test/app/accept-upload.test.ts',
        title: 'is not answered 200 by a request so slow that another one took it for abandoned',
      },
    ],
  },
  {
    name: 'accepted-before-it-is-marked',
    what: 'The 200 does not wait for the mark that the source was queued.',
    file: 'app/accept-upload.ts',
    find: 'if (!(await ports.sources.markQueued(source, ports.clock.now() + CLAIM_WITHIN_MS))) throw overtaken();',
    replace: 'void ports.sources.markQueued(source, ports.clock.now() + CLAIM_WITHIN_MS).catch(() => undefined);',
    killedBy: [accepting('could not be stored, and the same request again goes on from there')],
  },
  {
    name: 'source-of-another-user',
    what: 'Whoever sends the source-uuid of another user gets a 200 for it.',
    file: 'app/accept-upload.ts',
    find: 'if (source.owner !== upload.owner) {',
    replace: 'if (false) {',
    killedBy: [accepting('refuses a source-uuid of another user')],
  },
  {
    name: 'status-for-another-user',
    what: 'The result of a source is told to whoever knows its id.',
    file: 'app/source-status.ts',
    find: 'if (source?.owner !== owner || ',
    replace: 'if (source === undefined || ',
    killedBy: [{ file: 'test/app/source-status.test.ts', title: 'is unknown for another user' }],
  },
  {
    name: 'status-of-what-was-not-accepted',
    what: 'A source whose upload was answered with 5xx is said to be processing.',
    file: 'app/source-status.ts',
    find: ' || !source.queued)',
    replace: ')',
    killedBy: [{ file: 'test/app/source-status.test.ts', title: 'is unknown while its upload was not accepted' }],
  },
  {
    name: 'second-job-for-a-repeated-request',
    what: 'The same request sent again is queued once more.',
    file: 'app/accept-upload.ts',
    find: '  if (source.queued) return source;\n',
    replace: '',
    killedBy: [accepting('makes one job of the same request sent twice')],
  },
  {
    name: 'accepted-though-just-ending',
    what: 'A new upload gets the 200 of an old one whose end is stored and not yet published.',
    file: 'app/accept-upload.ts',
    find: 'if (source.terminal !== undefined) {',
    replace: 'if (false) {',
    killedBy: [accepting('is not replaced by a new upload, which is refused for the moment')],
  },
  {
    name: 'unpublished-end-is-overwritten',
    what: 'A new upload takes the place of a source whose end nobody was told yet.',
    file: 'adapters/dynamodb/source-updates.ts',
    find: "const over = 'attribute_exists(#published_as)",
    replace: "const over = 'attribute_exists(#terminal)",
    killedBy: [opening('does not replace a record whose terminal is stored but not published')],
  },
  {
    name: 'late-request-begins-anew',
    what: 'A write that was held up in the network begins its source once more after that has ended: its client sees a second end.',
    file: 'adapters/dynamodb/source-updates.ts',
    find: ' AND #opened_at < :opened_at',
    replace: '',
    killedBy: [opening('begins nothing for a request whose first try arrives after all, when its source has ended')],
  },
];
