import type { Step } from './explore.ts';
import * as scripts from './scripts.ts';
import { type Design, fair, fault, type Setting } from './setting.ts';
import { IDLE_PASS, type Pass, replaced, type State } from './state.ts';

/** One pass of app/deliver.ts, begun by app/serve-channels.ts: reads what is next, posts it, moves the cursor, settles. */
export function passSteps(setting: Setting, state: State, token: number, channel: number): Step<State>[] {
  const { design } = setting;
  const pass = state.subscribers[token]!.passes[channel]!;
  const name = (action: string) => `subscriber ${token + 1} ${action}`;
  const becomes = (next: Pass, from = state) => withPass(from, token, channel, next);
  switch (pass.next) {
    case 'begin':
      return pass.waiting.length === 0
        ? []
        : [fair(name('looks up connections'), begun(design, state, token, channel))];
    case 'read': {
      const [cursor, page] = scripts.next(state, channel);
      const early =
        design.cursor === 'before-delivery' ? scripts.moveCursor(state, channel, cursor + page.length) : state;
      const read = becomes({ ...pass, next: 'post', sent: cursor, page }, early);
      return [fair(name('reads what is next'), page.length > 0 ? read : finished(state, token, channel))];
    }
    case 'post':
      return postSteps(setting, state, token, channel);
    case 'move':
      return [fair(name('moves the cursor'), finished(scripts.moveCursor(state, channel, pass.sent), token, channel))];
    case 'settle':
      return [
        fair(name('settles'), becomes({ ...IDLE_PASS, waiting: pass.waiting }, scripts.settle(state, pass.covered))),
      ];
  }
}

/** Rings that come from now on are for the next pass. */
function begun(design: Design, state: State, token: number, channel: number): State {
  const { waiting } = state.subscribers[token]!.passes[channel]!;
  const early = design.settle === 'before-delivery' ? scripts.settle(state, waiting) : state;
  const pass: Pass = { ...IDLE_PASS, covered: design.settle === 'before-delivery' ? [] : waiting };
  if (!state.channels[channel]!.connected) return finished(withPass(early, token, channel, pass), token, channel);
  if (design.doorbell === 'channel') return withPass(early, token, channel, { ...pass, next: 'read' });
  const page = waiting.map((id) => state.doorbells[id]!.seq);
  return withPass(early, token, channel, { ...pass, next: 'post', page });
}

function postSteps(setting: Setting, state: State, token: number, channel: number): Step<State>[] {
  const { design } = setting;
  const pass = state.subscribers[token]!.passes[channel]!;
  const [seq, ...rest] = pass.page;
  const name = `subscriber ${token + 1} posts ${seq}`;
  const posted = receive(state, channel, seq!);
  const sent = withPass(posted, token, channel, {
    ...pass,
    began: rest.length > 0,
    sent: seq!,
    page: rest,
    next: rest.length > 0 ? 'post' : 'move',
  });
  const moves = design.doorbell === 'channel' && design.cursor === 'after-delivery';
  const to = rest.length > 0 || moves ? sent : finished(sent, token, channel);
  return [fair(name, to), ...fault(setting, 'post-answer-lost', `${name}, answer lost`, posted)];
}

function receive(state: State, channel: number, seq: number): State {
  const at = state.channels[channel]!;
  const received = Math.max(at.received, seq);
  const repeated = !state.excused && (at.repeated || seq <= at.received);
  const disordered = at.disordered || seq > at.received + 1;
  return { ...state, channels: replaced(state.channels, channel, { ...at, received, repeated, disordered }) };
}

function finished(state: State, token: number, channel: number): State {
  const { waiting, covered } = state.subscribers[token]!.passes[channel]!;
  return withPass(state, token, channel, {
    ...IDLE_PASS,
    next: covered.length > 0 ? 'settle' : 'begin',
    waiting,
    covered,
  });
}

function withPass(state: State, token: number, channel: number, pass: Pass): State {
  const subscriber = state.subscribers[token]!;
  const passes = replaced(subscriber.passes, channel, pass);
  return { ...state, subscribers: replaced(state.subscribers, token, { ...subscriber, passes }) };
}
