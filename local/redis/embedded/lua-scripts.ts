import fengari, { type LuaFunction, type LuaProxy, type LuaState } from 'fengari';
import { BLOCKED, type Context, REPLIED, type Scripts } from './command.ts';
import { executeInScript } from './execute.ts';
import { fromLua, toLua } from './lua-bytes.ts';
import { pushArray, pushError, pushReply, pushStatus, toReply } from './lua-conversions.ts';
import { createLuaState } from './lua-environment.ts';
import { refuseNewOperators, runtimeError, tracePosition } from './lua-errors.ts';
import { formatGeneral } from './lua-numbers.ts';
import { type Bytes, CommandError, type Reply } from './reply.ts';
import { sha1 } from './sha1.ts';

const { lua, lauxlib } = fengari;

/** 5 s, as Redis's busy-reply-threshold. There others are told BUSY from then on; here the script ends, or everything hangs. */
const MAX_SCRIPT_MS = 5000;
/** Looking at the time costs more than an instruction. */
const INSTRUCTIONS_PER_LOOK = 100_000;

const CHUNK_NAME = toLua('@user_script');

/** Compiled once, run many times, all in one Lua state. */
export class LuaScripts implements Scripts {
  readonly #compiled = new Map<string, LuaProxy>();
  /** By text, so that EVAL of a known script need not be hashed. */
  readonly #shas = new Map<Bytes, string>();
  readonly #L: LuaState;
  readonly #setGlobal: (name: 'KEYS' | 'ARGV') => void;
  #context: Context | undefined;
  /** An error that is not a refusal: it passes Lua by, so that no script can swallow it. */
  #defect: { readonly error: unknown } | undefined;
  readonly #maxScriptMs: number;
  #deadline = 0;

  constructor(maxScriptMs: number = MAX_SCRIPT_MS) {
    this.#maxScriptMs = maxScriptMs;
    const { L, setGlobal } = createLuaState({
      call: (state) => this.#call(state, true),
      pcall: (state) => this.#call(state, false),
      error_reply: errorReply,
      status_reply: statusReply,
      sha1hex,
    });
    this.#L = L;
    this.#setGlobal = setGlobal;
    lua.lua_sethook(L, (state) => this.#lookAtTime(state), lua.LUA_MASKCOUNT, INSTRUCTIONS_PER_LOOK);
  }

  load(body: Bytes): string {
    const known = this.#shas.get(body);
    if (known !== undefined) return known;
    const source = toLua(body);
    if (lauxlib.luaL_loadbuffer(this.#L, source, source.length, CHUNK_NAME) !== lua.LUA_OK) {
      const reason = fromLua(lua.lua_tostring(this.#L, -1));
      lua.lua_pop(this.#L, 1);
      throw new CommandError(`ERR Error compiling script (new function): ${reason}`);
    }
    const compiled = lua.lua_toproxy(this.#L, -1);
    const closure = lua.lua_topointer(this.#L, -1);
    lua.lua_pop(this.#L, 1);
    refuseNewOperators(closure);
    const sha = sha1(body);
    this.#compiled.set(sha, compiled);
    this.#shas.set(body, sha);
    return sha;
  }

  has(sha: string): boolean {
    return this.#compiled.has(sha);
  }

  flush(): void {
    this.#compiled.clear();
    this.#shas.clear();
  }

  run(sha: string, keys: readonly Bytes[], args: readonly Bytes[], context: Context): Reply {
    const L = this.#L;
    pushArray(L, keys);
    this.#setGlobal('KEYS');
    pushArray(L, args);
    this.#setGlobal('ARGV');
    this.#context = context;
    this.#deadline = performance.now() + this.#maxScriptMs;
    try {
      lua.lua_pushcfunction(L, tracePosition);
      this.#compiled.get(sha)!(L);
      const status = lua.lua_pcall(L, 0, 1, -2);
      if (this.#defect) throw this.#defect.error;
      return status === lua.LUA_OK ? toReply(L) : runtimeError(L, sha);
    } finally {
      this.#context = undefined;
      this.#defect = undefined;
      lua.lua_settop(L, 0);
    }
  }

  #call(L: LuaState, raise: boolean): number {
    const outcome = this.#execute(L);
    if (!(outcome instanceof CommandError)) {
      pushReply(L, outcome);
      return 1;
    }
    pushError(L, outcome.message);
    return raise ? lua.lua_error(L) : 1;
  }

  #execute(L: LuaState): Reply {
    try {
      const outcome = executeInScript(readArguments(L), this.#context!);
      if (outcome === BLOCKED || outcome === REPLIED) throw new Error('a command of a script must answer at once');
      return outcome;
    } catch (error) {
      if (error instanceof CommandError) return error;
      this.#defect = { error };
      return new CommandError('ERR internal error');
    }
  }

  #lookAtTime(L: LuaState): void {
    if (performance.now() < this.#deadline) return;
    pushError(L, `ERR the script ran for more than ${this.#maxScriptMs} ms`);
    lua.lua_error(L);
  }
}

function readArguments(L: LuaState): Bytes[] {
  const count = lua.lua_gettop(L);
  if (count === 0) throw new CommandError('ERR Please specify at least one argument for this redis lib call');
  const args: Bytes[] = [];
  for (let at = 1; at <= count; at += 1) {
    const type = lua.lua_type(L, at);
    if (type === lua.LUA_TSTRING) args.push(fromLua(lua.lua_tostring(L, at)));
    // Not `tostring`: Redis writes all digits that a double has.
    else if (type === lua.LUA_TNUMBER) args.push(formatGeneral(lua.lua_tonumber(L, at), 17));
    else throw new CommandError('ERR Lua redis lib command arguments must be strings or integers');
  }
  return args;
}

const errorReply: LuaFunction = (L) => {
  const text = onlyString(L);
  if (text === undefined) {
    pushError(L, 'ERR wrong number or type of arguments');
    return 1;
  }
  const message = text.replace(/^-/, '');
  // An error begins with its code; a single word is a text without one.
  pushError(L, message.includes(' ') ? message : `ERR ${message}`);
  return 1;
};

const statusReply: LuaFunction = (L) => {
  const text = onlyString(L);
  if (text === undefined) pushError(L, 'ERR wrong number or type of arguments');
  else pushStatus(L, text);
  return 1;
};

const sha1hex: LuaFunction = (L) => {
  if (lua.lua_gettop(L) !== 1) {
    pushError(L, 'ERR wrong number of arguments');
    return lua.lua_error(L);
  }
  lua.lua_pushstring(L, toLua(sha1(fromLua(lua.lua_tostring(L, 1)))));
  return 1;
};

function onlyString(L: LuaState): Bytes | undefined {
  const single = lua.lua_gettop(L) === 1 && lua.lua_type(L, 1) === lua.LUA_TSTRING;
  return single ? fromLua(lua.lua_tostring(L, 1)) : undefined;
}
