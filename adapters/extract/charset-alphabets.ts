import { DOS } from './text-decoder.ts';

/** What is known of a way of writing: enough to tell a text in it from the same bytes in another encoding. */
export interface Alphabet {
  /** Its small letters beyond ASCII, the most frequent first. */
  readonly letters: string;
  /** Those of ASCII in the same order, where its words are made of both. */
  readonly ascii?: string;
  readonly encodings: readonly string[];
}

const WESTERN = ['windows-1252', 'macintosh', 'iso-8859-15', DOS];
const CENTRAL = ['windows-1250', 'iso-8859-2'];
const CYRILLIC = ['windows-1251', 'koi8-u', 'ibm866', 'iso-8859-5', 'x-mac-cyrillic'];

const latin = (ascii: string, letters: string, encodings = WESTERN): Alphabet => ({ letters, ascii, encodings });
const other = (letters: string, encodings: readonly string[]): Alphabet => ({ letters, encodings });

/** Each by a language that is written in it. */
export const ALPHABETS: readonly Alphabet[] = [
  latin('enisratdhulcgmobwfkzvpjyxq', 'üäöß'), // German
  latin('esaitnrulodcpmvqfbghjxyzwk', 'éèàêçôîûâïùëœüÿ'), // French
  latin('eaosrnidlctumpbgvyqhfzjxwk', 'óíáéñúü'), // Spanish
  latin('aeosrindmutclpvghqbfzjxkwy', 'ãçáéíóêõúâàôü'), // Portuguese
  latin('eaionlrtscdupmvghfbqzkwyjx', 'àèùòìéíó'), // Italian
  latin('enatirodslghvkmubpwjczfxyq', 'ëéïöüóè'), // Dutch
  latin('antesilorkdmuvghpfjybcxwzq', 'äåöéü'), // Swedish, Finnish
  latin('erntdisaglomkfvubhpjycwzxq', 'øåæéò'), // Danish, Norwegian
  latin('anriestulgmkfhvobdjpyxwczq', 'íáðéþöúóæý'), // Icelandic
  latin('eaisrlntoucdmpvgbfqhxjyzwk', 'éàòèçíóúïü'), // Catalan
  latin('teirnasuhdokmlpgjvfbzyqcxw', 'ëç'), // Albanian
  latin('aieoznrwsctykdpmujlbghfvxq', 'ąęłóśżćńź', CENTRAL), // Polish
  latin('oeanitvlsrkdpmuzjychbgfwxq', 'íáéěýčřšžůúťďňóöü', CENTRAL), // Czech
  latin('aoeinstrvlkdmpuzcjyhbgfxwq', 'áíčéýšžúľťôňďäóĺŕ', CENTRAL), // Slovak
  latin('eatlnskromzigdbvyhjpufcwxq', 'áéőöóüíúű', CENTRAL), // Hungarian
  latin('eiarntulcsopdmgfvbzhjxkwyq', 'ăîţşâ', CENTRAL), // Romanian
  latin('aioenrstjuvkdmlpgzbchfwxyq', 'čšžćđ', CENTRAL), // Croatian, Slovene
  latin('aeinrlkdtmsuyobvghczpfjwxq', 'ıüşğçöâîû', ['windows-1254']), // Turkish
  latin('iasoretnukmpvldgjybzhfcwxq', 'ėšųžįūąčę', ['windows-1257']), // Lithuanian
  latin('aisterunkomldpvzjgbfchyxwq', 'āīšēļņūžčģķ', ['windows-1257']), // Latvian
  latin('aeistlunkdmvorhgjpbfcyzwxq', 'äõüöšž', ['windows-1257']), // Estonian
  other('оеаинтсрвлкмдпуяыьгзбчйхжшюцщэфёъ', CYRILLIC), // Russian
  other('оанивтіресклудмпзяьбгчйхжїєшюцщґфэы', CYRILLIC), // Ukrainian, and what Belarusian has beside it
  other('аиоентрсвлкдпмзягбучъщцжхшфюйь', CYRILLIC), // Bulgarian
  other('аиоенрсјтдувклмпгзбчцшжћхљњђфџ', CYRILLIC), // Serbian
  other('αοιετνσηυρπκμλςωάόίέδγήύχθώφβξζψϊϋΐ', ['windows-1253', 'iso-8859-7']),
  other('יוהלארבתםשמנדעחקפכגטזןסךץצף', ['windows-1255']),
  other('اليمنرتوبهدعسفكحقةجأذصشخىطضزغثإءئؤآظ', ['windows-1256', 'iso-8859-6']),
  other('านรกอเงม่ยลว้ัทสตดิปบคะหีแจพขใไช์ุูำโถืซ็ณผึศธษฟญภฉๆฮฐฎฆฏฬฌ', ['windows-874']),
];

/** How much likelier than the western one another encoding has to make a text, as a power of e: the rarer it is, the more. */
export const RARITY: Readonly<Record<string, number>> = {
  'windows-1252': 0,
  'iso-8859-15': 5,
  macintosh: 5,
  [DOS]: 6,
  'windows-1250': 2.5,
  'iso-8859-2': 3,
  'windows-1254': 3,
  'windows-1257': 3,
  'windows-1251': 3,
  'koi8-u': 5,
  ibm866: 5,
  'iso-8859-5': 7,
  'x-mac-cyrillic': 6,
  'windows-1253': 4,
  'iso-8859-7': 5,
  'windows-1255': 4,
  'windows-1256': 4,
  'iso-8859-6': 6,
  'windows-874': 5,
  shift_jis: 4,
  'euc-jp': 5,
  gb18030: 4,
  big5: 4,
  'euc-kr': 4,
};
