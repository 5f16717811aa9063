/** Sentences in the language of the reader; there is English so far. */
import type { En } from "./en";
import { early } from "./en";

export type Key = keyof En;
type Values = Record<string, string | number>;
/** A sentence, or one for each plural form of `{count}`. */
type Sentence = string | { one: string; other: string };
export type Catalogue = Readonly<Record<string, Sentence>>;

const LANGUAGE = "en";
const plural = new Intl.PluralRules(LANGUAGE);
const spelt = new Intl.NumberFormat(LANGUAGE);
const known = new Map<string, Sentence>(Object.entries(early));

/** Makes the sentences of a page known; the router does so before it shows the page. */
export function learn(catalogue: Catalogue): void {
  for (const [key, sentence] of Object.entries(catalogue)) {
    known.set(key, sentence);
  }
}

/** Says a sentence of the catalogue, `{name}` filled in. */
export function t(key: Key, values: Values = {}): string {
  const said = known.get(key) ?? key;
  const sentence =
    typeof said === "string"
      ? said
      : said[plural.select(Number(values.count)) === "one" ? "one" : "other"];
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => {
    const value = values[name];
    return value === undefined ? whole : typeof value === "number" ? spelt.format(value) : value;
  });
}

/** A whole number with its thousands apart. */
export function count(value: number): string {
  return spelt.format(value);
}
