/** Colours for stages, options and people: readable on light and on dark. */

const NAMES: Record<string, string> = {
  grey: "#8a8378",
  gray: "#8a8378",
  red: "#d64545",
  orange: "#e07b24",
  yellow: "#c99a06",
  green: "#2f9e5b",
  teal: "#158278",
  cyan: "#1590a8",
  blue: "#2f74d0",
  indigo: "#4f5fd0",
  violet: "#7c55cc",
  purple: "#9247b8",
  pink: "#cc4a8c",
  brown: "#8d6648",
  black: "#3c3833",
  white: "#c5bfb6",
};

const HUES = [
  "teal",
  "blue",
  "violet",
  "orange",
  "pink",
  "green",
  "cyan",
  "indigo",
  "brown",
  "red",
];

/** A colour that always is the same for the same text. */
export function hueOf(text: string): string {
  let sum = 7;
  for (let at = 0; at < text.length; at++) {
    sum = (sum * 31 + text.charCodeAt(at)) >>> 0;
  }
  // The last letters of a text would decide alone.
  const mixed = Math.imul(sum ^ (sum >>> 15), 0x2c1b3c6d) >>> 16;
  return colourOf(HUES[mixed % HUES.length]) ?? "#8a8378";
}

/** The colour that a workflow file names, such as `green` or `#2f80ed`. */
export function colourOf(said: string | undefined): string | null {
  if (!said) {
    return null;
  }
  return NAMES[said.toLowerCase()] ?? (/^#[0-9a-f]{3,8}$/i.test(said) ? said : null);
}

/** Colour of an option or a stage that names none, by its place in the list. */
export function colourAt(place: number): string {
  return colourOf(HUES[Math.max(place, 0) % HUES.length]) ?? "#8a8378";
}
