const BACKSPACE = 8;

/** Spaces in their time: a line break in a cell, and what stands between fields and records. */
const SPACES = new Set([0x0b, 0x1c, 0x1d, 0x1e, 0x1f]);

/** All but tab, line feed, form feed, carriage return and escape, which means something together with what follows it. */
function isDropped(code: number): boolean {
  return code < 32 && !(code >= 9 && code <= 10) && code !== 12 && code !== 13 && code !== 27;
}

export function hasControls(text: string): boolean {
  for (let index = 0; index < text.length; index += 1) if (isDropped(text.charCodeAt(index))) return true;
  return false;
}

/**
 * @returns the text as if its control characters had never got into it. A backspace takes the character before it along:
 * `N\bNA\bA` is how manual pages print a bold word, and `_\bx` an underlined one.
 */
export function withoutControls(text: string): string {
  const pieces: string[] = [];
  let from = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (!isDropped(code)) continue;
    if (index > from) pieces.push(text.slice(from, index));
    from = index + 1;
    if (SPACES.has(code)) pieces.push(' ');
    else if (code === BACKSPACE) takeBack(pieces);
  }
  return from === 0 ? text : pieces.join('') + text.slice(from);
}

/** Never a line break: no terminal goes back over one. */
function takeBack(pieces: string[]): void {
  const last = pieces.pop();
  if (last === undefined) return;
  const rest = last.endsWith('\n') ? last : last.slice(0, last.codePointAt(last.length - 2)! > 0xffff ? -2 : -1);
  if (rest !== '') pieces.push(rest);
}

/** A character may be taken back by what follows in the next piece of text. */
const HELD_CHARACTERS = 2;

/** The same for a text that comes in pieces. */
export function createControlFilter() {
  let held = '';
  return {
    pass(text: string): string {
      const cleaned = withoutControls(held + text);
      const end = Math.max(0, cleaned.length - HELD_CHARACTERS);
      held = cleaned.slice(end);
      return cleaned.slice(0, end);
    },
    end(text: string): string {
      const cleaned = withoutControls(held + text);
      held = '';
      return cleaned;
    },
  };
}
