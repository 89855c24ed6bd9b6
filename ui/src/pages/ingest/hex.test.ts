import { expect, it } from "vitest";

import { dump } from "./hex";

it("dumps as `hexdump -C` does", () => {
  // printf 'kaname\0pivot of a fan' | hexdump -C, with 0x10 added to the offsets
  const hex = "6b616e616d65007069766f74206f6620612066616e";
  expect(dump(hex, 16)).toBe(
    "00000010  6b 61 6e 61 6d 65 00 70  69 76 6f 74 20 6f 66 20  |kaname.pivot of |\n" +
      "00000020  61 20 66 61 6e                                    |a fan|",
  );
  expect(dump("", 0)).toBe("");
});
