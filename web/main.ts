import { createSourceCard } from './source-card.ts';
import { cancel, UploadError, upload } from './upload.ts';

const element = <E extends HTMLElement>(id: string) => document.getElementById(id) as E;
const userId = element<HTMLInputElement>('user-id');
const apiKey = element<HTMLInputElement>('api-key');
const files = element<HTMLInputElement>('file');
const url = element<HTMLInputElement>('url');
const drop = element('drop');
const notice = element('notice');

restoreCredentials();

for (const input of [userId, apiKey]) {
  input.addEventListener('change', () => sessionStorage.setItem(input.id, input.value));
}

files.addEventListener('change', () => {
  start([...(files.files ?? [])]);
  files.value = '';
});

element<HTMLFormElement>('upload').addEventListener('submit', (event) => {
  event.preventDefault();
  if (url.value.trim() === '') return complain('Choose a file, or paste a URL.');
  if (start([{ url: url.value.trim() }])) url.value = '';
});

// Anywhere: a browser that is left to itself leaves the page for a file that misses its mark.
for (const kind of ['dragover', 'dragleave', 'drop'] as const) {
  document.addEventListener(kind, (event) => {
    if (kind !== 'dragleave' && !event.dataTransfer?.types.includes('Files')) return;
    event.preventDefault();
    drop.classList.toggle('over', kind === 'dragover');
    if (kind === 'drop') start([...(event.dataTransfer?.files ?? [])]);
  });
}

/** A link may carry the credentials behind its #, which no browser sends to a server; they leave the address bar at once. */
function restoreCredentials(): void {
  const given = new URLSearchParams(location.hash.slice(1));
  for (const [input, value] of [
    [userId, given.get('user')],
    [apiKey, given.get('key')],
  ] as const) {
    if (value) sessionStorage.setItem(input.id, value);
    input.value = sessionStorage.getItem(input.id) ?? '';
  }
  if (location.hash) history.replaceState(null, '', location.pathname);
  element<HTMLDetailsElement>('credentials').open = !userId.value || !apiKey.value;
}

function complain(sentence: string): void {
  notice.textContent = sentence;
  notice.hidden = false;
}

/** @returns false when nothing was started. */
function start(sources: ReadonlyArray<File | { readonly url: string }>): boolean {
  notice.hidden = true;
  if (!userId.value || !apiKey.value) {
    element<HTMLDetailsElement>('credentials').open = true;
    complain('Enter your user id and your API key first.');
    return false;
  }
  for (const source of sources) void run(source);
  return sources.length > 0;
}

async function run(source: File | { readonly url: string }): Promise<void> {
  const name = source instanceof File ? source.name : source.url;
  const credentials = { userId: userId.value, apiKey: apiKey.value };
  const sourceUuid = crypto.randomUUID();
  const onCancel = () => cancel(credentials, sourceUuid).catch((error) => complain(sentenceOf(error)));
  const card = createSourceCard(element('sources'), element<HTMLTemplateElement>('source'), { name, onCancel });
  card.say('Sending');
  try {
    await upload({ credentials, source, sourceUuid, onEvent: card.show, onConnection: card.connected });
  } catch (error) {
    card.fail(sentenceOf(error));
    if (error instanceof UploadError && error.status === 401) element<HTMLDetailsElement>('credentials').open = true;
  }
}

function sentenceOf(error: unknown): string {
  return error instanceof UploadError ? error.message : `This page has a fault: ${error}`;
}
