import fengari, { type LuaState } from 'fengari';
import { fromLua, toLua } from './lua-bytes.ts';
import { formatGeneral } from './lua-numbers.ts';

const { lua, lauxlib } = fengari;

interface Directive {
  readonly flags: string;
  readonly width: number;
  readonly precision: number | undefined;
  readonly conversion: string;
}

/** `string.format` of Lua 5.1: fengari's own refuses `%d` of anything that has a fraction or more than 32 bits. */
export function stringFormat(L: LuaState): number {
  const format = fromLua(lauxlib.luaL_checkstring(L, 1));
  const count = lua.lua_gettop(L);
  let argument = 1;
  const text = format.replace(
    /%(?:%|([-+ #0]*)(\d{0,2})(?:\.(\d{0,2}))?(.?))/gs,
    (all, flags, width, precision, conversion) => {
      if (all === '%%') return '%';
      argument += 1;
      if (argument > count) lauxlib.luaL_argerror(L, argument, toLua('no value'));
      const digits = precision === undefined ? undefined : Number(precision);
      return formatOne(L, argument, { flags, width: Number(width), precision: digits, conversion });
    },
  );
  lua.lua_pushstring(L, toLua(text));
  return 1;
}

function formatOne(L: LuaState, argument: number, directive: Directive): string {
  const { conversion, precision } = directive;
  switch (conversion) {
    case 'd':
    case 'i':
    case 'u':
    case 'x':
    case 'X':
    case 'o':
      return formatInteger(lauxlib.luaL_checknumber(L, argument), directive);
    case 'e':
    case 'E':
    case 'f':
    case 'g':
    case 'G':
      return formatReal(lauxlib.luaL_checknumber(L, argument), directive);
    case 'c':
      return pad(String.fromCharCode(lauxlib.luaL_checknumber(L, argument) & 0xff), {
        ...directive,
        flags: withoutZero(directive),
      });
    case 's':
      return pad(fromLua(lauxlib.luaL_checkstring(L, argument)).slice(0, precision), {
        ...directive,
        flags: withoutZero(directive),
      });
    case 'q':
      return quote(fromLua(lauxlib.luaL_checkstring(L, argument)));
    default:
      return lauxlib.luaL_error(L, toLua(`invalid option '%${conversion}' to 'format'`.replace('%', '%%')));
  }
}

function formatInteger(value: number, directive: Directive): string {
  const { conversion, flags, precision } = directive;
  const whole = Number.isFinite(value) ? BigInt(Math.trunc(value)) : -(2n ** 63n);
  const radix = { x: 16, X: 16, o: 8 }[conversion] ?? 10;
  const unsigned = conversion !== 'd' && conversion !== 'i';
  const magnitude = unsigned ? BigInt.asUintN(64, whole) : whole < 0n ? -whole : whole;
  let digits = magnitude.toString(radix).padStart(precision ?? 1, '0');
  if (flags.includes('#') && radix === 16) digits = `0x${digits}`;
  if (conversion === 'X') digits = digits.toUpperCase();
  const text = signed(digits, !unsigned && whole < 0n, unsigned ? '' : flags);
  return pad(text, precision === undefined ? directive : { ...directive, flags: withoutZero(directive) });
}

function formatReal(value: number, directive: Directive): string {
  const { conversion, flags, precision = 6 } = directive;
  const size = Math.abs(value);
  let digits: string;
  if (!Number.isFinite(value)) digits = Number.isNaN(value) ? 'nan' : 'inf';
  else if (conversion === 'f')
    digits =
      size < 1e21 ? size.toFixed(precision) : `${BigInt(size)}${precision > 0 ? `.${'0'.repeat(precision)}` : ''}`;
  else if (conversion === 'e' || conversion === 'E')
    digits = size.toExponential(precision).replace(/e([+-])(\d)$/, 'e$10$2');
  else digits = formatGeneral(size, Math.max(1, precision));
  const text = signed(digits, value < 0 || Object.is(value, -0), flags);
  return pad(conversion === 'E' || conversion === 'G' ? text.toUpperCase() : text, directive);
}

function signed(digits: string, negative: boolean, flags: string): string {
  if (negative) return `-${digits}`;
  if (flags.includes('+')) return `+${digits}`;
  return flags.includes(' ') ? ` ${digits}` : digits;
}

function pad(text: string, { flags, width }: Directive): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const sign = /^[-+ ]?(?:0x)?/i.exec(text)?.[0] ?? '';
  return sign + text.slice(sign.length).padStart(width - sign.length, '0');
}

function withoutZero({ flags }: Directive): string {
  return flags.replaceAll('0', '');
}

/** A literal that Lua reads back as the same string. */
function quote(text: string): string {
  const escaped = text.replace(/["\\\n\r\0]/g, (char) => ({ '\r': '\\r', '\0': '\\000' })[char] ?? `\\${char}`);
  return `"${escaped}"`;
}
