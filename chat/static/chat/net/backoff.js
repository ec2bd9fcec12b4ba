export const SHORTEST_MS = 500;
export const LONGEST_MS = 15_000;

/**
 * How long to wait before attempt n (from 0): doubled each time, between half and all of it, so that
 * a thousand browsers do not come back in the same instant. Never under 0.5 s, never over 15 s.
 * @param {number} attempt
 * @param {() => number} random from 0 to 1
 */
export function backoffMs(attempt, random = Math.random) {
  const ceiling = Math.min(LONGEST_MS, SHORTEST_MS * 2 ** (attempt + 1));
  return ceiling * (0.5 + random() / 2);
}
