import fengari, { type LuaState } from 'fengari';
import { fitsInt64, fromInt64 } from './integers.ts';
import { fromLua, toLua } from './lua-bytes.ts';
import { type Bytes, CommandError, NULL_ARRAY, type Reply, Status } from './reply.ts';

const { lua } = fengari;

const ERR = toLua('err');
const OK = toLua('ok');
/** A table that holds itself would be converted for ever. Redis stops when its C stack is full. */
const MAX_DEPTH = 1000;

/** What `redis.call` gives the script. */
export function pushReply(L: LuaState, reply: Reply): void {
  if (typeof reply === 'string') lua.lua_pushstring(L, toLua(reply));
  else if (typeof reply === 'number' || typeof reply === 'bigint') lua.lua_pushnumber(L, Number(reply));
  else if (reply === null || reply === NULL_ARRAY) lua.lua_pushboolean(L, false);
  else if (reply instanceof Status) pushFieldTable(L, OK, reply.text);
  else if (reply instanceof CommandError) pushError(L, reply.message);
  else pushArray(L, reply as readonly Reply[]);
}

export function pushArray(L: LuaState, items: readonly Reply[]): void {
  lua.lua_checkstack(L, 4);
  lua.lua_createtable(L, items.length, 0);
  for (let at = 0; at < items.length; at += 1) {
    pushReply(L, items[at]!);
    lua.lua_rawseti(L, -2, at + 1);
  }
}

export function pushError(L: LuaState, message: Bytes): void {
  pushFieldTable(L, ERR, message);
}

export function pushStatus(L: LuaState, text: Bytes): void {
  pushFieldTable(L, OK, text);
}

function pushFieldTable(L: LuaState, field: Uint8Array, text: Bytes): void {
  lua.lua_createtable(L, 0, 1);
  lua.lua_pushstring(L, field);
  lua.lua_pushstring(L, toLua(text));
  lua.lua_rawset(L, -3);
}

/** A string field of the table at `index`, read past any metatable; undefined when it is something else. */
export function stringField(L: LuaState, index: number, field: 'err' | 'ok' | 'source'): Bytes | undefined {
  lua.lua_pushvalue(L, index);
  lua.lua_pushstring(L, toLua(field));
  lua.lua_rawget(L, -2);
  const text = lua.lua_type(L, -1) === lua.LUA_TSTRING ? fromLua(lua.lua_tostring(L, -1)) : undefined;
  lua.lua_pop(L, 2);
  return text;
}

/** What the script returned, from the top of the stack, which keeps it. */
export function toReply(L: LuaState, depth = 0): Reply {
  switch (lua.lua_type(L, -1)) {
    case lua.LUA_TSTRING:
      return fromLua(lua.lua_tostring(L, -1));
    case lua.LUA_TNUMBER:
      return toInteger(lua.lua_tonumber(L, -1));
    case lua.LUA_TBOOLEAN:
      return lua.lua_toboolean(L, -1) ? 1 : null;
    case lua.LUA_TTABLE:
      return tableToReply(L, depth);
    default:
      return null;
  }
}

function tableToReply(L: LuaState, depth: number): Reply {
  if (depth >= MAX_DEPTH) return new CommandError('ERR reached lua stack limit');
  lua.lua_checkstack(L, 4);
  const error = stringField(L, -1, 'err');
  if (error !== undefined) return new CommandError(error);
  const status = stringField(L, -1, 'ok');
  if (status !== undefined) return new Status(status);
  const items: Reply[] = [];
  for (let at = 1; ; at += 1) {
    lua.lua_rawgeti(L, -1, at);
    const ended = lua.lua_isnil(L, -1);
    if (!ended) items.push(toReply(L, depth + 1));
    lua.lua_pop(L, 1);
    if (ended) return items;
  }
}

/** The fraction is cut off, as a C conversion does; what no 64-bit integer holds becomes the least one. */
function toInteger(value: number): number | bigint {
  if (Number.isSafeInteger(value)) return value;
  if (!Number.isFinite(value)) return -(2n ** 63n);
  const whole = BigInt(Math.trunc(value));
  return fitsInt64(whole) ? fromInt64(whole) : -(2n ** 63n);
}
