import { describe, expect, it } from 'vitest';
import { Story, toldStory } from './story.ts';

const breaks = (story: Story, broken: RegExp) => {
  const verdict = story.verdict();
  expect(verdict.length).toBeGreaterThan(0);
  expect(verdict.join('\n')).toMatch(broken);
};

describe('a history that is as it should be', () => {
  it('has nothing to object to', () => {
    expect(toldStory().verdict()).toEqual([]);
  });

  it('may repeat events, after a subscriber that broke off', () => {
    const story = new Story();
    const socket = story.connect('c');
    story.upload('c', 's', 200).event(socket, 'e-1', 'step', 's').event(socket, 'e-2', 'received', 's');
    story.whole(socket, 's').close(socket).stored('c', 's', { epoch: 'e', seq: 3 });
    expect(story.verdict()).toEqual([]);
  });

  it('may go on in another socket after what the first one had, or say the end in a snapshot', () => {
    const story = new Story();
    const first = story.connect('c');
    story.upload('c', 's', 200).event(first, 'e-1', 'step', 's').close(first, 1006);
    const second = story.connect('c', 'e-1');
    story.event(second, 'e-2', 'received', 's').close(second, 1006);
    const third = story.connect('c', 'e-2');
    story.gap(third, 'f-3').snapshot(third, 's').close(third).stored('c', 's', { epoch: 'f', seq: 3 });
    expect(story.verdict()).toEqual([]);
  });

  it('may begin a new epoch on a socket that never said what it has', () => {
    const story = new Story();
    const socket = story.connect('c');
    story.upload('c', 's', 200).event(socket, 'e-1', 'step', 's').whole(socket, 's', 1, 'f');
    story.close(socket).stored('c', 's', { epoch: 'f', seq: 3 });
    expect(story.verdict()).toEqual([]);
  });

  it('may leave out for a fresh socket the round that another one was closed for', () => {
    const story = toldStory();
    story.upload('c', 't', 200);
    const socket = story.connect('c');
    story.whole(socket, 't', 4).close(socket).stored('c', 't', { epoch: 'e', seq: 6 });
    expect(story.verdict()).toEqual([]);
  });

  it('may have two ends of a source that was sent again after the first', () => {
    const story = new Story();
    const socket = story.connect('c');
    story.upload('c', 's').whole(socket, 's').upload('c', 's', 200).whole(socket, 's', 4).close(socket);
    story.stored('c', 's', { epoch: 'e', seq: 6 }, { generation: 2 });
    expect(story.verdict()).toEqual([]);
  });

  it('may have a source of which nobody knows whether it was accepted', () => {
    const story = toldStory();
    story
      .upload('c', 'unknown')
      .upload('c', 'half')
      .stored('c', 'half', undefined, { queued: false, terminal: undefined });
    expect(story.verdict()).toEqual([]);
  });
});

describe('I0', () => {
  it('is broken by a 4xx to a valid request, and by a 200 to an invalid one', () => {
    breaks(toldStory().upload('c', 'x', 404), /I0: a valid upload was answered 404/);
    breaks(toldStory().upload('c', 'x', 200, true), /I0: an invalid upload was answered 200/);
  });

  it('is broken by a handshake that is refused', () => {
    const story = toldStory();
    story.add({ kind: 'connecting', socket: 9, channel: 'c' });
    story.add({ kind: 'refused', socket: 9, status: 404 });
    breaks(story, /I0: a handshake was refused with 404/);
  });
});

describe('I1', () => {
  it('is broken by a 200 whose end no socket was told', () => {
    breaks(toldStory().upload('c', 't', 200).stored('c', 't', { epoch: 'e', seq: 6 }), /I1: .*no socket was told/);
  });

  it('is broken by a 200 without a record, or without an end in it', () => {
    const story = toldStory();
    story.sources.delete('s');
    breaks(story, /I1: it was answered 200, and there is no record/);
    const open = toldStory().stored('c', 's', undefined, { terminal: undefined });
    breaks(open, /I1: it is accepted, and the store has no final status/);
  });

  it('is broken by two values, on one socket or on two', () => {
    const story = new Story();
    const [one, two] = [story.connect('c'), story.connect('c')];
    story.upload('c', 's', 200).whole(one, 's').close(one);
    story.event(two, 'f-1', 'success', 's', { result: 'another' }).close(two).stored('c', 's', { epoch: 'e', seq: 3 });
    breaks(story, /I1: 2 different ends were told of 1 generations/);
  });

  it('is broken by a store or a status call that says something else', () => {
    const terminal = { status: 'success', result: 'another' } as const;
    breaks(toldStory().stored('c', 's', { epoch: 'e', seq: 3 }, { terminal }), /I1: told .* stored/);
    const story = toldStory();
    story.statuses.set('s', { status: 200, body: { status: 'processing' } });
    breaks(story, /I1: stored .* the status call says/);
    story.statuses.set('s', { status: 404, body: {} });
    breaks(story, /I1: its status call is answered 404/);
  });

  it('is broken by more uploads than requests', () => {
    breaks(toldStory().stored('c', 's', { epoch: 'e', seq: 3 }, { generation: 2 }), /I1: it has 2 generations of 1/);
  });
});

describe('I2', () => {
  it('is broken by an end, or a record, of what was refused or never sent', () => {
    const refused = toldStory().upload('c', 'x', 400, true);
    const socket = refused.connect('c', 'e-3');
    breaks(refused.event(socket, 'e-4', 'success', 'x'), /I2: it was refused, and a socket was told its end/);
    breaks(
      toldStory().upload('c', 'x', 400, true).stored('c', 'x', undefined),
      /I2: it was refused, and there is a record/,
    );
    breaks(toldStory().stored('c', 'nobody', undefined), /I2: it was never sent/);
  });
});

describe('I7', () => {
  it('is broken by whatever is left', () => {
    const broken = (left: Story['left']) => {
      const story = toldStory();
      story.left = left;
      return story;
    };
    const shard = { shard: 2, doorbells: 0, pending: 0, leased: false };
    breaks(broken({ shards: [{ ...shard, doorbells: 3, pending: 1 }] }), /I7: shard 2 has 3 doorbells/);
    breaks(broken({ shards: [{ ...shard, leased: true }] }), /I7: the lease of shard 2/);
    breaks(broken({ keysWithoutTtl: ['{shard-1}:channel:x'] }), /I7: the key/);
    breaks(broken({ queues: [{ name: 'q', visible: 0, hidden: 1 }] }), /I7: the queue q/);
    breaks(broken({ orphans: ['17 node'] }), /I7: a process outlived the stack: 17 node/);
    expect(broken({ shards: [shard], queues: [{ name: 'q', visible: 0, hidden: 0 }] }).verdict()).toEqual([]);
  });

  it('is broken by a record that is open past its deadline, or whose end is not published', () => {
    const open = toldStory().upload('c', 't').stored('c', 't', undefined, { terminal: undefined });
    breaks(open, /I7: its record is open past its deadline/);
    breaks(toldStory().stored('c', 's', undefined), /I7: its end is stored and not published/);
    const watched = toldStory().stored('c', 's', { epoch: 'e', seq: 3 }, { watched: true });
    expect(watched.verdict()).toEqual([]);
    breaks(watched.wait(100_000).upload('d', 'unknown'), /I7: nobody has looked at it for/);
    expect(watched.verdict(2)).toEqual([]);
  });
});

describe('I8', () => {
  it('is broken by an end that comes late in a calm, and not while faults go on', () => {
    const late = (fault: boolean) => {
      const story = new Story();
      const socket = story.connect('c');
      story.upload('c', 's', 200).wait(80_000);
      if (fault) story.add({ kind: 'fault', fault: 1, what: 'something' });
      story.wait(20_000).whole(socket, 's').close(socket);
      return story.stored('c', 's', { epoch: 'e', seq: 3 });
    };
    expect(late(true).verdict()).toEqual([]);
    breaks(late(false), /I8: its end came 100.0 s after/);
    // On a machine that is busy the times are those of the machine.
    expect(late(false).verdict(2)).toEqual([]);
    expect(late(false).verdict(1.1)).toHaveLength(1);
  });

  it('does not count the time of a socket that is not given what was sent to one that broke', () => {
    const asksAgain = (isClosed: boolean) => {
      const story = new Story();
      const first = story.connect('c');
      story.upload('c', 's', 200).event(first, 'e-1', 'step', 's').event(first, 'e-2', 'received', 's');
      story.close(first, 1006, 'client').connect('c');
      const again = story.wait(100_000).connect('c', 'e-2');
      story.event(again, 'e-3', 'success', 's').close(again).stored('c', 's', { epoch: 'e', seq: 3 });
      if (isClosed) story.closed.set('c', { e: 3 });
      else story.closed.clear();
      return story;
    };
    expect(asksAgain(true).verdict()).toEqual([]);
    breaks(asksAgain(false), /I8: its end came 100.0 s after/);
  });

  it('does not count the time in which nobody listened', () => {
    const story = new Story();
    story.upload('c', 's', 200).wait(100_000);
    const socket = story.connect('c');
    story.whole(socket, 's').close(socket).stored('c', 's', { epoch: 'e', seq: 3 });
    expect(story.verdict()).toEqual([]);
  });
});
