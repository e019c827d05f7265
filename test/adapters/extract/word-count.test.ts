import { describe, expect, it } from 'vitest';
import { createWordCount } from '../../../adapters/extract/word-count.ts';
import { docxOf, paragraph } from '../../corpus/docx/docx.ts';
import { extractHere } from './extract-here.ts';

function countOf(...parts: readonly string[]): { words: number | undefined; characters: number } {
  const count = createWordCount();
  for (const part of parts) count.add(part);
  return { words: count.words, characters: count.characters };
}

// A book in Chinese had one word in each line, and a page in Japanese one word.
describe('the words of a text', () => {
  it.each<[string, number]>([
    ['Two words.', 2],
    ['one – two', 3],
    ['年度报告', 4],
    ['吾輩は猫である。名前は、まだ無い。', 14],
    ['東京タワー', 5],
    ['ｶﾞｷﾞ', 2],
    ['が', 1],
    ['人々', 2],
    ['𠀀𪜀', 2],
    ['2025年度 Report（第3版）', 7],
    ['他说：“你好”，然后…走了。', 8],
    ['中文, 中文.', 4],
    ['한국어 문장', 2],
    ['中\u3000文', 2],
  ])('are what word processors count: %s', (text, words) => {
    expect(countOf(text).words).toBe(words);
    expect(countOf(...text).words).toBe(words);
  });

  it.each(['สวัสดีชาวโลก นี่คือเอกสาร', 'ສະບາຍດີ', 'សួស្តី​ពិភពលោក', 'မင်္ဂလာပါ'])(
    'are not told where nothing parts them: %s',
    async (text) => {
      const done = await extractHere('a.txt', text);
      expect(done).not.toHaveProperty('words');
      expect(done.characters).toBe(text.length);
    },
  );

  it('are told where little is of a writing without spaces', () => {
    expect(countOf('Hello is สวัสดี in Thai, and that is all there is of it in this text of English words.').words).toBe(
      19,
    );
  });

  it('are not counted twice where a character is cut, and halves of it are one', () => {
    expect(countOf('a\ud83d', '\ude42 b')).toEqual({ words: 2, characters: 4 });
  });
});

// Programs that store or show a text choke on these, and no reader may let them through.
describe('control characters that a document names by their number', () => {
  it.each<[string, string | Buffer]>([
    ['a.html', '<!doctype html><title>T</title><p>a&#1;b&#x1f;c</p>'],
    ['a.rtf', "{\\rtf1\\ansi a\\'01b\\u31?c}"],
    ['a.docx', docxOf({ body: paragraph('a&#1;b&#31;c') })],
    ['a.xml', '<?xml version="1.0"?><a>a&#1;b&#31;c</a>'],
  ])('are in no text: %s', async (filename, content) => {
    expect((await extractHere(filename, content)).text).toBe('ab c\n');
  });

  it('are in no title', async () => {
    const { title } = await extractHere('a.html', '<!doctype html><title>a&#1;b&#27;</title><p>text</p>');
    expect(title).toBe('a b');
  });
});
