import { describe, expect, it } from 'vitest';
import { formatProcessMessage, parseProcessMessage } from '../../../adapters/sqs/process-message.ts';

const ref = { sourceUuid: '6F1F2B34-9a49-4c89-8a3e-0d1f6f6f2b11', generation: 2 };

describe('the message of the process queue', () => {
  it('comes back as it was sent, the spelling of the id included', () => {
    expect(parseProcessMessage(formatProcessMessage(ref))).toEqual(ref);
  });

  it('carries the correlation id of the upload, where there is one', () => {
    const source = { ...ref, correlationId: 'the-request' };
    expect(parseProcessMessage(formatProcessMessage(source))).toEqual(source);
    expect(formatProcessMessage(ref)).not.toContain('correlation');
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{"source-uuid":'],
    ['no object', 'null'],
    ['no generation', `{"source-uuid":"${ref.sourceUuid}"}`],
    ['a generation that is no count', `{"source-uuid":"${ref.sourceUuid}","generation":0.5}`],
    ['an id that is no UUID', '{"source-uuid":"../../x","generation":1}'],
  ])('is refused by name when it holds %s', (_what, body) => {
    expect(() => parseProcessMessage(body)).toThrow(
      expect.objectContaining({ code: 'invalid-process-message', cause: expect.any(Error) }),
    );
  });

  it('may grow fields that this reader does not know', () => {
    const newer = { ...JSON.parse(formatProcessMessage(ref)), reason: 'redrive' };
    expect(parseProcessMessage(JSON.stringify(newer))).toEqual(ref);
  });
});
