import assert from "node:assert/strict";
import { test } from "node:test";
import { Throttle } from "lobby/lib/environment";
import { FakeClock } from "./fakes.js";

function throttled(act = () => true) {
  const clock = new FakeClock();
  const times = [];
  const throttle = new Throttle(
    () => {
      times.push(clock.now - 1_000_000);
      return act();
    },
    1_000,
    clock,
  );
  return { clock, throttle, times };
}

test("what is wanted once is done at once, and once", () => {
  const { clock, throttle, times } = throttled();
  throttle.want();
  clock.advance(10_000);
  assert.deepEqual(times, [0]);
});

test("what is wanted all the time is done once in a pause, and a last time", () => {
  const { clock, throttle, times } = throttled();
  for (let turn = 0; turn < 25; turn++) {
    throttle.want();
    clock.advance(100);
  }
  clock.advance(10_000);
  assert.deepEqual(times, [0, 1_000, 2_000, 3_000]);
});

test("after what could not be done there is no pause", () => {
  const { clock, throttle, times } = throttled(() => false);
  throttle.want();
  clock.advance(10);
  throttle.want();
  clock.advance(10_000);
  assert.deepEqual(times, [0, 10]);
});
