/** JSON on several lines, every number and every text as it came. */

const TOKEN = /"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/g;

export function pretty(text: string): string {
  try {
    JSON.parse(text);
  } catch {
    return text;
  }
  const tokens = text.match(TOKEN) ?? [];
  let depth = 0;
  let written = "";
  tokens.forEach((token, place) => {
    const next = tokens[place + 1];
    if (token === "{" || token === "[") {
      const empty = next === "}" || next === "]";
      depth += 1;
      written += empty ? token : `${token}\n${"  ".repeat(depth)}`;
    } else if (token === "}" || token === "]") {
      depth -= 1;
      const before = tokens[place - 1];
      const empty = before === "{" || before === "[";
      written += empty ? token : `\n${"  ".repeat(depth)}${token}`;
    } else if (token === ",") {
      written += `,\n${"  ".repeat(depth)}`;
    } else {
      written += token === ":" ? ": " : token;
    }
  });
  return written;
}
