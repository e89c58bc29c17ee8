import { until } from './wait.ts';

/** What keeps this process alive now: sockets, servers, workers, timers, by name. */
export function activeResources(): string[] {
  return process.getActiveResourcesInfo().sort();
}

/** Waits until nothing is alive that was not alive `before`. */
export async function untilNothingMore(before: readonly string[]): Promise<void> {
  await until(
    () => moreThan(before).length === 0,
    `nothing but ${before.join(', ')} to be alive; there is more: ${moreThan(before).join(', ')}`,
  );
}

function moreThan(before: readonly string[]): string[] {
  const rest = [...before];
  return activeResources().filter((name) => {
    const at = rest.indexOf(name);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}
