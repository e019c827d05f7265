import { describe, expect, it } from 'vitest';
import { languageOf } from '../../../adapters/extract/language.ts';

describe('the language of a text', () => {
  it.each([
    [
      'en',
      'All human beings are born free and equal in dignity and rights. They are endowed with reason and conscience.',
    ],
    [
      'de',
      'Alle Menschen sind frei und gleich an Würde und Rechten geboren. Sie sind mit Vernunft und Gewissen begabt und sollen einander im Geist der Brüderlichkeit begegnen.',
    ],
    [
      'fr',
      'Tous les êtres humains naissent libres et égaux en dignité et en droits. Ils sont doués de raison et de conscience et doivent agir les uns envers les autres dans un esprit de fraternité.',
    ],
    [
      'es',
      'Todos los seres humanos nacen libres e iguales en dignidad y derechos y, dotados como están de razón y conciencia, deben comportarse fraternalmente los unos con los otros.',
    ],
    [
      'it',
      'Tutti gli esseri umani nascono liberi ed eguali in dignità e diritti. Essi sono dotati di ragione e di coscienza e devono agire gli uni verso gli altri in spirito di fratellanza, che è il bene della comunità.',
    ],
    [
      'pt',
      'Todos os seres humanos nascem livres e iguais em dignidade e em direitos. Dotados de razão e de consciência, devem agir uns para com os outros em espírito de fraternidade, que não é uma opção.',
    ],
    [
      'nl',
      'Alle mensen worden vrij en gelijk in waardigheid en rechten geboren. Zij zijn begiftigd met verstand en geweten, en behoren zich jegens elkander in een geest van broederschap te gedragen.',
    ],
    [
      'pl',
      'Wszyscy ludzie rodzą się wolni i równi w swojej godności i w prawach. Są oni obdarzeni rozumem i sumieniem i powinni postępować wobec innych w duchu braterstwa, co nie jest łatwe.',
    ],
    [
      'sv',
      'Alla människor är födda fria och lika i värde och rättigheter. De är utrustade med förnuft och samvete och bör handla gentemot varandra i en anda av broderskap som inte är ny.',
    ],
    [
      'tr',
      'Bütün insanlar hür, haysiyet ve haklar bakımından eşit doğarlar. Akıl ve vicdana sahiptirler ve bir kardeşlik zihniyeti ile hareket etmelidirler; bu daha çok gibi.',
    ],
    ['ru', 'Все люди рождаются свободными и равными в своём достоинстве и правах. Они наделены разумом и совестью.'],
    ['uk', 'Всі люди народжуються вільними і рівними у своїй гідності та правах.'],
    ['bg', 'Всички хора се раждат свободни и равни по достойнство и права.'],
    ['ar', 'يولد جميع الناس أحرارا متساوين في الكرامة والحقوق'],
    ['fa', 'تمام افراد بشر آزاد به دنیا می‌آیند و از لحاظ حیثیت و حقوق با هم برابرند و همگی'],
    ['he', 'כל בני האדם נולדו בני חורין ושווים בערכם ובזכויותיהם'],
    ['ja', '吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。'],
    ['zh', '人人生而自由，在尊严和权利上一律平等。他们赋有理性和良心，并应以兄弟关系的精神相对待。'],
    ['ko', '모든 인간은 태어날 때부터 자유로우며 그 존엄과 권리에 있어 동등하다.'],
    ['el', 'Όλοι οι άνθρωποι γεννιούνται ελεύθεροι και ίσοι στην αξιοπρέπεια.'],
  ])('is %s in its own words', (language, text) => {
    expect(languageOf(text)).toBe(language);
    expect(languageOf(text.repeat(20))).toBe(language);
  });

  it.each([
    ['nothing', ''],
    ['a name', 'Ada Lovelace'],
    ['numbers', '1,200; 3.5 % – 17 '.repeat(50)],
    ['a program', 'const total = items.map((item) => item.price).reduce(sum, 0); return total;'],
    ['a table of names', 'Dresden\tMagdeburg\tHamburg\nPraha\tBrno\tOstrava\n'.repeat(10)],
    ['two scripts', 'Hello world, this is the news. שלום עולם אלה החדשות של היום ושל מחר'],
    [
      'two languages',
      'The house of the man is on the hill, and it is not small. Das Haus und der Mann sind auf dem Berg, und die Frau ist nicht im Haus.',
    ],
    ['filler', 'Lorem ipsum dolor sit amet, consectetur adipiscing elit, sed do eiusmod tempor incididunt'],
  ])('is not guessed from %s', (_what, text) => {
    expect(languageOf(text)).toBeUndefined();
  });
});
