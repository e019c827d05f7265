import { describe, expect, it } from 'vitest';
import { extractHere } from './extract-here.ts';
import { encode, utf32 } from './legacy-encodings.ts';

/** From the Universal Declaration of Human Rights, in its official translations. */
const ARTICLE = {
  english:
    'All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience.',
  french: 'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison.',
  german: 'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sollen einander brüderlich begegnen.',
  czech: 'Všichni lidé rodí se svobodní a sobě rovní co do důstojnosti a práv. Jsou nadáni rozumem a svědomím.',
  hungarian: 'Minden emberi lény szabadon születik és egyenlő méltósága és joga van. Az emberek ésszel bírnak.',
  turkish: 'Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler.',
  russian: 'Все люди рождаются свободными и равными в своем достоинстве и правах. Они наделены разумом и совестью.',
  ukrainian: 'Всі люди народжуються вільними і рівними у своїй гідності та правах. Вони наділені розумом і совістю.',
  greek: 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια και τα δικαιώματα.',
  hebrew: 'כל בני אדם נולדו בני חורין ושווים בערכם ובזכויותיהם. כולם חוננו בתבונה ובמצפון.',
  arabic: 'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق. وقد وهبوا عقلا وضميرا.',
  lithuanian: 'Visi žmonės gimsta laisvi ir lygūs savo orumu ir teisėmis. Jiems suteiktas protas ir sąžinė.',
  thai: 'มนุษย์ทั้งหลายเกิดมามีอิสระและเสมอภาคกันในเกียรติศักดิ์และสิทธิ',
  japanese: 'すべての人間は、生まれながらにして自由であり、かつ、尊厳と権利とについて平等である。',
  chinese: '人人生而自由,在尊严和权利上一律平等。他们赋有理性和良心,并应以兄弟关系的精神相对待。',
  traditional: '人人生而自由,在尊嚴和權利上一律平等。他們賦有理性和良心,並應以兄弟關係的精神相對待。',
  korean: '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.',
};

const mark = (hex: string, content: Buffer) => Buffer.concat([Buffer.from(hex, 'hex'), content]);
const utf16be = (text: string) => Buffer.from(text, 'utf16le').swap16();

describe('the encoding of a text that does not say it', () => {
  it.each<[string, keyof typeof ARTICLE]>([
    ['windows-1252', 'french'],
    ['windows-1252', 'german'],
    ['windows-1250', 'czech'],
    ['iso-8859-2', 'czech'],
    ['iso-8859-2', 'hungarian'],
    ['windows-1254', 'turkish'],
    ['windows-1251', 'russian'],
    ['koi8-r', 'russian'],
    ['iso-8859-5', 'russian'],
    ['ibm866', 'russian'],
    ['windows-1251', 'ukrainian'],
    ['koi8-u', 'ukrainian'],
    ['windows-1253', 'greek'],
    ['iso-8859-7', 'greek'],
    ['windows-1255', 'hebrew'],
    ['windows-1256', 'arabic'],
    ['iso-8859-6', 'arabic'],
    ['windows-1257', 'lithuanian'],
    ['windows-874', 'thai'],
    ['shift_jis', 'japanese'],
    ['euc-jp', 'japanese'],
    ['gbk', 'chinese'],
    ['big5', 'traditional'],
    ['euc-kr', 'korean'],
    ['macintosh', 'french'],
    ['macintosh', 'german'],
    ['x-mac-cyrillic', 'russian'],
    ['iso-8859-5', 'ukrainian'],
  ])('is seen to be %s in %s', async (label, language) => {
    expect((await extractHere('a.txt', encode(ARTICLE[language], label))).text).toBe(ARTICLE[language]);
  });

  // A table of three rows in Russian came out as accents, and a line of Czech as another one.
  it.each([
    ['windows-1251', 'Имя;Город\nАнна;Москва\nОлег;Тверь\n'],
    ['windows-1251', 'id;name\n1;Львів\n2;Київ\n'],
    ['koi8-u', 'Имя;Город\nАнна;Москва\n'],
    ['ibm866', 'Имя;Город\nАнна;Москва\n'],
    ['windows-1251', 'Имя;Сумма\nИП «Заря»;10 €\n'],
    ['windows-1253', 'Αθήνα;Ελλάδα\n'],
    ['windows-1255', 'ישראל;ירושלים\n'],
    ['windows-1256', 'مصر;القاهرة\n'],
    ['windows-874', 'ประเทศไทย;กรุงเทพมหานคร\nญี่ปุ่น;โตเกียว\n'],
    ['windows-874', 'สวัสดีครับ ผมชื่อสมชาย มาจากเชียงใหม่ และทำงานที่บริษัทแห่งหนึ่ง'],
    ['windows-874', 'id;name\n1;ไทย\n2;สวีเดน\n3;นอร์เวย์\n'],
    ['iso-8859-2', 'Příliš žluťoučký kůň'],
    ['iso-8859-2', 'Těšíme se na Vás'],
    ['windows-1250', 'Dziękuję i życzę miłego dnia'],
    ['windows-1250', 'Győr és Hódmezővásárhely'],
    ['windows-1254', 'Teşekkürler, iyi günler. Ağrı Dağı'],
    ['windows-1257', 'Ačiū už laišką, iki pasimatymo'],
    ['macintosh', 'Les élèves ont été reçus à l’école où l’hôte dîne.'],
    ['macintosh', 'Größe und Übung'],
    ['iso-8859-15', 'Le cœur de ma sœur a coûté 10 €'],
    ['shift_jis', '東京;日本\n'],
    ['gbk', '北京;中国\n上海;中国\n'],
    ['big5', '台北;台灣\n'],
    ['euc-kr', '서울;한국\n'],
  ])('is seen to be %s in a few words: %j', async (label, text) => {
    expect((await extractHere('a.txt', encode(text, label))).text).toBe(text);
  });

  it('is what DOS wrote, with the frames of its tables', async () => {
    const words = 'Gr\x81\xe1e aus K\x94ln, sch\x94ne W\x84rme\r\n';
    const table = '\xda\xc4\xc4\xc4\xc4\xc4\xc4\xbf\r\n\xb3 M\x81he \xb3\r\n\xc0\xc4\xc4\xc4\xc4\xc4\xc4\xd9\r\n\x1a';
    const { text } = await extractHere('LIESMICH.TXT', Buffer.from(words + table, 'latin1'));
    expect(text).toBe('Grüße aus Köln, schöne Wärme\r\n┌──────┐\r\n│ Mühe │\r\n└──────┘\r\n');
  });

  it('is seen where most of the text is English', async () => {
    const text = `${`${ARTICLE.english}\n`.repeat(1_000)}${ARTICLE.russian}\n${ARTICLE.english}`;
    expect((await extractHere('a.txt', encode(text, 'windows-1251'))).text).toBe(text);
  });

  it('is seen to be ISO-2022-JP, which has no byte beyond ASCII', async () => {
    const bytes = Buffer.from('\x1b$BF|K\\8l\x1b(B and English', 'latin1');
    expect((await extractHere('a.txt', bytes)).text).toBe('日本語 and English');
  });

  it('is the old default of the web where there is only an accent or a sign', async () => {
    const signs = [
      '© 2024 Example',
      '20 €',
      '“so” – he said',
      '25 °C ± 2',
      '5 µm',
      '2×3',
      'Nº 5',
      'it’s',
      '§ 5',
      '½ cup',
    ];
    const words = [
      'café',
      'Müller',
      'José',
      'Malmö',
      'Søren',
      'naïve',
      'São Paulo',
      'à la',
      'España',
      'Þór',
      'Çelik',
      'Ägypten',
      'col·lecció',
    ];
    for (const text of [...signs, ...words]) {
      expect((await extractHere('a.txt', encode(text, 'windows-1252'))).text).toBe(text);
    }
  });

  it.each(['chinese', 'russian', 'english', 'thai'] as const)(
    'is UTF-16 or UTF-32 in %s, with a mark or without',
    async (language) => {
      const text = `${ARTICLE[language]}\r\n${ARTICLE[language]}\r\n`;
      for (const bytes of [
        Buffer.from(text, 'utf16le'),
        utf16be(text),
        utf32(text, false),
        utf32(text, true),
        mark('fffe0000', utf32(text, false)),
        mark('0000feff', utf32(text, true)),
      ]) {
        expect((await extractHere('a.txt', bytes)).text).toBe(text);
      }
    },
  );

  it('is UTF-16 in the log of a terminal, with a mark or without', async () => {
    const log = '\x1b[32mINFO\x1b[0m started\r\n\x1b[31mERROR\x1b[0m ended\r\n';
    for (const text of [log, `\ufeff${log}`]) {
      expect((await extractHere('a.log', Buffer.from(text, 'utf16le'))).text).toBe(log);
    }
  });

  it('is UTF-16 with the bullets of a symbol font', async () => {
    const list = '\uf0b7 one\r\n\uf0b7 two\r\n\uf0b7 three\r\n';
    expect((await extractHere('a.txt', Buffer.from(`\ufeff${list}`, 'utf16le'))).text).toBe(list);
  });

  it('is UTF-8 still where a character of it is broken', async () => {
    const bytes = Buffer.concat([Buffer.from(ARTICLE.russian), Buffer.from([0xd0]), Buffer.from(ARTICLE.russian)]);
    expect((await extractHere('a.txt', bytes)).text).toBe(`${ARTICLE.russian}\ufffd${ARTICLE.russian}`);
  });

  // One byte of another encoding, pasted in by a program that knows none, made mojibake of all the others.
  it('is UTF-8 still where a byte of another encoding has got into it', async () => {
    const stray = Buffer.from('caf\xe9, ', 'latin1');
    for (const text of [ARTICLE.german, ARTICLE.czech, ARTICLE.japanese].map((each) => `${each} Größe, Übung. `)) {
      const bytes = Buffer.concat([Buffer.from(text), stray, Buffer.from(text)]);
      expect((await extractHere('a.txt', bytes)).text).toBe(`${text}caf\ufffd, ${text}`);
    }
    const few = Buffer.concat([Buffer.from('Grüße, '), stray]);
    expect((await extractHere('a.txt', few)).text).toBe('Grüße, caf\ufffd, ');
  });

  it('is UTF-8 where its last character was cut', async () => {
    const bytes = Buffer.from(ARTICLE.german.slice(0, ARTICLE.german.indexOf('ü', 60) + 1)).subarray(0, -1);
    expect((await extractHere('a.txt', bytes)).text).toBe(new TextDecoder().decode(bytes));
  });

  it('is no UTF-8 where only a byte or two in a thousand could be that', async () => {
    for (const text of [`${ARTICLE.english}`.repeat(20), 'Ã© is what é becomes: né, été, à là']) {
      const bytes = encode(`${text} café`, 'windows-1252');
      expect((await extractHere('a.txt', bytes)).text).toBe(`${text} café`);
    }
  });

  it.each<[string, Buffer]>([
    ['a program', Buffer.from('7f454c4602010100000000000000000003003e0001000000', 'hex')],
    ['random pairs', Buffer.from('8d02f1a49c11e6530b77c2d4915f20aa3e4d0816', 'hex')],
    ['half of UTF-16', Buffer.from(`${'00d8'.repeat(40)}`, 'hex')],
  ])('is none in %s', async (_name, bytes) => {
    await expect(extractHere('a.txt', bytes)).rejects.toMatchObject({ code: 'unsupported-media-type' });
  });
});

describe('the encoding that a document declares', () => {
  const page = (charset: string, body: Buffer) =>
    Buffer.concat([Buffer.from(`<html><meta charset="${charset}"><p>`), body, Buffer.from('</p>')]);
  const SHORT = 'Žluťoučký kůň';

  it('is believed where nothing else tells', async () => {
    const short = encode('Žák', 'windows-1250');
    expect((await extractHere('a.html', page('windows-1250', short))).text).toBe('Žák\n');
  });

  it.each([
    ['Shift_JIS', SHORT, 'windows-1250'],
    ['utf-8', ARTICLE.russian, 'windows-1251'],
    ['big5', ARTICLE.russian, 'koi8-r'],
    ['iso-8859-1', ARTICLE.japanese, 'utf-8'],
    ['windows-1252', ARTICLE.chinese, 'utf-8'],
  ])('is not believed when it says %s of %j in %s', async (declared, text, label) => {
    const bytes = label === 'utf-8' ? Buffer.from(text) : encode(text, label);
    expect((await extractHere('a.html', page(declared, bytes))).text).toBe(`${text}\n`);
  });

  it('is believed when it says UTF-8, and a byte or two are not', async () => {
    const bytes = Buffer.concat([Buffer.from('Grüße, caf'), Buffer.from([0xe9]), Buffer.from(' é')]);
    const text = 'Grüße, caf\ufffd é';
    expect((await extractHere('a.html', page('UTF-8', bytes))).text).toBe(`${text}\n`);
    const xml = [Buffer.from('<?xml version="1.0" encoding="UTF-8"?><a>'), bytes, Buffer.from('</a>')];
    expect((await extractHere('a.xml', Buffer.concat(xml))).text).toBe(`${text}\n`);
    const header = 'From: a@b.c\nSubject: s\nMIME-Version: 1.0\nContent-Type: text/plain; charset="utf-8"\n\n';
    expect((await extractHere('a.eml', Buffer.concat([Buffer.from(header), bytes]))).text).toContain(text);
    const marked = Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]);
    expect((await extractHere('a.txt', marked)).text).toBe(text);
  });

  it('is not believed when it is named in a text and not by it', async () => {
    const text = 'In HTML it says <meta charset="koi8-r">: Würde, Größe, Übung.';
    expect((await extractHere('a.txt', encode(text, 'windows-1252'))).text).toBe(text);
  });
});
