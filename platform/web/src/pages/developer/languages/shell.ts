import { type Access, addressOf, bodyText, type Call, mediaOf, type Upload } from "../call";

/** A word of the shell in which nothing means anything. */
function word(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

function bearer({ key }: Access): string {
  return key === null
    ? '"Authorization: Bearer $TASKLOOM_KEY"'
    : word(`Authorization: Bearer ${key}`);
}

export function shell(call: Call, access: Access, upload?: Upload): string {
  const marked = upload ? call.body && bodyText(call.body) : null;
  const data = call.body ? word(bodyText(call.body)) : "";
  const body = upload && marked ? marked.split(upload.marker).map(word).join('"$blob"') : data;
  const lines = [
    `curl -sS${call.method === "GET" ? "" : ` -X ${call.method}`} ${word(access.server + addressOf(call))}`,
    `-H ${bearer(access)}`,
    ...(call.body ? [`-H ${word(`Content-Type: ${mediaOf(call.body)}`)}`] : []),
    ...(call.body ? [`--data-binary ${body}`] : []),
    ...(call.method === "DELETE" ? ["-w '%{http_code}\\n'"] : []),
  ];
  const command = lines.join(" \\\n  ");
  return upload ? `${uploading(access, upload)}\n\n${command}\n` : `${command}\n`;
}

function uploading(access: Access, { filename }: Upload): string {
  const lines = [
    `blob=$(curl -sS ${word(`${access.server}/api/v1/files`)}`,
    `-H ${bearer(access)}`,
    `-F ${word(`file=@${filename}`)} |`,
    `sed -n 's/.*"blobId":"\\([^"]*\\)".*/\\1/p')`,
  ];
  return lines.join(" \\\n  ").replace("| \\\n", "|\n");
}
