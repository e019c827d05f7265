import type { Mutant, NamedTest } from './mutant.ts';

const forwarding = (title: string): NamedTest => ({ file: 'test/adapters/forward/processor.test.ts', title });
const retries = (title: string): NamedTest => ({ file: 'test/adapters/forward/retries.test.ts', title });
const result = (title: string): NamedTest => ({ file: 'test/adapters/forward/result.test.ts', title });
const hostile = (title: string): NamedTest => ({ file: 'test/adapters/forward/hostile-upstream.test.ts', title });
const connecting = (title: string): NamedTest => ({ file: 'test/adapters/forward/connecting.test.ts', title });
const refusal = (title: string): NamedTest => ({ file: 'test/adapters/forward/refusal.test.ts', title });

/** Between this service and an upstream that sources are forwarded to. */
export const FORWARDING: readonly Mutant[] = [
  {
    name: 'forwarded-again-though-it-may-have-arrived',
    what: 'A source whose connection broke off is sent again, and the upstream has it twice.',
    file: 'adapters/forward/processor.ts',
    find: 'return { failure: brokenOff(error), again: false };',
    replace: 'return { failure: brokenOff(error), again: true };',
    killedBy: [hostile('ends the source, and is not tried again: it may have been taken')],
  },
  {
    name: 'forwarded-again-for-the-result',
    what: 'A result that could not be stored costs the upstream another upload.',
    file: 'adapters/forward/processor.ts',
    find: "        .catch((error: unknown) => log.warn('result-not-stored', { sourceUuid: source.sourceUuid, error }));",
    replace: '        .catch((error: unknown) => Promise.reject(error));',
    killedBy: [forwarding('is not sent again because the result could not be stored')],
  },
  {
    name: 'refusal-asked-again',
    what: 'A 4xx is taken for something that passes.',
    file: 'adapters/forward/processor.ts',
    find: 'return { failure: refused(status, refusalWords(answer)), again: false };',
    replace: 'return { failure: refused(status, refusalWords(answer)), again: true };',
    killedBy: [refusal('is said in the words of the standard, and not asked again')],
  },
  {
    name: 'forward-without-deadline',
    what: 'An upstream that says nothing keeps the source until the function is killed.',
    file: 'adapters/forward/processor.ts',
    find: 'if (!ended.signal.aborted) late.abort(timedOut(deadlineMs));',
    replace: '',
    killedBy: [hostile('ends an upstream that goes silent')],
  },
  {
    name: 'pause-beyond-the-deadline',
    what: 'The last word of an upstream is lost to a time-out in the pause after it.',
    file: 'adapters/forward/processor.ts',
    find: ' && clock.now() + pauseMs < endsAt',
    replace: '',
    killedBy: [retries('is not waited for beyond the deadline: its last word counts')],
  },
  {
    name: 'forward-does-not-hear-an-abort',
    what: 'A source that was cancelled goes on to the upstream.',
    file: 'adapters/forward/post-request.ts',
    find: '  { onSent, signal, connectTimeoutMs = CONNECT_TIMEOUT_MS }: PostOptions,\n',
    replace:
      '  { onSent, connectTimeoutMs = CONNECT_TIMEOUT_MS }: PostOptions,\n  signal = new AbortController().signal,\n',
    killedBy: [hostile('ends it with the reason of the abort')],
  },
  {
    name: 'connecting-does-not-hear-an-abort',
    what: 'A source that was cancelled keeps its worker for as long as a host that does not answer may take.',
    file: 'adapters/forward/post-request.ts',
    find: 'agent = new Agent({ connect: connector(signal, ',
    replace: 'agent = new Agent({ connect: connector(new AbortController().signal, ',
    killedBy: [connecting('an abort is heard at once')],
  },
  {
    name: 'untrusted-asked-again',
    what: 'A certificate that is not trusted is shown four times.',
    file: 'adapters/forward/processor.ts',
    find: 'again: !isUntrusted(error.cause)',
    replace: 'again: true',
    killedBy: [connecting('ends the source: asking again would not help, and nothing was sent')],
  },
  {
    name: 'progress-begins-anew',
    what: 'A second try takes the progress back to nothing.',
    file: 'adapters/forward/processor.ts',
    find: ' || progress.bytes <= highest',
    replace: '',
    killedBy: [retries('with a 5xx is asked again, later each time, and may succeed')],
  },
  {
    name: 'url-handed-on-as-it-was-typed',
    what: 'The upstream reads another host out of a URL than the one that was looked at, and fetches from inside.',
    file: 'adapters/forward/upstream-request.ts',
    find: 'content: writtenOut(url!)',
    replace: 'content: url',
    killedBy: [forwarding('leads to the host that the guard looked at, by every parser')],
  },
  {
    name: 'original-read-ahead',
    what: 'The whole of a file is held in memory before the upstream has taken it.',
    file: 'adapters/forward/post-request.ts',
    find: 'Readable.from(body(), { objectMode: false })',
    replace: 'Readable.from(body(), { objectMode: false, highWaterMark: 2 ** 30 })',
    killedBy: [forwarding('is streamed: what the upstream has not taken yet is not read either')],
  },
  {
    name: 'original-not-let-go',
    what: 'Each try that finds no connection leaves a connection to S3 open.',
    file: 'adapters/forward/upstream-request.ts',
    find: '[Symbol.dispose]: () => letGo(original.body),',
    replace: '[Symbol.dispose]: () => {},',
    killedBy: [forwarding('is let go each time when no connection can be made')],
  },
  {
    name: 'own-fault-is-the-sources',
    what: 'A source ends in failure because S3 was away for a moment.',
    file: 'adapters/forward/processor.ts',
    find: ' || error instanceof BodyFailure',
    replace: '',
    killedBy: [forwarding('whose reading fails is no failure of the source, and the connection is let go')],
  },
  {
    name: 'connections-fault-is-our-own',
    what: 'What the connection fails with while the body is sent is taken for a fault of S3, and the source is sent again.',
    file: 'adapters/forward/post-request.ts',
    find: '        yield next.value;\n      }\n    } finally {',
    replace:
      "        yield next.value;\n      }\n    } catch (cause) {\n      throw (fault ??= new BodyFailure('', { cause }));\n    } finally {",
    killedBy: [hostile('ends the source, and is not tried again: it may have been taken')],
  },
  {
    name: 'name-leaves-its-header',
    what: 'A file name adds headers and parts of its own to the form.',
    file: 'adapters/forward/multipart-body.ts',
    find: ".replaceAll('\"', '%22')",
    replace: '',
    killedBy: [forwarding('stays one part with one name')],
  },
  {
    name: 'result-larger-than-a-message',
    what: 'A result is taken that can be neither stored nor sent: the source fails without a reason, after four uploads.',
    file: 'adapters/forward/read-result.ts',
    find: 'if (bytes > MAX_TERMINAL_BYTES) throw answerTooLarge();',
    replace: '',
    killedBy: [result('since it is ')],
  },
  {
    name: 'words-without-end',
    what: 'All that an upstream says of a source goes out to the client.',
    file: 'adapters/forward/forward-failures.ts',
    find: 'characters.length > room ?',
    replace: 'characters.length > room * 1000 ?',
    killedBy: [refusal('is cut at 500 characters in all, and between characters')],
  },
  {
    name: 'words-with-secrets',
    what: 'A signed address that an upstream complains of is told to the client.',
    file: 'adapters/forward/refusal-words.ts',
    find: 'return String(redact({ lines }).lines)',
    replace: 'return lines',
    killedBy: [
      refusal('is told without the secrets of the addresses in it'),
      refusal('is told without the secrets of the upstream in it'),
    ],
  },
];
