import { expect, it } from 'vitest';
import { banner } from '../../local/banner.ts';

const FACTS = { url: 'http://localhost:8811', redis: 'embedded', seconds: 1.23 };

it('says where sources are forwarded to, where they are', () => {
  const upstream = 'http://127.0.0.1:9999';
  expect(banner({ ...FACTS, upstream })).toContain(`\n  Redis    embedded\n  upstream ${upstream}\n  page     `);
  expect(banner(FACTS)).toContain('\n  Redis    embedded\n  page     ');
});
