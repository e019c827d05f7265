/** Ends the first document, and does with the second what its seed says. */
const DEEDS = {
  1: () => {
    // Longer than anybody waits, and not for ever: nothing stays behind where the one who watches is gone.
    while (performance.now() < 60_000);
  },
  2: () => process.exit(3),
  3: () => {
    const held = [];
    setInterval(() => held.push(Buffer.alloc(50_000_000, 1)), 1);
    setTimeout(() => process.exit(), 60_000);
  },
  4: () => {
    Promise.reject(new Error('planted'));
    setImmediate(() => process.disconnect());
  },
};

process.on('unhandledRejection', (error) => process.send({ uncaught: error.message }));
process.on('message', ({ seed, indexes }) => {
  process.send({ begun: indexes[0] });
  process.send({ ended: indexes[0], verdict: { end: 'text/plain', textBytes: 1 }, cpuMs: 1 });
  process.send({ begun: indexes[1] }, () => DEEDS[seed]());
});
