/** A short run of the forms' fuzzer; `npm run fuzz -- --target forms` makes long ones. */
import { expect, test } from "vitest";
import { cutInvariant, fuzzForms, readBody } from "../../fuzz/forms.ts";

test("no random body is read in two ways", async () => {
  const seed = Date.now() | 0;
  const { bodies, read, refused, failure } = await fuzzForms({ milliseconds: 4000, seed });
  expect(failure, `seed ${seed}`).toBeUndefined();
  // The bodies reach both sides.
  expect(bodies).toBeGreaterThan(200);
  expect(read).toBeGreaterThan(bodies / 20);
  expect(refused).toBeGreaterThan(bodies / 20);
});

test("the property holds of bodies that are refused, incomplete or empty, and sees what is in them", async () => {
  const whole = "---b-\r\nContent-Disposition: form-data; name=a\r\n\r\nv\r\n---b---";
  expect(await cutInvariant(Buffer.from(whole), [5000])).toBe(true);
  for (const text of ["", "---b-", whole.slice(0, -1), whole.replace("name=a", "name"), "\0"]) {
    expect(await cutInvariant(Buffer.from(text), [2000, 5000])).toBe(false);
  }
  expect(await readBody([Buffer.from(whole)])).toEqual({
    parts: [{ field: "a", fileName: null, type: "text/plain", content: "v" }],
  });
});
