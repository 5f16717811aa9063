/** JSON whose numbers stay what they are: 0.10000000000000000001 comes back as it came. */

interface RawNumber {
  rawJSON: string;
}

interface ExactJson {
  parse(
    text: string,
    reviver: (key: string, value: unknown, context?: { source?: string }) => unknown,
  ): unknown;
  rawJSON?(text: string): RawNumber;
}

const json = JSON as unknown as ExactJson;
/** Only such a text can hold a number that a double does not. */
const SUSPICIOUS = /[\d.]{16,}|\d[eE][+-]?\d/;

export function parseExact(text: string): unknown {
  if (!json.rawJSON || !SUSPICIOUS.test(text)) {
    return JSON.parse(text);
  }
  const raw = json.rawJSON;
  return json.parse(text, (_key, value, context) => {
    const source = context?.source;
    return typeof value === "number" && source && String(value) !== source ? raw(source) : value;
  });
}
