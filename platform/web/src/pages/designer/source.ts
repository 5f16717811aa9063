/** The text of a workflow file: read with the place of every part, and written as people write it. */
import { parseExact } from "@/api/exact";
import type { WorkflowFile } from "@/api/types";

export type Path = readonly (string | number)[];

/** Where something stands in a text, by characters. */
export interface Place {
  from: number;
  to: number;
}

export interface Broken {
  /** Where the text stops being JSON. */
  at: number;
  line: number;
  column: number;
  /** What is wrong there, as a sentence's key. */
  wanted: "value" | "name" | "colon" | "comma" | "end" | "text" | "object";
}

export interface Parsed {
  file: WorkflowFile | null;
  broken: Broken | null;
  /** Of every part, by its path as JSON. */
  places: ReadonlyMap<string, Place>;
}

class Stop extends Error {
  constructor(
    readonly at: number,
    readonly wanted: Broken["wanted"],
  ) {
    super(wanted);
  }
}

const BLANK = /[ \t\r\n]*/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON has none in its texts
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const PLAIN = /(?:true|false|null|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?)(?![\w.])/y;

class Scanner {
  readonly places = new Map<string, Place>();
  private at = 0;

  constructor(private readonly text: string) {}

  whole(): void {
    this.value([]);
    if (this.at < this.text.length) {
      throw new Stop(this.at, "end");
    }
  }

  private value(path: Path): void {
    this.take(BLANK);
    const from = this.at;
    const first = this.text[from];
    if (first === "{") {
      this.members(path);
    } else if (first === "[") {
      this.items(path);
    } else if (!this.take(first === '"' ? TEXT : PLAIN)) {
      throw new Stop(from, first === '"' ? "text" : "value");
    }
    this.places.set(JSON.stringify(path), { from, to: this.at });
    this.take(BLANK);
  }

  private members(path: Path): void {
    this.each("}", () => {
      const from = this.at;
      const name = this.take(TEXT);
      if (!name) {
        throw new Stop(from, "name");
      }
      this.take(BLANK);
      if (this.text[this.at] !== ":") {
        throw new Stop(this.at, "colon");
      }
      this.at += 1;
      this.value([...path, JSON.parse(name) as string]);
    });
  }

  private items(path: Path): void {
    let index = 0;
    this.each("]", () => {
      this.value([...path, index]);
      index += 1;
    });
  }

  private each(end: string, one: () => void): void {
    this.at += 1;
    this.take(BLANK);
    if (this.text[this.at] === end) {
      this.at += 1;
      return;
    }
    for (;;) {
      this.take(BLANK);
      one();
      const next = this.text[this.at];
      if (next !== end && next !== ",") {
        throw new Stop(this.at, "comma");
      }
      this.at += 1;
      if (next === end) {
        return;
      }
    }
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const [found] = pattern.exec(this.text) ?? [];
    this.at += found?.length ?? 0;
    return found;
  }
}

/** Reads a workflow file; what is no JSON object is told with its place. */
export function parsed(text: string): Parsed {
  const scanner = new Scanner(text);
  try {
    scanner.whole();
    const file = parseExact(text);
    if (!isRecord(file)) {
      throw new Stop(0, "object");
    }
    return { file, broken: null, places: scanner.places };
  } catch (failure) {
    if (!(failure instanceof Stop)) {
      throw failure;
    }
    const { at, wanted } = failure;
    return { file: null, broken: { at, wanted, ...spot(text, at) }, places: scanner.places };
  }
}

function spot(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}

/** The line, from 1, on which a part stands, or the nearest part around it. */
export function lineOf(text: string, places: ReadonlyMap<string, Place>, path: Path): number {
  return spot(text, placeOf(places, path)?.from ?? 0).line;
}

export function placeOf(places: ReadonlyMap<string, Place>, path: Path): Place | undefined {
  for (let length = path.length; length >= 0; length--) {
    const found = places.get(JSON.stringify(path.slice(0, length)));
    if (found) {
      return found;
    }
  }
  return undefined;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A file that a program wrote in one line, as people write it; any other is left alone. */
export function readable(text: string): string {
  const { file } = parsed(text);
  return file === null || text.trim().includes("\n") ? text : written(file);
}

const WIDEST = 96;

/** Writes a file: short parts on one line, others indented. */
export function written(value: unknown): string {
  return `${laid(value, "", 0)}\n`;
}

function laid(value: unknown, indent: string, before: number): string {
  const short = line(value);
  const atom = !Array.isArray(value) && (!isRecord(value) || "rawJSON" in value);
  const fits = indent.length + before + short.length < WIDEST;
  if (atom || (fits && indent !== "" && !short.includes("}, {"))) {
    return short;
  }
  const deeper = `${indent}  `;
  if (Array.isArray(value)) {
    const items = value.map((item) => deeper + laid(item, deeper, 1));
    return items.length > 0 ? `[\n${items.join(",\n")}\n${indent}]` : "[]";
  }
  const members = Object.entries(value as object)
    .filter(([, part]) => part !== undefined)
    .map(([name, part]) => {
      const head = `${JSON.stringify(name)}: `;
      return deeper + head + laid(part, deeper, head.length + 1);
    });
  return members.length > 0 ? `{\n${members.join(",\n")}\n${indent}}` : "{}";
}

function line(value: unknown): string {
  if (Array.isArray(value)) {
    return `[${value.map(line).join(", ")}]`;
  }
  if (isRecord(value) && !("rawJSON" in value)) {
    const members = Object.entries(value).filter(([, part]) => part !== undefined);
    return `{${members.map(([name, part]) => `${JSON.stringify(name)}: ${line(part)}`).join(", ")}}`;
  }
  return JSON.stringify(value) ?? "null";
}

export function valueAt(value: unknown, path: Path): unknown {
  return path.reduce<unknown>(
    (part, name) =>
      Array.isArray(part) ? part[Number(name)] : isRecord(part) ? part[name] : undefined,
    value,
  );
}
