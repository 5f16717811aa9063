/** A call of the API as samples spell it and as the page itself sends it. */

/** What is sent: one JSON value, or one a line. */
export type Body = { json: unknown } | { lines: unknown[] };

export interface Call {
  method: "GET" | "POST" | "PUT" | "DELETE";
  /** Percent-encoded, from the root of the server. */
  path: string;
  /** Not encoded. */
  query: [string, string][];
  body: Body | null;
}

/** A call that is about a file, which is uploaded before. */
export interface Upload {
  filename: string;
  /** Stands in the body of the call, and nowhere else in it, for the id that the upload answers. */
  marker: string;
}

/** How samples reach the server; without a key they read it from the environment. */
export interface Access {
  server: string;
  key: string | null;
}

/** Characters that a terminal or an editor would not show, or would take for a command. */
const UNSEEN =
  /[\u007f-\u00a0\u00ad\u061c\u200b-\u200f\u2028-\u202f\u2060-\u206f\ufeff\ufff0-\uffff]/g;
const NOT_ASCII = /[^ -~\n]/g;

/** Encodes a part of a path or a query so that no shell and no client reads anything into it. */
export function percent(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

export function addressOf(call: Call): string {
  const query = call.query.map(([name, value]) => `${percent(name)}=${percent(value)}`).join("&");
  return query ? `${call.path}?${query}` : call.path;
}

/** The text of a body as it is sent; every row of lines ends its line. */
export function bodyText(body: Body): string {
  return "json" in body ? jsonText(body.json) : body.lines.map((row) => `${line(row)}\n`).join("");
}

export function mediaOf(body: Body): string {
  return "json" in body ? "application/json" : "application/x-ndjson";
}

/** A value as JSON on several lines; what could not be seen is escaped. */
export function jsonText(value: unknown): string {
  return seen(JSON.stringify(value, null, 2));
}

function line(value: unknown): string {
  return seen(JSON.stringify(value));
}

/** Escapes within JSON what could not be seen. */
export function seen(json: string): string {
  return json.replace(UNSEEN, escaped);
}

/** JSON that says the same in letters that no code page turns into others. */
export function ascii(json: string): string {
  return json.replace(NOT_ASCII, escaped);
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}

/** A word that a text does not hold yet. */
export function unusedIn(text: string, word = "BLOB_ID"): string {
  return text.includes(word) ? unusedIn(text, `${word}_`) : word;
}
