import type { Step } from './explore.ts';
import * as scripts from './scripts.ts';
import { fair, fault, fromOutside, type Setting } from './setting.ts';
import { type Publisher, replaced, type State } from './state.ts';

export const NEW_PUBLISHER: Publisher = { done: 0, answered: 0, wake: false, over: false };

/** `publish` of app/publish.ts and `openConnection` of app/open-connection.ts. That it begins is not to be counted on. */
export function publisherSteps(setting: Setting, state: State, index: number): Step<State>[] {
  const { name, operations } = setting.scenario.programs[index]!;
  const { done, answered, over } = state.publishers[index]!;
  if (over) return [];
  const operation = operations[answered];
  if (operation === undefined) {
    const started = { ...ended(state, index), starts: state.starts + 1 };
    return [fair(`${name} starts a subscriber`, started), ...breakSteps(setting, state, index)];
  }
  const [action, [to, wakes]] = operate(setting, state, index);
  const heard = hear(setting, to, wakes, index);
  const unheard = fault(setting, 'publish-answer-lost', `${name} ${action}, answer lost`, to);
  const lost = operation === 'connect' ? [] : unheard;
  if (done === 0) return [fromOutside(`${name} ${action}`, heard), ...lost];
  return [fair(`${name} ${action}`, heard), ...lost, ...breakSteps(setting, state, index)];
}

/** Where a handshake breaks off before the `open`, it is refused: nobody waits then. Not so where only the `open` fails. */
function breakSteps(setting: Setting, state: State, index: number): Step<State>[] {
  const { name, operations } = setting.scenario.programs[index]!;
  const opening = operations[state.publishers[index]!.answered] === 'open';
  const over = ended(state, index);
  if (!opening) return fault(setting, 'publisher-crash', `${name} crashes`, over);
  const { channel } = setting.scenario.programs[index]!;
  const unannounced = { ...over.channels[channel]!, unannounced: setting.design.announces };
  const noted = { ...over, channels: replaced(over.channels, channel, unannounced) };
  return fault(setting, 'open-failed', `${name} cannot open`, noted);
}

/** The operation that is next, with its effect in Redis or DynamoDB. */
function operate(
  setting: Setting,
  state: State,
  index: number,
): [action: string, took: readonly [to: State, wakes: boolean]] {
  const { channel, operations } = setting.scenario.programs[index]!;
  const { done, answered } = state.publishers[index]!;
  const again = done > answered;
  const counted = changed(state, index, { done: answered + 1 });
  switch (operations[answered]!) {
    case 'publish':
      return again
        ? ['publishes again', scripts.publishAgain(state, setting.design.duplicatesWake)]
        : ['publishes', scripts.publish(counted, channel)];
    case 'open':
      return [again ? 'opens again' : 'opens', scripts.open(counted, channel)];
    case 'connect': {
      const channels = replaced(counted.channels, channel, { ...counted.channels[channel]!, connected: true });
      return ['connects', [{ ...counted, channels }, false]];
    }
  }
}

function hear({ scenario }: Setting, state: State, wakes: boolean, index: number): State {
  const publisher = state.publishers[index]!;
  const wake = publisher.wake || wakes;
  const answered = publisher.answered + 1;
  const toStart = answered < scenario.programs[index]!.operations.length || wake;
  return toStart ? changed(state, index, { answered, wake }) : ended(state, index);
}

/** What it knew is of no interest any more. */
function ended(state: State, index: number): State {
  return { ...state, publishers: replaced(state.publishers, index, { ...NEW_PUBLISHER, over: true }) };
}

function changed(state: State, index: number, change: Partial<Publisher>): State {
  return { ...state, publishers: replaced(state.publishers, index, { ...state.publishers[index]!, ...change }) };
}
