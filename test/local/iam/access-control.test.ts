import { beforeEach, expect, test } from 'vitest';
import { AccessControl, type Decision, type Identity } from '../../../local/iam/access-control.ts';
import { ROOT } from '../../../local/iam/credentials.ts';
import { refusalMessage } from '../../../local/iam/refusal.ts';
import { memoryLog } from '../../../local/log.ts';
import { LOCAL_ENVIRONMENT } from '../../../local/template/template.ts';

const TABLE = 'arn:aws:dynamodb:us-east-1:000000000000:table/things';
const GET = { action: 'dynamodb:GetItem', resource: TABLE };
const PUT = { action: 'dynamodb:PutItem', resource: TABLE };

const identity: Identity = {
  functionName: 'App-work',
  roleName: 'App-role',
  statements: [{ Effect: 'Allow', Action: ['dynamodb:GetItem'], Resource: [TABLE] }],
  context: {},
};
const work = { name: 'App-work' };

let log: ReturnType<typeof memoryLog>;
let access: AccessControl;

beforeEach(() => {
  log = memoryLog();
  const grantFor = ({ action }: { action: string }) => (action === PUT.action ? 'Things.grantWrite' : undefined);
  access = new AccessControl({ environment: LOCAL_ENVIRONMENT, log, grantFor });
  access.attach('App-work', identity);
});

test('a function may do what its role says, and the runtime everything', () => {
  expect(access.refusalOf(work, [GET])).toBeUndefined();
  expect(access.refusalOf(work, [])).toBeUndefined();
  expect(access.refusalOf({ name: ROOT }, [PUT])).toBeUndefined();
  expect(access.refusalOf({ name: 'nobody' }, [GET])).toMatchObject({ verdict: 'not-allowed' });
});

test('a call that needs several permissions needs them all', () => {
  expect(access.refusalOf(work, [GET, PUT])).toMatchObject({ permission: PUT });
});

test('a refusal says in the words of AWS who may not do what, and why', () => {
  expect(refusalMessage(access.refusalOf(work, [PUT])!)).toBe(
    `User: arn:aws:sts::000000000000:assumed-role/App-role/App-work is not authorized to perform: dynamodb:PutItem on resource: ${TABLE} because no identity-based policy allows the dynamodb:PutItem action`,
  );
  const denial = { Effect: 'Deny' as const, Action: ['*'], Resource: ['*'] };
  access.attach('App-work', { ...identity, statements: [...identity.statements, denial] });
  expect(refusalMessage(access.refusalOf(work, [GET])!, { resource: '"x"' })).toMatch(
    /GetItem on resource: "x" with an explicit deny in an identity-based policy$/,
  );
});

test('the log names function, action, resource and the grant that would allow it, as an error once', () => {
  for (let n = 0; n < 3; n += 1) access.refusalOf(work, [PUT]);
  access.refusalOf(work, [{ action: 'dynamodb:Scan', resource: TABLE }]);
  const text = `App-work was refused dynamodb:PutItem on ${TABLE}: its role App-role does not allow it; Things.grantWrite would.`;
  expect(log.entries).toEqual([
    { level: 'error', source: 'iam', text },
    { level: 'line', source: 'iam', text },
    { level: 'line', source: 'iam', text },
    {
      level: 'error',
      source: 'iam',
      text: expect.stringMatching(/dynamodb:Scan .*; no grant\* that there is would\.$/),
    },
  ]);
});

test('what is attached anew counts from the next call on', () => {
  expect(access.refusalOf(work, [GET])).toBeUndefined();
  access.attach('App-work', { ...identity, statements: [] });
  expect(access.refusalOf(work, [GET])).toBeDefined();
  access.attach('App-work', identity);
  expect(access.refusalOf(work, [GET])).toBeUndefined();
});

test('an observer is told of every decision, remembered or not, until it leaves', () => {
  const seen: Decision[] = [];
  const observing = access.observe((decision) => seen.push(decision));
  for (let n = 0; n < 2; n += 1) access.refusalOf(work, [GET]);
  observing[Symbol.dispose]();
  access.refusalOf(work, [GET]);
  const decision = { ...GET, principal: 'App-work', functionName: 'App-work', context: {}, verdict: 'allowed' };
  expect(seen).toEqual([decision, decision]);
});

test('however many resources there are, all of them are judged right', () => {
  const key = (n: number) => ({ action: 'dynamodb:GetItem', resource: n % 2 === 0 ? TABLE : `${TABLE}-${n}` });
  for (let n = 0; n < 2000; n += 1) expect(access.refusalOf(work, [key(n)]) === undefined).toBe(n % 2 === 0);
  expect(access.refusalOf(work, [key(1)])).toBeDefined();
});
