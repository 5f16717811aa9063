import type { ReactNode } from "react";
import classes from "./Developer.module.css";

const WORDS =
  "import|from|with|as|open|print|const|await|async|new|method|true|false|null|True|False|None|curl|sed|Invoke-RestMethod|Get-Item";
/** Comments, texts, variables, words and numbers: as much as the samples have. */
const PARTS = new RegExp(
  [
    "(?<comment>(?<=^|\\s)#[^\\n{]*$)",
    "(?<text>@'\\n[\\s\\S]*?\\n'@|\"(?:[^\"\\\\\\n]|\\\\.)*\"|'[^']*'|`[^`\\n]*`)",
    "(?<option>(?<=\\s)--?[A-Za-z][\\w-]*)",
    `(?<word>\\b(?:${WORDS})\\b)`,
    "(?<number>(?<![\\w.%])\\d+(?:\\.\\d+)?\\b)",
  ].join("|"),
  "gm",
);

/** Gives the parts of a sample their colours. */
export function highlighted(code: string): ReactNode[] {
  const shown: ReactNode[] = [];
  let end = 0;
  for (const found of code.matchAll(PARTS)) {
    const [kind] = Object.entries(found.groups ?? {}).find(([, text]) => text !== undefined) ?? [];
    shown.push(code.slice(end, found.index));
    shown.push(
      <span key={found.index} className={classes[kind ?? ""]}>
        {found[0]}
      </span>,
    );
    end = found.index + found[0].length;
  }
  return [...shown, code.slice(end)];
}
