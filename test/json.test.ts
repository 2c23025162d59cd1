import { expect, it } from "vitest";
import { parseJson } from "../src/json.js";
import { fc } from "./helpers/properties.js";

it("is read as JSON.parse does, but for names that stand twice in one object", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text));
    }),
  );
  expect(parseJson('{"a": {"a": "\\"a\\": 1"}, "b": [{"a": 1}, {"a": "{"}], "\\u0061a" : 1}')).toHaveProperty("aa", 1);
  for (const [text, name] of [
    ['{"a": 1, "a": 1}', "a"],
    ['{"x": [{"b": {}, "c": "}", "b" \n: 2}]}', "b"],
    ['{"\\u0061": 1, "a": 1}', "a"],
    ['{"\\\\": 1, "\\\\": 1}', "\\\\"],
    ['{"": 1, "": 1}', ""],
  ]) {
    expect(() => parseJson(text)).toThrow(`the name "${name}" stands twice in one object`);
  }
  expect(() => parseJson("{")).toThrow(SyntaxError);
});
