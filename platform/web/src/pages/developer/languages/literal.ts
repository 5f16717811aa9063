/** JSON values as literals of programming languages. */
import { seen } from "../call";

export interface Words {
  truth: string;
  untruth: string;
  nothing: string;
  /** Spells the name of a member. */
  name: (quoted: string) => string;
  indent: string;
}

/** A name of a variable that stands in the place of a text. */
export type Variables = Readonly<Record<string, string>>;

export function quoted(text: string): string {
  return seen(JSON.stringify(text));
}

/** Writes a value as a literal; a text among the variables becomes a variable. */
export function literal(value: unknown, words: Words, variables: Variables, depth = 0): string {
  if (typeof value === "string") {
    return Object.hasOwn(variables, value) ? (variables[value] ?? "") : quoted(value);
  }
  if (typeof value === "boolean") {
    return value ? words.truth : words.untruth;
  }
  if (value === null || value === undefined) {
    return words.nothing;
  }
  if (typeof value !== "object") {
    return String(value);
  }
  const inner = words.indent.repeat(depth + 1);
  const parts = Array.isArray(value)
    ? value.map((item) => literal(item, words, variables, depth + 1))
    : Object.entries(value).map(
        ([name, item]) =>
          `${words.name(quoted(name))}: ${literal(item, words, variables, depth + 1)}`,
      );
  const [open, close] = Array.isArray(value) ? "[]" : "{}";
  const lines = parts.map((part) => `${inner}${part},\n`).join("");
  return lines ? `${open}\n${lines}${words.indent.repeat(depth)}${close}` : `${open}${close}`;
}
