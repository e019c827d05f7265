type Started<T> = { [K in keyof T]: Awaited<T[K]> };

/** Waits for all, and keeps each that started even where another failed: it has to be stopped with the rest. */
export async function startAll<T extends Readonly<Record<string, Promise<AsyncDisposable>>>>(
  running: AsyncDisposableStack,
  starting: T,
): Promise<Started<T>> {
  const names = Object.keys(starting);
  const results = await Promise.allSettled(Object.values(starting));
  const started: Record<string, AsyncDisposable> = {};
  results.forEach((result, index) => {
    if (result.status === 'fulfilled') started[names[index]!] = running.use(result.value);
  });
  for (const result of results) if (result.status === 'rejected') throw result.reason;
  return started as Started<T>;
}
