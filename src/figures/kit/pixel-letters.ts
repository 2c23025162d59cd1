/** Letters of 3 x 5 dots, a digit of 0 to 7 for each row from the top: its bits are the dots from left to right. */
const glyphs: Readonly<Record<string, string>> = {
  "0": "75557",
  "1": "26227",
  "2": "71747",
  "3": "71717",
  "4": "55711",
  "5": "74717",
  "6": "74757",
  "7": "71111",
  "8": "75757",
  "9": "75717",
  a: "25755",
  b: "65656",
  c: "34443",
  d: "65556",
  e: "74647",
  f: "74644",
  g: "34553",
  h: "55755",
  i: "72227",
  j: "11152",
  k: "55655",
  l: "44447",
  m: "57755",
  n: "65555",
  o: "25552",
  p: "65644",
  q: "25563",
  r: "65655",
  s: "34216",
  t: "72222",
  u: "55557",
  v: "55552",
  w: "55775",
  x: "55255",
  y: "55222",
  z: "71247",
  "/": "11244",
  "-": "00700",
  _: "00007",
  ".": "00002",
  ":": "02020",
};
const unknown = "77777";

/** Dots that a text takes across, with one between letters, and down. */
export function letterDots(text: string): { across: number; down: number } {
  return { across: Math.max(0, 4 * [...text].length - 1), down: 5 };
}

/**
 * The dots of a text in capital letters, for pictures that are made without fonts: calls `dot` with the place of each.
 * Letters and digits of English names have a shape, others are a block.
 */
export function drawLetters(text: string, dot: (x: number, y: number) => void): void {
  [...text.toLowerCase()].forEach((letter, place) => {
    if (letter === " ") return;
    [...(glyphs[letter] ?? unknown)].forEach((row, y) => {
      for (let x = 0; x < 3; x++) if (Number(row) & (4 >> x)) dot(4 * place + x, y);
    });
  });
}
