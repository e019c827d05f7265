/** Read twice: where the templates are made, and where the function starts. */

export const ADDRESSES: ReadonlyArray<readonly [text: string, address: string]> = [
  ['http://127.0.0.1:9999', 'http://127.0.0.1:9999'],
  ['https://sources.example.com/', 'https://sources.example.com'],
  ['https://Sources.Example.com:443/api/v1//', 'https://sources.example.com/api/v1'],
  ['http://[2001:db8::1]:8000/api', 'http://[2001:db8::1]:8000/api'],
];

export const NO_ADDRESSES: readonly string[] = [
  'sources.example.com',
  '127.0.0.1:9999',
  'localhost:9999',
  'ftp://sources.example.com',
  'ws://sources.example.com',
  'file:///etc/passwd',
  'http://',
  'https://user@sources.example.com',
  'https://user:secret@sources.example.com',
  'https://sources.example.com/?key=secret',
  'https://sources.example.com/#top',
  'javascript:alert(1)',
];
