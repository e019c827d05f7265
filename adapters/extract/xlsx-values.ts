/** What a number in a cell means by the format that it is shown in. Other formats leave it a number. */
export type NumberKind = 'number' | 'date' | 'time' | 'date-time' | 'duration';

/** The formats that every workbook has without naming them; those from 27 on are of East Asian calendars. */
const BUILT_IN: readonly { readonly from: number; readonly to: number; readonly kind: NumberKind }[] = [
  { from: 14, to: 17, kind: 'date' },
  { from: 18, to: 21, kind: 'time' },
  { from: 22, to: 22, kind: 'date-time' },
  { from: 27, to: 31, kind: 'date' },
  { from: 32, to: 35, kind: 'time' },
  { from: 36, to: 36, kind: 'date' },
  { from: 45, to: 45, kind: 'time' },
  { from: 46, to: 46, kind: 'duration' },
  { from: 47, to: 47, kind: 'time' },
  { from: 50, to: 54, kind: 'date' },
  { from: 55, to: 56, kind: 'time' },
  { from: 57, to: 58, kind: 'date' },
];

export function builtInKind(id: number): NumberKind {
  return BUILT_IN.find(({ from, to }) => id >= from && id <= to)?.kind ?? 'number';
}

/** @param code as in `yyyy-mm-dd hh:mm;@` or `[$-407]#,##0.00 "m²"`. */
export function kindOfFormat(code: string): NumberKind {
  const first = code
    .replace(/"[^"]*"|\\.|_.|\*./g, '')
    .split(';')[0]!
    .toLowerCase();
  if (/\[(?:h+|m+|s+)\]/.test(first)) return 'duration';
  const letters = first.replace(/\[[^\]]*\]|general|am\/pm|a\/p/g, '');
  const time = /[hs]/.test(letters);
  // An m is a month, and beside hours or seconds a minute.
  const date = /[yd]/.test(letters) || (!time && letters.includes('m'));
  if (date) return time ? 'date-time' : 'date';
  return time ? 'time' : 'number';
}

const DAY_SECONDS = 86_400;

/** The day after 9999-12-31. */
const LAST_DAY = 2_958_466;

/** Day 60 is 1900-02-29, which Excel believes in: days up to it are one later than those after it. */
const FALSE_LEAP_DAY = 60;

/**
 * @param value what the workbook has, in days for everything but a number.
 * @param from1904 the day 0 of old workbooks of the Mac.
 * @returns an ISO date, time or both; a duration as hours, minutes and seconds; a number with at most 15 digits, as Excel has.
 */
export function valueText(value: string, kind: NumberKind, from1904: boolean): string {
  const number = Number(value);
  if (value.trim() === '' || !Number.isFinite(number)) return value;
  if (kind === 'duration') return durationText(number);
  if (kind === 'number' || number < 0 || number >= LAST_DAY) return numberText(value, number);
  const seconds = Math.round(number * DAY_SECONDS);
  const day = Math.floor(seconds / DAY_SECONDS);
  const time = clock(seconds % DAY_SECONDS);
  if (kind === 'time' || (day === 0 && !from1904)) return time;
  const date = dateText(day, from1904);
  return kind === 'date' ? date : `${date}T${time}`;
}

function numberText(value: string, number: number): string {
  return value.length <= 15 && !/e/i.test(value) ? value : String(Number(number.toPrecision(15)));
}

function durationText(days: number): string {
  const seconds = Math.round(Math.abs(days) * DAY_SECONDS);
  return `${days < 0 ? '-' : ''}${clock(seconds)}`;
}

function clock(seconds: number): string {
  const parts = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
  return parts.map((part) => String(part).padStart(2, '0')).join(':');
}

function dateText(day: number, from1904: boolean): string {
  if (day === FALSE_LEAP_DAY && !from1904) return '1900-02-29';
  const start = from1904 ? Date.UTC(1904, 0, 1) : Date.UTC(1899, 11, day < FALSE_LEAP_DAY ? 31 : 30);
  return new Date(start + day * DAY_SECONDS * 1000).toISOString().slice(0, 10);
}
