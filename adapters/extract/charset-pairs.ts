/**
 * How likely the characters of two bytes are, as powers of e. Each of these encodings has its frequent characters together
 * in some rows: letters of its own, then the signs that schools teach, then the rest.
 */
export interface PairEncoding {
  readonly label: string;
  /** A third or more of any text in it. Each is likelier than the rest of its row. */
  readonly frequent: string;
  /** @returns undefined where these are no character together. */
  pair(lead: number, trail: number): number | undefined;
  /** Of one byte beyond ASCII by itself. */
  single?(byte: number): number | undefined;
}

const PUNCTUATION = -4;
const LETTER = -4.4;
const SYLLABLE = -7;
const SIGN = -7.5;
const RARE_SIGN = -10.5;
const SYMBOL = -10;
const HARDLY_ANY = -13;

/** How much likelier. */
export const FREQUENT = 2;

const CHINESE =
  '的一是不了人在有我他上来到大地中你生年和要出也自以家可下而天去能小多心好看起成只如事把用第道想作美面最女前所同日手又行意方它位老因很名法知世次使身高已其此三文公部主力本新明平全海月通外市水化西利加北南理电民之子';
const SIMPLE =
  '这个们时为说国着就那她得里后会过对然于学么都发当没还样种开总从无情己但现些动期头经长儿回分爱给间斯什两者被亲进话常与业机东语关问数字尔亚';
const TRADITIONAL =
  '這個們時為說國著就那她得裡後會過對然於學麼都發當沒還樣種開總從無情己但現些動期頭經長兒回分愛給間斯什兩者被親進話常與業機東語關問數字爾亞';
const KOREAN =
  '이다는에의가을를은하고지도로기사한시대자인서스리어나아해정수있것보라일그들니제원장여전부상주국안위으성만거구동';
const JAPANESE = '日一国人年大本中会出時行見月分後前生間上東自事者学下入立地部場合手高子物的業方定内新電力市用水語名';

const within = (byte: number, from: number, to: number) => byte >= from && byte <= to;

function inChinese(lead: number, trail: number): number | undefined {
  if (!within(lead, 0x81, 0xfe) || trail < 0x40 || trail === 0x7f || trail === 0xff) return undefined;
  if (trail < 0xa1) return HARDLY_ANY;
  if (lead === 0xa1 || lead === 0xa3) return PUNCTUATION;
  if (within(lead, 0xb0, 0xd7)) return SIGN;
  if (within(lead, 0xd8, 0xf7)) return RARE_SIGN;
  return within(lead, 0xa2, 0xa9) ? SYMBOL : HARDLY_ANY;
}

function inTraditionalChinese(lead: number, trail: number): number | undefined {
  if (!within(lead, 0x81, 0xfe) || !(within(trail, 0x40, 0x7e) || within(trail, 0xa1, 0xfe))) return undefined;
  if (lead === 0xa1) return PUNCTUATION;
  if (within(lead, 0xa4, 0xc6)) return SIGN;
  if (within(lead, 0xc9, 0xf9)) return RARE_SIGN;
  return within(lead, 0xa2, 0xa3) ? SYMBOL : HARDLY_ANY;
}

function inKorean(lead: number, trail: number): number | undefined {
  if (!within(lead, 0x81, 0xfe) || !(trail >= 0xa1 || /[A-Za-z\x81-\xa0]/.test(String.fromCharCode(trail))))
    return undefined;
  if (trail < 0xa1) return HARDLY_ANY;
  if (within(lead, 0xb0, 0xc8)) return SYLLABLE;
  if (lead === 0xa1 || lead === 0xa3) return PUNCTUATION;
  if (within(lead, 0xca, 0xfd)) return RARE_SIGN;
  return within(lead, 0xa2, 0xac) ? SYMBOL : HARDLY_ANY;
}

function inUnixJapanese(lead: number, trail: number): number | undefined {
  if (trail < 0xa1 || trail === 0xff) return undefined;
  if (lead === 0x8e) return trail <= 0xdf ? SYMBOL : undefined;
  if (!within(lead, 0xa1, 0xfe)) return undefined;
  if (lead === 0xa4 || lead === 0xa5) return LETTER;
  if (lead === 0xa1 || lead === 0xa3) return PUNCTUATION;
  if (within(lead, 0xb0, 0xcf)) return SIGN;
  if (within(lead, 0xd0, 0xf4)) return RARE_SIGN;
  return within(lead, 0xa2, 0xa8) ? SYMBOL : HARDLY_ANY;
}

function inWindowsJapanese(lead: number, trail: number): number | undefined {
  if (!(within(lead, 0x81, 0x9f) || within(lead, 0xe0, 0xfc))) return undefined;
  if (trail < 0x40 || trail === 0x7f || trail > 0xfc) return undefined;
  if (lead === 0x81) return PUNCTUATION;
  if (lead === 0x82) return trail >= 0x9f ? LETTER : PUNCTUATION;
  if (lead === 0x83) return trail <= 0x96 ? LETTER : SYMBOL;
  if (within(lead, 0x88, 0x97) || (lead === 0x98 && trail <= 0x72)) return SIGN;
  if (within(lead, 0x98, 0x9f) || within(lead, 0xe0, 0xea)) return RARE_SIGN;
  return lead === 0x84 ? SYMBOL : HARDLY_ANY;
}

export const PAIR_ENCODINGS: readonly PairEncoding[] = [
  { label: 'gb18030', frequent: CHINESE + SIMPLE, pair: inChinese },
  { label: 'big5', frequent: CHINESE + TRADITIONAL, pair: inTraditionalChinese },
  { label: 'euc-kr', frequent: KOREAN, pair: inKorean },
  { label: 'euc-jp', frequent: JAPANESE, pair: inUnixJapanese },
  // Its half-width letters have one byte.
  {
    label: 'shift_jis',
    frequent: JAPANESE,
    pair: inWindowsJapanese,
    single: (byte) => (within(byte, 0xa1, 0xdf) ? -4.6 : undefined),
  },
];
