import fc from 'fast-check';
import { expect, test } from 'vitest';
import { RespParser } from '../../../../local/redis/embedded/resp-parser.ts';
import { encode } from '../resp-client.ts';

const bytes = fc.string({ unit: fc.nat(255).map((code) => String.fromCharCode(code)), maxLength: 20 });
const commands = fc.array(fc.array(bytes, { minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 6 });

test('the same commands come out, however their bytes are cut into pieces', () => {
  fc.assert(
    fc.property(commands, fc.array(fc.integer({ min: 1, max: 12 }), { minLength: 1 }), (sent, sizes) => {
      const whole = Buffer.from(sent.map(encode).join(''), 'latin1');
      const parser = new RespParser();
      const received: string[][] = [];
      for (let at = 0, piece = 0; at < whole.length; piece += 1) {
        const end = at + sizes[piece % sizes.length]!;
        parser.push(whole.subarray(at, end));
        for (let command = parser.next(); command !== undefined; command = parser.next()) received.push(command);
        at = end;
      }
      expect(received).toEqual(sent);
      expect(parser.bufferedBytes).toBe(0);
    }),
  );
});
