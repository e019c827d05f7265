import { createRequire } from 'node:module';
import { toLua } from './lua-bytes.ts';

/**
 * Redis runs Lua 5.1, where every number is a double. fengari is Lua 5.3, whose integers have 32 bits here: a
 * sequence or a time past 2^31 would wrap around, and `10 / 2` would print as `5.0`. So what is read as a number
 * becomes a double, and a double prints as 5.1 prints it. Both places are functions of one fengari module that its
 * other modules call through that module, which is what makes replacing them here possible.
 */
interface LuaObjects {
  luaO_str2num(text: Uint8Array, into: LuaValue): number;
  luaO_tostring(L: unknown, value: LuaValue): void;
}

interface LuaValue {
  value: number;
  ttisinteger(): boolean;
  setfltvalue(value: number): void;
  setsvalue(value: unknown): void;
}

interface LuaStrings {
  luaS_bless(L: unknown, bytes: Uint8Array): unknown;
}

let isLua51 = false;

export function useLua51Numbers(): void {
  if (isLua51) return;
  isLua51 = true;
  const require = createRequire(import.meta.url);
  const objects: LuaObjects = require('fengari/src/lobject.js');
  const strings: LuaStrings = require('fengari/src/lstring.js');
  const read = objects.luaO_str2num;
  objects.luaO_str2num = (text, into) => {
    const length = read(text, into);
    if (length !== 0 && into.ttisinteger()) into.setfltvalue(into.value);
    return length;
  };
  objects.luaO_tostring = (L, value) => {
    value.setsvalue(strings.luaS_bless(L, toLua(formatGeneral(value.value, 14))));
  };
}

/** C's `%.<precision>g`. */
export function formatGeneral(value: number, precision: number): string {
  if (Number.isInteger(value) && value !== 0 && Math.abs(value) < 10 ** precision) return String(value);
  if (Number.isNaN(value)) return '-nan';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0' : '0';
  const [digits, exponentText] = value.toExponential(precision - 1).split('e') as [string, string];
  const exponent = Number(exponentText);
  if (exponent >= -4 && exponent < precision) return dropZeros(value.toFixed(Math.min(100, precision - 1 - exponent)));
  const size = String(Math.abs(exponent)).padStart(2, '0');
  return `${dropZeros(digits)}e${exponent < 0 ? '-' : '+'}${size}`;
}

function dropZeros(digits: string): string {
  return digits.includes('.') ? digits.replace(/\.?0+$/, '') : digits;
}
