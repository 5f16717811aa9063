import { type Access, addressOf, ascii, bodyText, type Call, mediaOf, type Upload } from "../call";

/** A text in which nothing means anything; PowerShell takes curly quotes for straight ones. */
function word(text: string): string {
  return `'${text.replace(/['\u2018\u2019\u201a\u201b]/g, "$&$&")}'`;
}

/** For PowerShell 7, and but for files also for Windows PowerShell 5.1. */
export function powershell(call: Call, access: Access, upload?: Upload): string {
  const { body } = call;
  const options = [
    `-Method ${call.method}`,
    `-Uri ${word(access.server + addressOf(call))}`,
    "-Headers $headers",
    ...(body ? [`-ContentType ${word(mediaOf(body))}`, "-Body $body"] : []),
  ];
  return [
    `$headers = @{ Authorization = ${bearer(access)} }`,
    ...(upload ? uploading(access, upload) : []),
    ...(body ? [`$body = @'`, ascii(bodyText(body)).trimEnd(), here(upload)] : []),
    `Invoke-RestMethod ${options.join(" `\n  ")}`,
    "",
  ].join("\n");
}

function here(upload: Upload | undefined): string {
  return upload ? `'@.Replace(${word(upload.marker)}, $stored.blobId)` : "'@";
}

function bearer({ key }: Access): string {
  return key === null ? '"Bearer $env:TASKLOOM_KEY"' : word(`Bearer ${key}`);
}

function uploading(access: Access, { filename }: Upload): string[] {
  return [
    `$form = @{ file = Get-Item ${word(filename)} }`,
    `$stored = Invoke-RestMethod -Method POST -Uri ${word(`${access.server}/api/v1/files`)} \``,
    "  -Headers $headers -Form $form",
  ];
}
