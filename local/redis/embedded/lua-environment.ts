import fengari, { type LuaFunction, type LuaState } from 'fengari';
import { toLua } from './lua-bytes.ts';
import { stringField } from './lua-conversions.ts';
import { stringFormat } from './lua-format.ts';
import { useLua51Numbers } from './lua-numbers.ts';

const { lua, lauxlib, lualib } = fengari;

/** What Lua 5.3 has and 5.1 has not goes, and the other way round. Nothing of it reaches a file, a process or a clock. */
const LUA_51 = `
  unpack = table.unpack
  table.unpack, table.pack, table.move = nil, nil, nil
  table.getn = function(t) return #t end
  string.pack, string.unpack, string.packsize = nil, nil, nil
  math.type, math.tointeger, math.ult = nil, nil, nil
  math.pow = math.pow or function(base, exponent) return base ^ exponent end
  print, dofile, loadfile, load, require, package, utf8 = nil, nil, nil, nil, nil, nil, nil
  _VERSION = 'Lua 5.1'
`;

/** A Lua state with the libraries of a Redis script. @returns the functions that change its globals from outside. */
export function createLuaState(redis: Readonly<Record<string, LuaFunction>>): {
  L: LuaState;
  setGlobal(name: 'KEYS' | 'ARGV'): void;
} {
  useLua51Numbers();
  const L = lauxlib.luaL_newstate();
  lauxlib.luaL_requiref(L, toLua('_G'), lualib.luaopen_base, true);
  const libraries = { string: lualib.luaopen_string, table: lualib.luaopen_table, math: lualib.luaopen_math };
  for (const [name, open] of Object.entries(libraries)) lauxlib.luaL_requiref(L, toLua(name), open, true);
  lauxlib.luaL_requiref(L, toLua('coroutine'), lualib.luaopen_coroutine, true);
  lua.lua_settop(L, 0);
  const prelude = toLua(LUA_51);
  lauxlib.luaL_loadbuffer(L, prelude, prelude.length, toLua('=prelude'));
  lua.lua_pcall(L, 0, 0, 0);

  lua.lua_rawgeti(L, lua.LUA_REGISTRYINDEX, lua.LUA_RIDX_GLOBALS);
  setFunction(L, 'pcall', protectedCall);
  setFunction(L, 'tostring', toStringAsLua51);
  lua.lua_getfield(L, -1, toLua('string'));
  setFunction(L, 'format', stringFormat);
  lua.lua_pop(L, 1);
  lua.lua_newtable(L);
  for (const [name, run] of Object.entries(redis)) setFunction(L, name, run);
  lua.lua_setfield(L, -2, toLua('redis'));
  for (const name of [...Object.keys(libraries), 'coroutine', 'redis']) lockField(L, name);
  const globals = lua.lua_toproxy(L, -1);
  lockGlobals(L);
  return {
    L,
    setGlobal(name) {
      globals(L);
      lua.lua_insert(L, -2);
      lua.lua_pushstring(L, toLua(name));
      lua.lua_insert(L, -2);
      lua.lua_rawset(L, -3);
      lua.lua_pop(L, 1);
    },
  };
}

function setFunction(L: LuaState, name: string, run: LuaFunction): void {
  lua.lua_pushcfunction(L, run);
  lua.lua_setfield(L, -2, toLua(name));
}

/** Replaces a library, in the table on the top of the stack, by an empty table that reads through to it. */
function lockField(L: LuaState, name: string): void {
  lua.lua_newtable(L);
  lua.lua_newtable(L);
  lua.lua_getfield(L, -3, toLua(name));
  lua.lua_setfield(L, -2, toLua('__index'));
  protect(L);
  lua.lua_setmetatable(L, -2);
  lua.lua_setfield(L, -2, toLua(name));
}

/**
 * Scripts see an empty table that reads through to the globals on the top of the stack, and cannot be written to:
 * nothing that one script does is left over for the next. A name that is missing is an error, not nil.
 */
function lockGlobals(L: LuaState): void {
  lua.lua_newtable(L);
  setFunction(L, '__index', missingGlobal);
  lua.lua_setmetatable(L, -2);
  lua.lua_newtable(L);
  lua.lua_newtable(L);
  lua.lua_pushvalue(L, -3);
  lua.lua_setfield(L, -2, toLua('__index'));
  protect(L);
  lua.lua_setmetatable(L, -2);
  lua.lua_pushvalue(L, -1);
  lua.lua_setfield(L, -3, toLua('_G'));
  lua.lua_rawseti(L, lua.LUA_REGISTRYINDEX, lua.LUA_RIDX_GLOBALS);
  lua.lua_pop(L, 1);
}

/** For the metatable on the top of the stack: no writing through it, no replacing it. */
function protect(L: LuaState): void {
  setFunction(L, '__newindex', readOnly);
  lua.lua_pushboolean(L, false);
  lua.lua_setfield(L, -2, toLua('__metatable'));
}

function readOnly(L: LuaState): number {
  return lauxlib.luaL_error(L, toLua('Attempt to modify a readonly table'));
}

function missingGlobal(L: LuaState): number {
  const name = lauxlib.luaL_tolstring(L, 2);
  return lauxlib.luaL_error(L, toLua("Script attempted to access nonexistent global variable '%s'"), name);
}

/** fengari's own writes a double with `.0`, by a way of its own. */
function toStringAsLua51(L: LuaState): number {
  lauxlib.luaL_checkany(L, 1);
  if (lua.lua_type(L, 1) === lua.LUA_TNUMBER) {
    lua.lua_settop(L, 1);
    lua.lua_tostring(L, 1);
    return 1;
  }
  lauxlib.luaL_tolstring(L, 1);
  return 1;
}

/** As Lua's own, but that an error of `redis.call` arrives as its text, which is what Redis hands to scripts. */
function protectedCall(L: LuaState): number {
  lauxlib.luaL_checkany(L, 1);
  lua.lua_pushboolean(L, true);
  lua.lua_insert(L, 1);
  if (lua.lua_pcall(L, lua.lua_gettop(L) - 2, lua.LUA_MULTRET, 0) === lua.LUA_OK) return lua.lua_gettop(L);
  const text = lua.lua_type(L, -1) === lua.LUA_TTABLE ? stringField(L, -1, 'err') : undefined;
  if (text !== undefined) {
    lua.lua_pushstring(L, toLua(text));
    lua.lua_replace(L, -2);
  }
  lua.lua_pushboolean(L, false);
  lua.lua_insert(L, -2);
  return 2;
}
