import { expect, it } from 'vitest';
import { banner } from '../../local/banner.ts';

const FACTS = { url: 'http://localhost:8811', redis: 'embedded', seconds: 1.23 };

it('says where sources are forwarded to, where they are', () => {
  const upstream = 'http://127.0.0.1:9999';
  expect(banner({ ...FACTS, upstream })).toContain(`\n  Redis    embedded\n  upstream ${upstream}\n  page     `);
  expect(banner(FACTS)).toContain('\n  Redis    embedded\n  page     ');
});

it('gives the address of the socket where it can be known before, and says where to find it else', () => {
  expect(banner(FACTS)).toMatch(/\nwebsocat ws:\/\/localhost:8811\/ws\/[0-9a-f-]{36}\n/);
  expect(banner({ ...FACTS, tokens: true })).toContain("\nwebsocat '<the ws-address of the answer>'\n");
});
