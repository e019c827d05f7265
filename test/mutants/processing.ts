import type { Mutant, NamedTest } from './mutant.ts';

const progress = (title: string): NamedTest => ({ file: 'test/app/report-progress.test.ts', title });
const processing = (title: string): NamedTest => ({ file: 'test/app/process-source.test.ts', title });
const cancelling = (title: string): NamedTest => ({ file: 'test/app/cancel-source.test.ts', title });
const heartbeat = (title: string): NamedTest => ({ file: 'test/app/heartbeat.test.ts', title });
const stored = (title: string): NamedTest => ({
  file: 'test/adapters/dynamodb/contracts.test.ts',
  suite: 'Sources, ',
  title,
});

const extracting = (file: string, title: string): NamedTest => ({
  file: `test/adapters/extract/${file}.test.ts`,
  title,
});

/** From the claim of a source to its one end. */
export const PROCESSING: readonly Mutant[] = [
  {
    name: 'claim-beside-a-live-lease',
    what: 'A source is claimed while another worker is at it.',
    file: 'adapters/dynamodb/sources.ts',
    find: 'AND #lease_until <= :now`',
    replace: 'AND (#lease_until <= :now OR #lease_until <= :deadline)`',
    killedBy: [stored('is refused while the lease of another attempt lives')],
  },
  {
    name: 'old-attempt-keeps-its-lease',
    what: 'A worker that another one has replaced goes on renewing.',
    file: 'adapters/dynamodb/source-updates.ts',
    find: 'AND #attempt = :attempt`',
    replace: 'AND #attempt >= :attempt`',
    killedBy: [stored('are refused to an attempt that another one has replaced')],
  },
  {
    name: 'lost-claim-is-not-noticed',
    what: 'A worker whose source was taken from it works on.',
    file: 'app/watch-attempt.ts',
    find: "if (!(await isHeld())) return lost.abort(new Error('the attempt is over'));",
    replace: 'await isHeld();',
    killedBy: [processing('stops its worker when the source was taken from it')],
  },
  {
    name: 'cancel-is-seen-with-the-next-renewal',
    what: 'A worker looks after its source only when it renews its lease, and so works on for up to 5 s after a cancel.',
    file: 'app/watch-attempt.ts',
    find: 'const LOOK_EVERY_MS = 500;',
    replace: 'const LOOK_EVERY_MS = 5_000;',
    killedBy: [
      cancelling('within 2 s, and leaves nothing of it'),
      { file: 'test/app/fetch-attempt.test.ts', title: 'ends within 2 s of a cancel, though the server is silent' },
    ],
  },
  {
    name: 'late-writes-of-a-cancelled-source-stay',
    what: 'What a worker stores after everything was removed stays in the bucket.',
    file: 'app/process-source.ts',
    find: '  // Whoever took it over ends it.\n  await removeDiscarded(ports, source);\n',
    replace: '',
    killedBy: [cancelling('within 2 s, and leaves nothing of it')],
  },
  {
    name: 'cancelled-result-stays',
    what: 'Who has just done its work when the source is cancelled leaves the text and the result.',
    file: 'app/process-source.ts',
    find: '      if (isDiscarded(ended)) await ports.files.remove(source);\n',
    replace: '',
    killedBy: [cancelling('is the end also where the work was just done, and leaves nothing of that')],
  },
  {
    name: 'fetched-too-late-stays',
    what: 'The fetch function leaves an original that it stored after its source was cancelled.',
    file: 'app/fetch-attempt.ts',
    find: '    await removeDiscarded(ports, source);\n',
    replace: '',
    killedBy: [
      { file: 'test/app/fetch-attempt.test.ts', title: 'removes what it has stored of a source that was cancelled' },
    ],
  },
  {
    name: 'uploads-share-their-files',
    what: 'What is removed of a cancelled upload is the file of the next one under its source-uuid.',
    file: 'adapters/s3/keys.ts',
    find: '{generation}/`;',
    replace: '{1}/`;',
    killedBy: [
      cancelling('does not touch a new upload under the same source-uuid'),
      { file: 'test/adapters/memory/source-files.test.ts', title: 'takes all of an upload, and nothing of another' },
    ],
  },
  {
    name: 'refused-progress-counts-as-heard',
    what: 'A second attempt that is not as far yet as the first one was is silent until it is.',
    file: 'app/report-progress.ts',
    find: "      if (outcome === 'refused') return false;\n",
    replace: '',
    killedBy: [heartbeat('is heard of in a second attempt that is not as far yet as the first was')],
  },
  {
    name: 'dead-attempt-looks-alive',
    what: 'A worker whose source was taken from it, and that does not stop, still says that it is at work.',
    file: 'app/heartbeat.ts',
    find: 'AbortSignal.any([stop.signal, lost])',
    replace: 'stop.signal',
    killedBy: [heartbeat('though its worker does not stop')],
  },
  {
    name: 'delivery-dropped-while-another-works',
    what: 'A second delivery is reported done while the first still works, so that nothing comes again when that is killed.',
    file: 'app/process-source.ts',
    find: "    case 'leased': {",
    replace: "    case 'leased': {\n      return DONE;",
    killedBy: [processing('returns a second delivery to the queue while the first works')],
  },
  {
    name: 'message-deleted-before-it-is-done',
    what: 'The function reports a message as done whose source has to come again, and SQS deletes it.',
    file: 'lambdas/process.ts',
    find: '    batchItemFailures.push({ itemIdentifier: messageId });\n',
    replace: '',
    killedBy: [{ file: 'test/lambdas/process.test.ts', title: 'that has to come again is left in the queue' }],
  },
  {
    name: 'terminal-published-before-it-is-stored',
    what: 'An end is made known that nothing has stored: after a crash in between, the source may end otherwise.',
    file: 'app/conclude.ts',
    find: '  const stored = await ports.sources.settle(',
    replace: `  const unsettled = await ports.sources.get(ref.sourceUuid);
  await publishTerminal(ports, { ...unsettled!, terminal: unsettled!.terminal ?? terminal });
  const stored = await ports.sources.settle(`,
    killedBy: [processing('works on while Redis is away, and makes all of it known')],
  },
  {
    name: 'own-terminal-instead-of-the-stored',
    what: 'Only Redis knows that there was an end before: when it has lost that, a second value is made known.',
    file: 'app/conclude.ts',
    find: 'await publishTerminal(ports, stored);',
    replace: 'await publishTerminal(ports, { ...stored, terminal });',
    killedBy: [processing('makes the stored end known and not its own, though Redis has lost that there was one')],
  },
  {
    name: 'second-terminal-overwrites-the-first',
    what: 'A terminal is stored over another.',
    file: 'adapters/dynamodb/source-updates.ts',
    find: ' AND attribute_not_exists(#terminal)`;',
    replace: '`;',
    killedBy: [stored('gives the stored terminal to whoever comes second, and does not touch it')],
  },
  {
    name: 'stored-end-is-not-published-again',
    what: 'A delivery that finds an end which nobody made known takes it for told.',
    file: 'app/process-source.ts',
    find: '      if (!claim.source.published) await publishTerminal(ports, claim.source);\n',
    replace: '',
    killedBy: [processing('works on while Redis is away, and makes all of it known')],
  },
  {
    name: 'killed-attempts-for-ever',
    what: 'A source that kills each of its workers is tried again and again.',
    file: 'app/process-source.ts',
    find: 'if (source.attempt > MAX_ATTEMPTS) {',
    replace: 'if (false) {',
    killedBy: [processing('ends a source whose every attempt was killed')],
  },
  {
    name: 'last-progress-of-a-stage-is-dropped',
    what: 'A stage ends without its 100.',
    file: 'app/report-progress.ts',
    find: 'report({ ...progress, ended: true });',
    replace: 'latest = progress;',
    killedBy: [processing('sends progress at most four times a second, never falling, and always the last of a stage')],
  },
  {
    name: 'last-progress-gives-way-to-the-next-stage',
    what: 'Redis is away for two seconds at the end of a stage, which then never has its 100.',
    file: 'app/report-progress.ts',
    find: '    for (const each of waiting) each.isLast = true;\n',
    replace: '',
    killedBy: [
      progress('tells the last value of a stage before anything of the next, though Redis did not take it at first'),
    ],
  },
  {
    name: 'end-overtakes-the-last-progress',
    what: 'A stage that breaks off does not tell how far it came, nor one for whose last value Redis was away.',
    file: 'app/process-source.ts',
    find: '      await reporter.flush(); // how far it came goes ahead of its end\n',
    replace: '',
    killedBy: [
      progress('and the last value of the last stage before the end'),
      processing('tells how far a stage came that breaks off, though that was not due yet'),
    ],
  },
  {
    name: 'dripping-page-fills-the-history',
    what: 'Five slow pages say the same percentage a thousand times, and push the openings of their channel out.',
    file: 'app/report-progress.ts',
    find: 'return Math.max(nextAt, said.at + SAME_PROGRESS_INTERVAL_MS);',
    replace: 'return nextAt;',
    killedBy: [progress('says a percentage that stays the same only now and then, and a new one at once')],
  },
  {
    name: 'unknown-length-looks-like-nothing',
    what: 'A fetch whose length nobody knows is shown as one that stands at 0 %.',
    file: 'app/events.ts',
    find: ' ? {} : { indeterminate: true as const }',
    replace: ' ? {} : {}',
    killedBy: [processing('is indeterminate while no length is known, and ends the stage with 100 all the same')],
  },
  {
    name: 'one-control-byte-refuses-a-text',
    what: 'A text of half a megabyte is no text for one byte that should not be in it.',
    file: 'adapters/extract/text-encoding.ts',
    find: 'const share = Math.min(bytes, looked)',
    replace: 'const share = Math.min(bytes, looked, 0)',
    killedBy: [extracting('text-controls', 'is passed over in the middle of a text in')],
  },
  {
    name: 'any-bytes-are-a-text',
    what: 'What begins with a byte order mark is read as a text, whatever follows.',
    file: 'adapters/extract/text-encoding.ts',
    find: 'return isMarkedText(sample.subarray(mark.from), mark.label) ? { ...mark, controls: false } : undefined;',
    replace: 'return { ...mark, controls: false };',
    killedBy: [extracting('text-controls', 'is refused all the same: ')],
  },
  {
    name: 'one-byte-makes-mojibake',
    what: 'A text in UTF-8 with one byte of another encoding is read in that one.',
    file: 'adapters/extract/byte-scan.ts',
    find: 'return invalid === 0 || (sequences > 0 &&',
    replace: 'return invalid === 0 || (sequences > 1e9 &&',
    killedBy: [
      extracting('text-encoding', 'is UTF-8 still where a byte of another encoding has got into it'),
      extracting('text-encoding', 'is believed when it says UTF-8, and a byte or two are not'),
    ],
  },
];
