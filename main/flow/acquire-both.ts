type Acquire = () => Promise<() => void>;

/**
 * One thing, then another that is waited for with the first in hand. Resolves with the way to give
 * both back, the last one first; who cannot have the second does not keep the first.
 *
 * @throws what either throws.
 */
export async function acquireBoth(first: Acquire, second: Acquire): Promise<() => void> {
  const giveBackFirst = await first();
  try {
    const giveBackSecond = await second();
    return () => {
      giveBackSecond();
      giveBackFirst();
    };
  } catch (error) {
    giveBackFirst();
    throw error;
  }
}
