/**
 * The language of a text by its letters, and where many share them by the small words that every sentence of it has. What is
 * written in two languages, or in one that is not here, is of none: a wrong answer is worse than no answer.
 * @returns a tag of BCP 47 without region, as `de`.
 */
export function languageOf(sample: string): string | undefined {
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  if (letters < MIN_LETTERS) return undefined;
  // Japanese and Korean have Chinese letters between their own.
  if (share(sample, /[\p{Script=Hiragana}\p{Script=Katakana}]/gu, letters) > 0.1) return 'ja';
  const script = SCRIPTS.find(([, pattern]) => share(sample, pattern, letters) > MOST);
  if (!script) return undefined;
  const [name] = script;
  if (name === 'latin') return byWords(sample);
  return (
    (MARKS[name] ?? []).find(([, pattern]) => share(sample, pattern, letters) > 0.002)?.[0] ?? UNMARKED[name] ?? name
  );
}

/** Fewer are a name or a formula. */
const MIN_LETTERS = 20;

/** Of all letters: others are names and quotations. */
const MOST = 0.7;

function share(sample: string, pattern: RegExp, letters: number): number {
  return (sample.match(pattern)?.length ?? 0) / letters;
}

/** By the tag of the one language that has most of what is written in it, or by the name of a script that several share. */
const SCRIPTS: ReadonlyArray<readonly [string, RegExp]> = [
  ['latin', /\p{Script=Latin}/gu],
  ['cyrillic', /\p{Script=Cyrillic}/gu],
  ['arabic', /\p{Script=Arabic}/gu],
  ['zh', /\p{Script=Han}/gu],
  ['ko', /\p{Script=Hangul}/gu],
  ['he', /\p{Script=Hebrew}/gu],
  ['el', /\p{Script=Greek}/gu],
  ['th', /\p{Script=Thai}/gu],
  ['hi', /\p{Script=Devanagari}/gu],
  ['ka', /\p{Script=Georgian}/gu],
  ['hy', /\p{Script=Armenian}/gu],
];

/** Letters that only this one of the script has; the first that is found. */
const MARKS: Readonly<Record<string, ReadonlyArray<readonly [string, RegExp]>>> = {
  cyrillic: [
    ['uk', /[іїєґ]/giu],
    ['sr', /[ђјљњћџ]/giu],
    ['ru', /[ыэё]/giu],
  ],
  arabic: [
    ['ur', /[ٹڈڑے]/gu],
    ['fa', /[پچژگ]/gu],
  ],
};

const UNMARKED: Readonly<Record<string, string>> = { cyrillic: 'bg', arabic: 'ar' };

const WORDS: ReadonlyArray<readonly [string, ReadonlySet<string>]> = Object.entries({
  en: 'the of and to in is that for it with as was on are this be by from not have',
  de: 'der die und das ist nicht mit den von zu auf für ein eine dem des auch sich im es',
  fr: 'de en un ils le la les des et est une dans que pour qui sur pas au du ce avec plus par il',
  es: 'el los las de que y en una por con para del se su como más la no es lo',
  it: 'il di che la per una del della sono con non è gli dei nel alla si più anche le',
  pt: 'o os de que do da em uma não para com dos na por as mais se ao é um',
  nl: 'de het een van en dat niet zijn op te met voor aan ook door is die bij naar',
  pl: 'i w na nie się z do jest że to jak od po za przez dla są co ale',
  cs: 'a se na je že v s do o pro jako ale jsou by to ve z po k které',
  sv: 'och att det som en på är av för med inte till den i ett om har var jag från',
  da: 'og at det er en på af for med ikke til den som der i de et har jeg fra',
  nb: 'og at det er en på av for med ikke til den som i de et har jeg fra å',
  fi: 'ja on ei se että oli ovat mutta kun tai myös hän niin kuin joka',
  tr: 've bir bu için ile da de olarak daha çok olan gibi kadar ne var',
  hu: 'a az és hogy nem is egy van meg csak volt de ez ha mint',
  ro: 'și în de la cu nu este pe din care pentru mai că sunt un o',
  vi: 'của và là các có không được cho một trong những người với này để',
  id: 'yang dan di ini dengan untuk dari tidak dalam pada adalah itu akan ke',
}).map(([tag, words]) => [tag, new Set(words.split(' '))]);

/** Of all words: less is a list, a table or a program. */
const MIN_SHARE = 0.12;

/** The second best has this much less. Danish and Norwegian are closer than that in most texts. */
const LEAD = 1.2;

function byWords(sample: string): string | undefined {
  const words = sample.toLowerCase().match(/\p{L}+/gu) ?? [];
  const [best, second] = WORDS.map(([tag, known]) => ({
    tag,
    hits: words.filter((word) => known.has(word)).length,
  })).toSorted((one, other) => other.hits - one.hits);
  if (!best || best.hits < Math.max(3, MIN_SHARE * words.length) || best.hits < LEAD * (second?.hits ?? 0))
    return undefined;
  return best.tag;
}
