/** Tables as text, the way spreadsheets copy and paste them. */
import type { Task } from "@/api/types";
import { kindOf } from "@/fields";
import type { Column } from "./columns";

const SOUGHT = /["\t\r\n]/;
/** How much is read before the page gets to breathe. */
const PIECE = 400_000;

export function spelt(tasks: readonly Task[], columns: readonly Column[]): string {
  return tasks
    .map((task) =>
      columns.map((column) => quoted(kindOf(column.field).text(task[column.title]))).join("\t"),
    )
    .join("\n");
}

function quoted(text: string): string {
  return SOUGHT.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/**
 * Reads what a spreadsheet copied: cells between tabs, rows between line ends, and quotes around
 * cells that have any of these in them. Yields to the page while it reads.
 */
export async function readTable(text: string, signal?: AbortSignal): Promise<string[][]> {
  const rows: string[][] = [];
  let row: string[] = [];
  let at = 0;
  let rest = PIECE;
  while (at <= text.length) {
    const cell = cellAt(text, at);
    row.push(cell.text);
    const end = text[cell.end];
    if (end !== "\t") {
      rows.push(row);
      row = [];
    }
    rest -= cell.end - at + 1;
    at = cell.end + (end === "\r" && text[cell.end + 1] === "\n" ? 2 : 1);
    if (rest < 0) {
      rest = PIECE;
      await breathe();
      signal?.throwIfAborted();
    }
    if (end === undefined) {
      break;
    }
    if (at >= text.length && end !== "\t") {
      break;
    }
  }
  return rows;
}

const END = /[\t\r\n]/g;

function cellAt(text: string, at: number): { text: string; end: number } {
  if (text[at] === '"') {
    const quote = closing(text, at + 1);
    const after = text[quote + 1];
    if (quote > 0 && (after === undefined || /[\t\r\n]/.test(after))) {
      return { text: text.slice(at + 1, quote).replaceAll('""', '"'), end: quote + 1 };
    }
  }
  END.lastIndex = at;
  const end = END.exec(text)?.index ?? text.length;
  return { text: text.slice(at, end), end };
}

/** Where the quoted cell that begins here ends; -1 where it does not. */
function closing(text: string, from: number): number {
  let at = text.indexOf('"', from);
  while (at >= 0 && text[at + 1] === '"') {
    at = text.indexOf('"', at + 2);
  }
  return at;
}

export function breathe(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve);
  });
}
