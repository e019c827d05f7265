import { PREVIEW_CHARACTERS } from '../domain/limits.ts';
import type {
  ChannelEvent,
  FailureEvent,
  ProgressEvent,
  Snapshot,
  SuccessEvent,
  Unnumbered,
} from '../domain/messages.ts';

/** What the page shows of one upload. All text goes in as text: a file name or a result is never markup. */
export interface SourceCard {
  show(event: ChannelEvent | Snapshot): void;
  say(status: string): void;
  connected(open: boolean): void;
  fail(sentence: string): void;
}

const STAGES = { fetch: 'Fetching', extract: 'Reading', forward: 'Forwarding' };

/** A processor may leave out any of them, or answer with something else altogether: the messages show it whole. */
const FACTS: ReadonlyArray<[field: string, name: string]> = [
  ['title', 'Title'],
  ['media-type', 'Type'],
  ['bytes', 'Size'],
  ['pages', 'Pages'],
  ['words', 'Words'],
  ['note', 'Note'],
];

export interface SourceCardOptions {
  readonly name: string;
  /** Resolves when it was answered, well or not; the end itself is an event. MUST NOT reject. */
  readonly onCancel: () => Promise<void>;
}

export function createSourceCard(
  list: HTMLElement,
  template: HTMLTemplateElement,
  { name, onCancel }: SourceCardOptions,
): SourceCard {
  const card = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  const part = <E extends HTMLElement>(selector: string) => card.querySelector<E>(selector)!;
  part('.name').textContent = withoutOrders(name);
  list.prepend(card);

  const cancel = part<HTMLButtonElement>('.cancel');
  cancel.addEventListener('click', async () => {
    if (cancel.ariaDisabled === 'true') return;
    cancel.ariaDisabled = 'true'; // disabled, it would drop the focus
    await onCancel();
    cancel.ariaDisabled = 'false'; // gone, where it did
  });

  function say(text: string, status = 'processing'): void {
    part('.status').textContent = text;
    part('.status').dataset.status = status;
  }

  function show(selector: string, text: string): void {
    part(selector).textContent = text;
    part(selector).hidden = false;
  }

  function end(): void {
    part('.progress').hidden = true;
    part('.connection').hidden = true;
    // Whoever is at it with the keyboard stays at this upload, and is not sent back to the top of the page.
    if (document.activeElement === cancel) part('.name').focus();
    cancel.hidden = true;
  }

  function showProgress({ stage, progress, bytes, indeterminate }: Unnumbered<ProgressEvent>): void {
    say(STAGES[stage]);
    part('.progress').hidden = false;
    const bar = part<HTMLProgressElement>('progress');
    if (indeterminate) bar.removeAttribute('value');
    else bar.value = progress;
    part('.progress-text').textContent = indeterminate ? size(bytes ?? 0) : `${progress} %`;
  }

  function showResult({ result }: Unnumbered<SuccessEvent>): void {
    say('Done', 'success');
    end();
    const found = (typeof result === 'object' && result !== null ? result : {}) as Record<string, unknown>;
    const heading = part('.name').textContent; // and most often the title too
    for (const [field, name] of FACTS) {
      const value = factText(field, found[field]);
      if (value !== undefined && value !== heading) part('.facts').append(fact(name, value));
    }
    part('.facts').hidden = part('.facts').childElementCount === 0;
    if (typeof found.preview === 'string' && found.preview !== '') show('.preview', previewText(found.preview, found));
    const link = found['text-url'];
    if (typeof link === 'string' && /^https?:/.test(link)) {
      const anchor = Object.assign(document.createElement('a'), { href: link, target: '_blank', rel: 'noopener' });
      anchor.textContent = 'The whole text';
      part('.links').replaceChildren(anchor);
      part('.links').hidden = false;
    }
  }

  function fail(sentence: string, status = 'Failed'): void {
    say(status, 'failure');
    end();
    show('.error', withoutOrders(sentence));
  }

  function showFailure({ error, code }: Unnumbered<FailureEvent>): void {
    fail(error, code === 'cancelled' ? 'Cancelled' : 'Failed');
  }

  return {
    say,
    fail: (sentence) => fail(sentence),
    connected(open) {
      part('.connection').hidden = open;
    },
    show(event) {
      const line = document.createElement('li');
      line.textContent = JSON.stringify(event).replace(BIDI_CONTROLS, escaped);
      part('.messages ol').append(line);
      const count = part('.messages ol').childElementCount;
      part('.messages').hidden = false;
      part('.messages summary').textContent = count === 1 ? '1 message' : `${count} messages`;
      cancel.hidden = false; // from now on there is something to cancel
      if ('progress' in event) showProgress(event);
      else if (event.status === 'success') showResult(event);
      else if (event.status === 'failure') showFailure(event as FailureEvent);
      else if (!('heartbeat' in event)) say('Started');
    },
  };
}

/** Characters that only turn the order of others around: they show `evil<U+202E>txt.exe` as a text file. */
const BIDI_CONTROLS = /\p{Bidi_Control}/gu;

function withoutOrders(text: string): string {
  return text.replace(BIDI_CONTROLS, '');
}

/** As JSON may write it. */
function escaped(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

/** @returns undefined for what has no text of its own. */
function factText(field: string, value: unknown): string | undefined {
  if (typeof value === 'number') return field === 'bytes' ? size(value) : value.toLocaleString('en');
  return typeof value === 'string' && value !== '' ? withoutOrders(value) : undefined;
}

/** A preview has no blanks at its end: what is shorter than it may be is all of the text. */
function previewText(preview: string, { characters }: Record<string, unknown>): string {
  const isCut = typeof characters === 'number' && characters > PREVIEW_CHARACTERS;
  return isCut ? `${preview} …` : preview;
}

function size(bytes: number): string {
  const [divisor, unit, unitDisplay] =
    bytes < 1e4
      ? ([1, 'byte', 'long'] as const)
      : bytes < 1e6
        ? ([1e3, 'kilobyte', 'short'] as const)
        : ([1e6, 'megabyte', 'short'] as const);
  const format = { style: 'unit', unit, unitDisplay, maximumFractionDigits: 1 } as const;
  return (bytes / divisor).toLocaleString('en', format);
}

function fact(name: string, value: string): HTMLElement {
  const pair = document.createElement('div');
  const term = document.createElement('dt');
  term.textContent = name;
  const description = document.createElement('dd');
  description.textContent = value;
  pair.append(term, description);
  return pair;
}
