import type { ChannelEvent, FailureEvent, ProgressEvent, SuccessEvent } from '../domain/messages.ts';

/** What the page shows of one upload. All text goes in as text: a file name or a result is never markup. */
export interface SourceCard {
  show(event: ChannelEvent): void;
  say(status: string): void;
  fail(sentence: string): void;
}

const FACTS: ReadonlyArray<[field: string, name: string]> = [
  ['title', 'Title'],
  ['media-type', 'Type'],
  ['bytes', 'Bytes'],
  ['pages', 'Pages'],
  ['words', 'Words'],
];

export function createSourceCard(list: HTMLElement, template: HTMLTemplateElement, name: string): SourceCard {
  const card = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  const part = <E extends HTMLElement>(selector: string) => card.querySelector<E>(selector)!;
  part('.name').textContent = name;
  list.prepend(card);

  function say(text: string, status = 'processing'): void {
    part('.status').textContent = text;
    part('.status').dataset.status = status;
  }

  function showProgress({ stage, progress, bytes, indeterminate }: ProgressEvent): void {
    say(STAGES[stage]);
    part('.progress').hidden = false;
    const bar = part<HTMLProgressElement>('progress');
    if (indeterminate) bar.removeAttribute('value');
    else bar.value = progress;
    part('.progress-text').textContent = indeterminate ? `${(bytes ?? 0).toLocaleString()} bytes` : `${progress} %`;
  }

  function showResult({ result }: SuccessEvent): void {
    say('Done', 'success');
    part('.progress').hidden = true;
    const facts = (typeof result === 'object' && result !== null ? result : {}) as Record<string, unknown>;
    const list = part('.facts');
    for (const [field, name] of FACTS) if (facts[field] !== undefined) list.append(fact(name, facts[field]));
    list.hidden = list.childElementCount === 0;
    if (typeof facts.preview === 'string') {
      part('.preview').textContent = facts.preview;
      part('.preview').hidden = false;
    }
    const link = facts['text-url'];
    if (typeof link === 'string' && /^https?:/.test(link)) {
      const anchor = Object.assign(document.createElement('a'), { href: link, target: '_blank', rel: 'noopener' });
      anchor.textContent = 'The whole text';
      part('.links').append(anchor);
      part('.links').hidden = false;
    }
  }

  function fail(sentence: string): void {
    say('Failed', 'failure');
    part('.progress').hidden = true;
    part('.error').textContent = sentence;
    part('.error').hidden = false;
  }

  return {
    say,
    fail,
    show(event) {
      const line = document.createElement('li');
      line.textContent = JSON.stringify(event);
      part('.messages ol').append(line);
      part('.count').textContent = String(part('.messages ol').childElementCount);
      if ('progress' in event) showProgress(event);
      else if (event.status === 'success') showResult(event);
      else if (event.status === 'failure') fail((event as FailureEvent).error);
      else say('Started');
    },
  };
}

const STAGES = { fetch: 'Fetching', extract: 'Reading', forward: 'Forwarding' };

function fact(name: string, value: unknown): HTMLElement {
  const pair = document.createElement('div');
  const term = document.createElement('dt');
  term.textContent = name;
  const description = document.createElement('dd');
  description.textContent = typeof value === 'number' ? value.toLocaleString() : String(value);
  pair.append(term, description);
  return pair;
}
