import type { Access, Call, Upload } from "../call";
import { literal, quoted, type Words } from "./literal";

const WORDS: Words = {
  truth: "True",
  untruth: "False",
  nothing: "None",
  name: (name) => name,
  indent: "    ",
};

/** For the library requests, which everybody has or gets with `pip install requests`. */
export function python(call: Call, access: Access, upload?: Upload): string {
  const { body } = call;
  const lines = body && "lines" in body;
  const imports = [
    ...(lines ? ["import json"] : []),
    ...(access.key === null ? ["import os"] : []),
  ];
  const parts = [
    quoted(access.server + call.path),
    `headers=headers${lines ? ' | {"Content-Type": "application/x-ndjson"}' : ""}`,
    ...(call.query.length > 0 ? [`params=${inner(Object.fromEntries(call.query))}`] : []),
    ...(body && "json" in body ? [`json=${inner(body.json, upload)}`] : []),
    ...(lines ? ['data="\\n".join(map(json.dumps, rows))'] : []),
    "timeout=30",
  ];
  return [
    ...imports,
    ...(imports.length > 0 ? [""] : []),
    "import requests  # pip install requests",
    "",
    `headers = {"Authorization": ${bearer(access)}}`,
    ...(lines ? [`rows = ${literal(body.lines, WORDS, {})}`] : []),
    ...(upload ? uploading(access, upload) : []),
    `answer = requests.${call.method.toLowerCase()}(`,
    ...parts.map((part) => `    ${part},`),
    ")",
    "print(answer.status_code, answer.text)",
    "",
  ].join("\n");
}

function inner(value: unknown, upload?: Upload): string {
  return literal(value, WORDS, upload ? { [upload.marker]: "blob" } : {}, 1);
}

function bearer({ key }: Access): string {
  return key === null ? "f\"Bearer {os.environ['TASKLOOM_KEY']}\"" : quoted(`Bearer ${key}`);
}

function uploading(access: Access, { filename }: Upload): string[] {
  return [
    `with open(${quoted(filename)}, "rb") as file:`,
    "    stored = requests.post(",
    `        ${quoted(`${access.server}/api/v1/files`)}, headers=headers, files={"file": file}, timeout=60`,
    "    )",
    'blob = stored.json()["blobId"]',
  ];
}
