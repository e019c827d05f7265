/**
 * Fonts from before Unicode, which have signs in the places of letters: what each sign is in Unicode, sixteen in a row, under the
 * number of the first. A space is a sign that Unicode has not, or only among its pictures.
 */
const FONTS: Readonly<Record<string, Readonly<Record<number, string>>>> = {
  symbol: {
    32: ' !∀#∃%&∋()∗+,−./',
    48: '0123456789:;<=>?',
    64: '≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟ',
    80: 'ΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_',
    96: '‾αβχδεφγηιϕκλμνο',
    112: 'πθρστυϖωξψζ{|}∼ ',
    160: '€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓',
    176: '°±″≥×∝∂•÷≠≡≈…|⎯↵',
    192: 'ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉',
    208: '∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓',
    224: '◊⟨®©™∑          ',
    240: ' ⟩∫             ',
  },
  wingdings: {
    32: ' ✏✂✁    ☎✆✉     ',
    48: '      ⌛⌨      ✇✍',
    64: ' ✌   ☜☞☝☟ ☺ ☹ ☠⚐',
    80: ' ✈☼ ❄ ✞ ✠✡☪☯ॐ☸♈♉',
    96: '♊♋♌♍♎♏♐♑♒♓&&●❍■□',
    112: '□❑❒⬧⧫◆❖⬥⌧ ⌘  ❝❞ ',
    128: '⓪①②③④⑤⑥⑦⑧⑨⑩⓿❶❷❸❹',
    144: '❺❻❼❽❾❿        ·•',
    160: ' ○○○◉◎ ▪☐ ✦★✶✴✹✵',
    176: '     ✪✰         ',
    208: '        ➢      ←',
    224: '→↑↓↖↗↙↘ ➔      ⇦',
    240: '⇨⇧⇩⬄⇳      ✗✓☒☑ ',
  },
  'wingdings 2': {
    64: '               ✗',
    80: '✓☒☑☒☒           ',
    160: '   ☐            ',
  },
  webdings: {
    96: ' ✔ ☐            ',
    112: '  ✗             ',
  },
};

/** The first of what Unicode leaves to everybody, where Word puts the signs of such a font. */
const PRIVATE_USE = 0xf000;

/** Whether the font has signs in the places of letters, which are known. */
export function hasSigns(font: string): boolean {
  return Object.hasOwn(FONTS, font.trim().toLowerCase());
}

/** @returns a sign as Unicode has it; nothing where it has none. `code` is the number of the sign in hexadecimal digits. */
export function symbolOf(font: string | undefined, code: string | undefined): string {
  if (!/^[0-9a-f]{1,4}$/i.test(code ?? '')) return '';
  const point = Number.parseInt(code!, 16);
  const place = point >= PRIVATE_USE && point <= PRIVATE_USE + 0xff ? point - PRIVATE_USE : point;
  const name = font?.trim().toLowerCase() ?? '';
  if (Object.hasOwn(FONTS, name))
    return place === 0x20 ? ' ' : (FONTS[name]![place & 0xf0]?.[place & 0xf]?.trim() ?? '');
  // A font of today: its signs are what they are called.
  return place === point && /^[\p{L}\p{M}\p{N}\p{P}\p{S}]$/u.test(String.fromCharCode(point))
    ? String.fromCharCode(point)
    : '';
}
