import { expect, test } from 'vitest';
import { parseFaultArguments } from '../../../local/faults/fault-arguments.ts';

const parse = (line: string) => parseFaultArguments(line === '' ? [] : line.split(' '));

test.each(['', '--help', '-h', 'dynamodb --help'])('"%s" asks for the help', (line) => {
  expect(parse(line)).toBeUndefined();
});

test.each([
  ['list', { command: 'list' }],
  ['clear', { command: 'clear' }],
  ['clear 3', { command: 'clear', id: 3 }],
  ['clear #3', { command: 'clear', id: 3 }],
  ['kill process', { command: 'kill', function: 'process', all: false }],
  ['kill process --all', { command: 'kill', function: 'process', all: true }],
  ['redis kill', { command: 'redis', action: 'kill' }],
  ['sockets drop', { command: 'sockets', disconnect: true }],
  ['sockets drop --no-disconnect', { command: 'sockets', disconnect: false }],
  ['redis lose', { command: 'redis', action: 'lose' }],
  // A word of two meanings: all data, or the answers to some calls.
  ['redis lose --rate 1', { command: 'set', fault: { service: 'redis', kind: 'lose', rate: 1 } }],
  [
    'dynamodb error --operation UpdateItem --rate 0.2 --seconds 30 --code 400 --function process --times 2',
    {
      command: 'set',
      fault: {
        service: 'dynamodb',
        kind: 'error',
        operation: 'UpdateItem',
        rate: 0.2,
        seconds: 30,
        code: '400',
        function: 'process',
        times: 2,
      },
    },
  ],
  ['s3 delay --ms 500', { command: 'set', fault: { service: 's3', kind: 'delay', ms: 500 } }],
])('%s', (line, command) => {
  expect(parse(line)).toEqual(command);
});

test.each([
  ['dynamo error', /^"dynamo" is neither a service \(dynamodb, s3, .*\) nor one of list, clear, kill, sockets\. Try: /],
  ['s3', /^What should happen is missing: it is one of error, .*crash-after\. Try: /],
  ['s3 eror', /^There is no "eror": it is one of error, /],
  ['redis flush', /^There is no "flush": it is one of error, .*, lose, kill, stop, continue\. Try: /],
  ['s3 error --rate often', /^--rate has to be a number, not "often"\.$/],
  ['s3 error --rate -1', /^Option '--rate' argument is ambiguous\. Try: /],
  ['s3 error --rte 1', /^Unknown option '--rte'\. Try: /],
  ['s3 error now', /^"now" is one word too many\. Try: /],
  ['s3 error --all', /^--all goes with kill only\./],
  ['list 3', /^"3" is one word too many\./],
  ['redis kill --times 1', /^--times does not go with redis\./],
  ['list --rate 1', /^--rate does not go with list\./],
  ['clear all', /^A fault is cleared by its number, not "all"\. See: npm run fault -- list$/],
  ['kill', /^Which function\? For example: npm run fault -- kill process$/],
  ['sockets', /^Sockets can be dropped: /],
])('"%s" is refused with what is right', (line, sentence) => {
  expect(() => parse(line)).toThrow(
    expect.objectContaining({ name: 'FaultError', message: expect.stringMatching(sentence) }),
  );
});
