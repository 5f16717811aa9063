/** The refused rows of an import as a grid of texts, and that grid as a file again. */
import { readCsv, writeCsv } from "./csv";
import { type ImportJob, partOf } from "./queries";

const LINE = "_line";
const ERRORS = "_errors";

export interface Refused {
  /** Where it stood in the file; it tells the rows of a grid apart. */
  line: string;
  /** Why it was refused, as the import said. */
  errors: string;
  cells: string[];
  /** Of a JSON file the row as it came: what is not edited goes back as it was. */
  whole?: Record<string, unknown>;
}

export interface Grid {
  columns: string[];
  rows: Refused[];
}

const LARGEST_BYTES = 4 * 1024 * 1024;

/** Reads the refused rows, as many as can be edited at once. */
export async function gridOf(workflow: string, job: ImportJob, tabular: boolean): Promise<Grid> {
  const text = await beginning(await partOf(workflow, job.id, "rejects"));
  return tabular ? gridOfCsv(text) : gridOfLines(text);
}

async function beginning(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  const decoder = new TextDecoder();
  let text = "";
  let size = 0;
  for (;;) {
    const read = await reader?.read();
    if (!read?.value) {
      return text + decoder.decode();
    }
    size += read.value.length;
    text += decoder.decode(read.value, { stream: true });
    if (size > LARGEST_BYTES) {
      await reader?.cancel();
      return text.slice(0, text.lastIndexOf("\n") + 1);
    }
  }
}

function gridOfCsv(text: string): Grid {
  const [head = [], ...rows] = readCsv(text);
  const columns = head.slice(2);
  return {
    columns,
    rows: rows.map(([line = "", errors = "", ...cells]) => ({
      line,
      errors,
      cells: columns.map((_, place) => cells[place] ?? ""),
    })),
  };
}

function gridOfLines(text: string): Grid {
  const whole = text
    .split("\n")
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  const columns = [...new Set(whole.flatMap((row) => Object.keys(row)))].filter(
    (name) => name !== LINE && name !== ERRORS,
  );
  const rows = whole.map((row) => ({
    line: String(row[LINE]),
    errors: (Array.isArray(row[ERRORS]) ? row[ERRORS] : []).join("; "),
    cells: columns.map((name) => shown(row[name])),
    whole: row,
  }));
  return { columns, rows };
}

function shown(value: unknown): string {
  return value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);
}

/** The rows as a file that is imported like the one they come from. */
export function fileOf(grid: Grid, rows: readonly Refused[], name: string): File {
  const table = rows.every((row) => row.whole === undefined);
  const text = table
    ? writeCsv([grid.columns, ...rows.map((row) => row.cells)])
    : rows.map((row) => `${JSON.stringify(objectOf(grid, row))}\n`).join("");
  const stem = name.replace(/\.(csv|tsv|txt|xls[xm]|json|ndjson|jsonl)$/i, "");
  return new File([text], `${stem}.${table ? "csv" : "ndjson"}`);
}

function objectOf(grid: Grid, row: Refused): Record<string, unknown> {
  const made: Record<string, unknown> = {};
  grid.columns.forEach((name, place) => {
    const cell = row.cells[place] ?? "";
    const before = row.whole?.[name];
    if (cell === shown(before)) {
      if (before !== undefined) {
        made[name] = before;
      }
    } else {
      made[name] = typeof before === "string" ? cell : meant(cell);
    }
  });
  return made;
}

function meant(cell: string): unknown {
  try {
    return JSON.parse(cell);
  } catch {
    return cell === "" ? null : cell;
  }
}

/** The lines in a file of `fileOf` on which its rows begin. */
export function linesOf(grid: Grid, rows: readonly Refused[]): number[] {
  const table = rows.every((row) => row.whole === undefined);
  let line = table ? 1 + breaks([grid.columns]) : 1;
  return rows.map((row) => {
    const own = line;
    line += table ? breaks([row.cells]) : 1;
    return own;
  });
}

function breaks(rows: readonly (readonly string[])[]): number {
  return writeCsv(rows).split("\n").length - 1;
}
