import { createRequire } from 'node:module';
import fengari, { type LuaState } from 'fengari';
import { fromLua, toLua } from './lua-bytes.ts';
import { pushError, stringField } from './lua-conversions.ts';
import { CommandError } from './reply.ts';

const { lua } = fengari;

const SOURCE_AND_LINE = toLua('Sl');

/** What a script failed with: the error, the script, and where in it. */
export function runtimeError(L: LuaState, sha: string): CommandError {
  const message = stringField(L, -1, 'err') ?? 'ERR unknown error';
  const position = stringField(L, -1, 'source');
  return new CommandError(`${message} script: ${sha}${position === undefined ? '' : `, on ${position}.`}`);
}

/** The message handler of a script: it runs where the error arose, the only place where its line is known. */
export function tracePosition(L: LuaState): number {
  const position = scriptPosition(L);
  if (lua.lua_type(L, 1) !== lua.LUA_TTABLE || stringField(L, 1, 'err') === undefined) {
    pushError(L, `ERR ${inWordsOfLua51(describe(L))}`);
    lua.lua_replace(L, 1);
  }
  lua.lua_settop(L, 1);
  if (position !== undefined) {
    lua.lua_pushstring(L, toLua('source'));
    lua.lua_pushstring(L, toLua(position));
    lua.lua_rawset(L, 1);
  }
  return 1;
}

function describe(L: LuaState): string {
  const type = lua.lua_type(L, 1);
  if (type === lua.LUA_TSTRING || type === lua.LUA_TNUMBER) return fromLua(lua.lua_tostring(L, 1));
  return type === lua.LUA_TNIL ? 'nil' : 'an error object that is neither a text nor a table with "err"';
}

/** The innermost level that is Lua and not one of the functions given to it. */
function scriptPosition(L: LuaState): string | undefined {
  const debug = new lua.lua_Debug();
  for (let level = 0; lua.lua_getstack(L, level, debug) === 1; level += 1) {
    lua.lua_getinfo(L, SOURCE_AND_LINE, debug);
    if (debug.currentline > 0) return `${fromLua(debug.source)}:${debug.currentline}`;
  }
  return undefined;
}

/** 5.3 names the variable last and 5.1 first. */
function inWordsOfLua51(message: string): string {
  return message.replace(/attempt to (.+?) an? (\w+) value \((\w+) '(.*?)'\)/, "attempt to $1 $3 '$4' (a $2 value)");
}

interface Prototype {
  readonly code: readonly { readonly opcode: number }[];
  readonly p: readonly Prototype[];
}

/** Operators that Lua 5.3 has and 5.1 has not: here they would work, and fail on every real server. */
const NEW_OPERATORS = new Set(
  ['IDIV', 'BAND', 'BOR', 'BXOR', 'SHL', 'SHR', 'BNOT'].map((name): number => {
    const opcodes: Record<string, number> = createRequire(import.meta.url)('fengari/src/lopcodes.js').OpCodesI;
    return opcodes[`OP_${name}`]!;
  }),
);

/** Throws CommandError when the compiled function uses one. (Not seen: two constants, which the compiler folds.) */
export function refuseNewOperators(closure: unknown): void {
  const uses = ({ code, p }: Prototype): boolean =>
    code.some(({ opcode }) => NEW_OPERATORS.has(opcode)) || p.some(uses);
  if (uses((closure as { readonly p: Prototype }).p)) {
    throw new CommandError(
      'ERR Error compiling script (new function): user_script: an operator that Lua 5.1 does not have',
    );
  }
}
