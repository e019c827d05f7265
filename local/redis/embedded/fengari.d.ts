/** The little of fengari that the embedded Redis uses; the package has no types. Lua strings are Uint8Array. */
declare module 'fengari' {
  export interface LuaState {
    readonly brand: unique symbol;
  }
  export type LuaFunction = (L: LuaState) => number;
  export type LuaProxy = (L: LuaState) => void;
  export interface LuaDebug {
    what: Uint8Array;
    source: Uint8Array;
    currentline: number;
  }

  interface Lua {
    readonly LUA_OK: number;
    readonly LUA_MULTRET: number;
    readonly LUA_MASKCOUNT: number;
    readonly LUA_REGISTRYINDEX: number;
    readonly LUA_RIDX_GLOBALS: number;
    readonly LUA_TNIL: number;
    readonly LUA_TBOOLEAN: number;
    readonly LUA_TNUMBER: number;
    readonly LUA_TSTRING: number;
    readonly LUA_TTABLE: number;
    readonly lua_Debug: new () => LuaDebug;
    lua_close(L: LuaState): void;
    lua_checkstack(L: LuaState, extra: number): boolean;
    lua_createtable(L: LuaState, arraySize: number, hashSize: number): void;
    lua_error(L: LuaState): never;
    lua_getfield(L: LuaState, index: number, key: Uint8Array): number;
    lua_getinfo(L: LuaState, what: Uint8Array, debug: LuaDebug): number;
    lua_getstack(L: LuaState, level: number, debug: LuaDebug): number;
    lua_gettop(L: LuaState): number;
    lua_insert(L: LuaState, index: number): void;
    lua_isnil(L: LuaState, index: number): boolean;
    lua_newtable(L: LuaState): void;
    lua_pcall(L: LuaState, args: number, results: number, handler: number): number;
    lua_pop(L: LuaState, count: number): void;
    lua_pushboolean(L: LuaState, value: boolean): void;
    lua_pushcfunction(L: LuaState, run: LuaFunction): void;
    lua_pushnil(L: LuaState): void;
    lua_pushnumber(L: LuaState, value: number): void;
    lua_pushstring(L: LuaState, value: Uint8Array): void;
    lua_pushvalue(L: LuaState, index: number): void;
    lua_rawget(L: LuaState, index: number): number;
    lua_rawgeti(L: LuaState, index: number, at: number): number;
    lua_rawset(L: LuaState, index: number): void;
    lua_rawseti(L: LuaState, index: number, at: number): void;
    lua_replace(L: LuaState, index: number): void;
    lua_sethook(L: LuaState, hook: (L: LuaState) => void, mask: number, count: number): void;
    lua_setfield(L: LuaState, index: number, key: Uint8Array): void;
    lua_setmetatable(L: LuaState, index: number): void;
    lua_settop(L: LuaState, index: number): void;
    lua_toboolean(L: LuaState, index: number): boolean;
    lua_tonumber(L: LuaState, index: number): number;
    lua_topointer(L: LuaState, index: number): unknown;
    lua_toproxy(L: LuaState, index: number): LuaProxy;
    lua_tostring(L: LuaState, index: number): Uint8Array;
    lua_type(L: LuaState, index: number): number;
  }

  interface AuxiliaryLibrary {
    luaL_argerror(L: LuaState, arg: number, message: Uint8Array): never;
    luaL_checkany(L: LuaState, arg: number): void;
    luaL_checknumber(L: LuaState, arg: number): number;
    luaL_checkstring(L: LuaState, arg: number): Uint8Array;
    luaL_error(L: LuaState, format: Uint8Array, ...args: unknown[]): never;
    luaL_loadbuffer(L: LuaState, chunk: Uint8Array, size: number, name: Uint8Array): number;
    luaL_newstate(): LuaState;
    luaL_requiref(L: LuaState, name: Uint8Array, open: LuaFunction, global: boolean): void;
    luaL_tolstring(L: LuaState, index: number): Uint8Array;
  }

  interface Libraries {
    readonly luaopen_base: LuaFunction;
    readonly luaopen_coroutine: LuaFunction;
    readonly luaopen_math: LuaFunction;
    readonly luaopen_string: LuaFunction;
    readonly luaopen_table: LuaFunction;
  }

  const fengari: {
    readonly lua: Lua;
    readonly lauxlib: AuxiliaryLibrary;
    readonly lualib: Libraries;
  };
  export default fengari;
}
