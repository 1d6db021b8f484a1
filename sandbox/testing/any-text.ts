import * as fc from "fast-check";

/** Text of any characters that UTF-8 can carry: all but lone surrogates. */
export function anyText(): fc.Arbitrary<string> {
  const below = fc.integer({ min: 0, max: 0xd7ff });
  const above = fc.integer({ min: 0xe000, max: 0x10ffff });
  const unit = fc.oneof(fc.integer({ min: 0, max: 0x7f }), below, above);
  return fc.array(unit, { maxLength: 20 }).map((codes) => String.fromCodePoint(...codes));
}
