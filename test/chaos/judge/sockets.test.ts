import { describe, expect, it } from 'vitest';
import { Story, toldStory } from './story.ts';

const breaks = (story: Story, broken: RegExp) => {
  const verdict = story.verdict();
  expect(verdict.length).toBeGreaterThan(0);
  expect(verdict.join('\n')).toMatch(broken);
};

describe('I3', () => {
  it('is broken by a hole', () => {
    const story = new Story();
    const socket = story.connect('c');
    story.upload('c', 's', 200).event(socket, 'e-1', 'step', 's').event(socket, 'e-3', 'success', 's');
    breaks(story.close(socket).stored('c', 's', { epoch: 'e', seq: 3 }), /I3: e-3 follows e-1/);
  });

  it.each([
    [['success', 'step', 'received'], /I3: e-3 comes after the final status|I3: e-2 comes after/],
    [['received', 'step', 'success'], /I3: e-2 begins the source after its second message/],
    [['step', 'step', 'success'], /I3: e-2 begins the source once more/],
    [['received', 'received', 'success'], /I3: e-2 says "received" once more/],
  ] as const)('is broken by %j', (kinds, broken) => {
    const story = new Story();
    const socket = story.connect('c');
    story.upload('c', 's', 200);
    for (const [index, kind] of kinds.entries()) story.event(socket, `e-${index + 1}`, kind, 's');
    breaks(story.stored('c', 's', { epoch: 'e', seq: 3 }), broken);
  });

  it('is broken by progress that falls', () => {
    const story = new Story();
    const socket = story.connect('c');
    story.upload('c', 's', 200).event(socket, 'e-1', 'step', 's').event(socket, 'e-2', 'progress', 's');
    story.event(socket, 'e-3', 'progress', 's', { progress: 40 }).event(socket, 'e-4', 'success', 's');
    breaks(story.stored('c', 's', { epoch: 'e', seq: 4 }), /I3: e-3 falls to 40 within extract/);
  });
});

describe('I4', () => {
  it('is broken by two messages with one event-id', () => {
    const story = new Story();
    const [one, two] = [story.connect('c'), story.connect('c')];
    story.upload('c', 's', 200).whole(one, 's');
    story.event(two, 'e-1', 'step', 's', { step: 'Good morning' }).event(two, 'e-2', 'received', 's');
    story.event(two, 'e-3', 'success', 's').close(one).close(two).stored('c', 's', { epoch: 'e', seq: 3 });
    breaks(story, /I4: e-1 is .*Hello.* and .*Good morning/);
  });
});

describe('I5', () => {
  /** The first socket had number 1 of three. */
  function brokenOff(): Story {
    const story = new Story();
    const socket = story.connect('c');
    story.upload('c', 's', 200).event(socket, 'e-1', 'step', 's').close(socket, 1006);
    return story.stored('c', 's', { epoch: 'e', seq: 3 });
  }

  it('is broken by a socket that does not go on where it asked to', () => {
    const late = brokenOff();
    breaks(
      late.event(late.connect('c', 'e-1'), 'e-3', 'success', 's'),
      /I5: it asked for what comes after e-1, and got e-3/,
    );
    const early = brokenOff();
    breaks(early.whole(early.connect('c', 'e-1'), 's'), /I5: it asked for what comes after e-1, and got e-1/);
  });

  it('is broken by another epoch without a gap, and by a gap without need', () => {
    const story = brokenOff();
    breaks(story.whole(story.connect('c', 'e-1'), 's', 1, 'f'), /I5: it asked for .* got f-1 without a gap/);
    const needless = brokenOff();
    const socket = needless.connect('c', 'e-1');
    breaks(needless.gap(socket, 'e-2').snapshot(socket, 's'), /I5: a gap to e-2 although nothing is missing/);
  });

  it('is broken by a gap that leaves out a source', () => {
    const story = brokenOff().upload('c', 't', 200).stored('c', 't', { epoch: 'f', seq: 6 });
    const socket = story.connect('c', 'e-1');
    story.gap(socket, 'f-3').snapshot(socket, 's').whole(socket, 't', 4, 'f');
    breaks(story, /I5: f-4 came before the snapshot of t/);
  });

  it('is broken by a fresh socket that is not given what nobody was given', () => {
    const open = new Story();
    open.upload('c', 's', 200).upload('c', 't', 200);
    const socket = open.connect('c');
    open.whole(socket, 't', 4).stored('c', 's', { epoch: 'e', seq: 3 }).stored('c', 't', { epoch: 'e', seq: 6 });
    breaks(open, /I5: it was not given the end at e-3, though no socket was closed for it/);
    open.closed.set('c', { e: 3 });
    breaks(open, /I5: it was not given the end at e-3, nor was any socket before it/);
  });

  it('is broken by a fresh socket that is given nothing', () => {
    const story = toldStory();
    story.connect('c');
    story.wait(100_000).upload('d', 'unknown');
    expect(story.verdict()).toEqual([]);
    story.closed.clear();
    breaks(story, /I5: it was not given the end at e-3/);
  });
});

describe('I6', () => {
  it('is broken by a message of another channel', () => {
    const story = toldStory();
    const socket = story.connect('d');
    breaks(story.upload('d', 't').event(socket, 'g-1', 'step', 's'), /I6: a message of channel c/);
  });
});

describe('I9', () => {
  it('is broken by a close before the end, or without a word', () => {
    const story = toldStory();
    const early = story.connect('c');
    breaks(story.event(early, 'e-1', 'step', 's').close(early), /I9: it was closed as finished after something else/);
    const silent = toldStory();
    breaks(silent.close(silent.connect('c')), /I9: .*without having been told anything/);
  });

  it('is not broken where a live socket was taken for gone, which its client mends', () => {
    const story = toldStory();
    const early = story.connect('c');
    story.event(early, 'e-1', 'step', 's').burst('connections POST error GoneException').close(early);
    expect(story.verdict()).toEqual([]);
    const later = toldStory();
    const other = later.connect('c');
    later.event(other, 'e-1', 'step', 's').burst('connections POST error GoneException').wait(8_000).close(other);
    expect(later.verdict()).not.toEqual([]);
    expect(later.verdict(2)).toEqual([]);
  });

  it('is broken by a close while another source is under way', () => {
    const story = new Story();
    const socket = story.connect('c');
    story.upload('c', 's', 200).upload('c', 't', 200).whole(socket, 's').close(socket);
    const next = story.connect('c', 'e-3');
    story.whole(next, 't', 4).close(next);
    story.stored('c', 's', { epoch: 'e', seq: 3 }).stored('c', 't', { epoch: 'e', seq: 6 });
    breaks(story, /I9: it was closed while t was under way/);
  });

  it('is broken by a socket that is never closed', () => {
    const story = new Story();
    const socket = story.connect('c');
    story.upload('c', 's', 200).whole(socket, 's').stored('c', 's', { epoch: 'e', seq: 3 });
    breaks(story.wait(100_000).close(socket, 1000, 'client'), /I9: it had the end of its channel, and was not closed/);
    expect(story.verdict(2)).toEqual([]);
  });
});
