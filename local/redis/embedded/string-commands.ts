import { type CommandTable, type Context, firstIsKey } from './command.ts';
import { invalidExpireTime, notSupported, syntaxError } from './errors.ts';
import { toInteger } from './integers.ts';
import { type Bytes, OK, type Reply } from './reply.ts';

export const stringCommands: CommandTable = {
  get: { arity: 2, keys: firstIsKey, run: ([key], { database }) => database.string(key!) ?? null },
  set: { arity: -3, keys: firstIsKey, run: set },
};

const TTL_UNITS_MS: Readonly<Record<string, number | undefined>> = { ex: 1000, px: 1 };

interface SetOptions {
  condition?: 'nx' | 'xx';
  ttl?: { amount: Bytes; unitMs: number };
  keepTtl?: boolean;
}

function set([key, value, ...options]: readonly Bytes[], { database }: Context): Reply {
  const { condition, ttl, keepTtl } = setOptions(options);
  const expiresAt = ttl && database.now + lifetime(ttl.amount, ttl.unitMs);
  const present = database.get(key!) !== undefined;
  if (condition === (present ? 'nx' : 'xx')) return null;
  database.set(key!, value!);
  if (expiresAt !== undefined) database.expireAt(key!, expiresAt);
  else if (!keepTtl) database.persist(key!);
  return OK;
}

function setOptions(options: readonly Bytes[]): SetOptions {
  const found: SetOptions = {};
  for (let at = 0; at < options.length; at += 1) {
    const option = options[at]!.toLowerCase();
    // The same option twice is no error, two that exclude each other are.
    if ((option === 'nx' || option === 'xx') && (found.condition ?? option) === option) {
      found.condition = option;
    } else if (option === 'keepttl' && found.ttl === undefined) {
      found.keepTtl = true;
    } else if (isTtl(option, found) && at + 1 < options.length) {
      at += 1;
      found.ttl = { amount: options[at]!, unitMs: TTL_UNITS_MS[option]! };
    } else if (option === 'get' || option === 'exat' || option === 'pxat') {
      throw notSupported('set', option);
    } else {
      throw syntaxError();
    }
  }
  return found;
}

function isTtl(option: Bytes, { ttl, keepTtl }: SetOptions): boolean {
  const unitMs = Object.hasOwn(TTL_UNITS_MS, option) ? TTL_UNITS_MS[option] : undefined;
  return unitMs !== undefined && !keepTtl && (ttl?.unitMs ?? unitMs) === unitMs;
}

function lifetime(amount: Bytes, unitMs: number): number {
  const ms = toInteger(amount) * unitMs;
  if (ms <= 0 || ms >= 2 ** 62) throw invalidExpireTime('set');
  return ms;
}
