import { type Access, addressOf, type Call, mediaOf, type Upload } from "../call";
import { literal, quoted, type Words } from "./literal";

const WORDS: Words = {
  truth: "true",
  untruth: "false",
  nothing: "null",
  // In a literal this name would set what the object inherits.
  name: (name) => (name === '"__proto__"' ? `[${name}]` : name),
  indent: "  ",
};

/** For Node 18 or newer; a browser has `fetch` too, and should have no key. */
export function javascript(call: Call, access: Access, upload?: Upload): string {
  const { body } = call;
  const options = [
    ...(call.method === "GET" ? [] : [`method: "${call.method}"`]),
    `headers: ${body ? `{ ...headers, "Content-Type": "${mediaOf(body)}" }` : "headers"}`,
    ...(body && "json" in body ? [`body: JSON.stringify(${inner(body.json, upload)})`] : []),
    ...(body && "lines" in body
      ? ['body: rows.map((row) => JSON.stringify(row)).join("\\n")']
      : []),
  ];
  return [
    `const headers = { Authorization: ${bearer(access)} };`,
    ...(body && "lines" in body ? [`const rows = ${literal(body.lines, WORDS, {})};`] : []),
    ...(upload ? uploading(access, upload) : []),
    `const answer = await fetch(${quoted(access.server + addressOf(call))}, {`,
    ...options.map((option) => `  ${option},`),
    "});",
    "console.log(answer.status, await answer.text());",
    "",
  ].join("\n");
}

function inner(value: unknown, upload?: Upload): string {
  return literal(value, WORDS, upload ? { [upload.marker]: "stored.blobId" } : {}, 1);
}

function bearer({ key }: Access): string {
  return key === null ? `\`Bearer \${process.env.TASKLOOM_KEY}\`` : quoted(`Bearer ${key}`);
}

function uploading(access: Access, { filename }: Upload): string[] {
  return [
    'const { readFile } = await import("node:fs/promises");',
    "const form = new FormData();",
    `form.append("file", new Blob([await readFile(${quoted(filename)})]), ${quoted(filename)});`,
    `const uploaded = await fetch(${quoted(`${access.server}/api/v1/files`)}, {`,
    '  method: "POST",',
    "  headers,",
    "  body: form,",
    "});",
    "const stored = await uploaded.json();",
  ];
}
