import assert from "node:assert/strict";
import { test } from "node:test";
import { paint, tellApart } from "lobby/lib/avatar";

const IDS = Array.from({ length: 48 }, (_, number) => `${number}`);

function drawn(id) {
  const avatar = {
    dataset: {},
    style: { setProperty: (_, hue) => Object.assign(avatar, { hue }) },
  };
  paint(avatar, id);
  return avatar;
}

const faceOf = ({ hue, dataset: { shape } }) => `${hue} ${shape}`;

test("a face follows from the id, and ids that are near differ", () => {
  assert.equal(faceOf(drawn("7")), faceOf(drawn("7")));
  const faces = new Set(IDS.map((id) => faceOf(drawn(id))));
  assert.ok(faces.size > 24, `${faces.size}`);
});

test("of people who are here together none looks like another, in whichever order they came", () => {
  const ids = IDS.slice(0, 8);
  const avatars = ids.map(drawn);
  tellApart(ids, () => avatars);
  const faces = avatars.map(faceOf);
  assert.equal(new Set(faces).size, ids.length);
  tellApart(ids.toReversed(), () => avatars);
  assert.deepEqual(
    ids.map((id) => faceOf(drawn(id))),
    faces,
  );
});

test("who gave way has the own face again when they are alone", () => {
  const own = IDS.map((id) => faceOf(drawn(id)));
  const avatars = IDS.map(drawn);
  tellApart(IDS, () => avatars);
  assert.notDeepEqual(avatars.map(faceOf), own);
  tellApart([], () => avatars);
  assert.deepEqual(avatars.map(faceOf), own);
});
