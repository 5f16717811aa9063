/** What a pasted block means for the tasks and columns it falls on. */
import type { Field, Member, Task, Workflow } from "@/api/types";
import { isDay, meantDay, momentOf } from "@/fields/calendar";
import type { Plan } from "./bulk";
import type { Column } from "./columns";
import { isFixed, isStage } from "./kinds";
import type { Block } from "./place";
import { breathe } from "./tsv";

const PIECE = 5000;

export interface Pasted {
  plan: Plan;
  columns: readonly Column[];
  /** Titles of columns that cannot be written. */
  fixed: string[];
  /** Columns and rows of the text beyond the table. */
  wide: number;
  long: number;
  rows: number;
}

export interface Falling {
  workflow: Workflow;
  members: readonly Member[];
  columns: readonly Column[];
  /** Tasks from the first row of the block on. */
  tasks: readonly Task[];
  block: Block;
}

/** How many rows and columns a text fills: one cell fills all that are marked. */
export function sizeOf(table: readonly string[][], block: Block): { rows: number; cols: number } {
  const rows = table.length;
  const cols = Math.max(...table.slice(0, PIECE).map((row) => row.length), 1);
  const marked = { rows: block.bottom - block.top + 1, cols: block.right - block.left + 1 };
  return {
    rows: marked.rows % rows === 0 ? marked.rows : rows,
    cols: marked.cols % cols === 0 ? marked.cols : cols,
  };
}

export async function planned(table: readonly string[][], falling: Falling): Promise<Pasted> {
  const { workflow, columns, tasks, block } = falling;
  const { rows, cols } = sizeOf(table, block);
  const met = columns.slice(block.left, block.left + cols);
  const fixed = met.filter(({ field }) => isFixed(workflow, field));
  const readers = met.map((column) =>
    fixed.includes(column) ? null : { title: column.title, read: reader(column.field, falling) },
  );
  const width = Math.max(...table.slice(0, PIECE).map((row) => row.length), 1);
  const items: Plan["items"][number][] = [];
  for (let at = 0; at < Math.min(rows, tasks.length); at += 1) {
    const task = tasks[at];
    const cells = table[at % table.length] ?? [];
    const values: Record<string, unknown> = {};
    for (const [place, one] of readers.entries()) {
      const text = cells[place % width];
      if (one && text !== undefined) {
        values[one.title] = one.read(text);
      }
    }
    if (task && Object.keys(values).length > 0) {
      items.push({ task, values });
    }
    if (at % PIECE === PIECE - 1) {
      await breathe();
    }
  }
  return {
    plan: { kind: "change", items },
    columns: met.filter((column) => !fixed.includes(column)),
    fixed: fixed.map((column) => column.title),
    wide: cols - met.length,
    long: Math.max(rows - tasks.length, 0),
    rows,
  };
}

type Read = (text: string) => unknown;

/** Reads cells of a column. What it cannot read it hands on: the server says what is wrong. */
function reader(field: Field, { workflow, members }: Falling): Read {
  const read = ofKind(field, workflow, members);
  return (text) => (text.trim() === "" ? emptyOf(field) : read(text));
}

function emptyOf(field: Field): unknown {
  return LISTS.has(field.type) ? [] : null;
}

const LISTS = new Set<Field["type"]>([
  "multipleSelect",
  "textList",
  "personList",
  "file",
  "checklist",
  "approvalSteps",
  "link",
]);
const YES = new Set(["true", "yes", "y", "x", "1", "✓"]);
const NO = new Set(["false", "no", "n", "0"]);

function ofKind(field: Field, workflow: Workflow, members: readonly Member[]): Read {
  switch (field.type) {
    case "number":
    case "integer":
    case "currency":
    case "percent":
      return numberIn;
    case "date":
      return (text) => (isDay(meantDay(text)) ? meantDay(text) : text.trim());
    case "datetime":
      return (text) => momentOf(text) ?? text.trim();
    case "checkbox":
      return checked;
    case "person":
      return (text) => email(text, members);
    case "personList":
      return (text) => items(text).map((one) => email(one, members));
    case "singleSelect":
      return (text) =>
        option(
          text,
          isStage(field) ? workflow.stages.map((stage) => stage.name) : (field.options ?? []),
        );
    case "multipleSelect":
      return (text) => items(text).map((one) => option(one, field.options ?? []));
    case "textList":
    case "link":
      return items;
    case "longText":
    case "text":
      return (text) => text;
    case "json":
    case "checklist":
    case "approvalSteps":
    case "file":
      return structured;
    default:
      return (text) => text.trim();
  }
}

function numberIn(text: string): string {
  const plain = text
    .trim()
    .replace(/[\s\u00a0\u202f']/g, "")
    .replace(/^[$€£¥]|[$€£¥%]$/g, "");
  return /^[-+]?\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain) ? plain.replaceAll(",", "") : plain;
}

function checked(text: string): unknown {
  const said = text.trim().toLowerCase();
  return YES.has(said) ? true : NO.has(said) ? false : text;
}

function items(text: string): string[] {
  return text
    .split(/[,;\n]/)
    .map((one) => one.trim())
    .filter(Boolean);
}

function option(text: string, options: readonly string[]): string {
  const said = text.trim();
  const known = options.find((one) => one === said);
  return known ?? options.find((one) => one.toLowerCase() === said.toLowerCase()) ?? said;
}

/** The e-mail of somebody who is told by e-mail or by name. */
function email(text: string, members: readonly Member[]): string {
  const said = text.trim().toLowerCase();
  const named = members.filter(
    (one) => `${one.first_name} ${one.last_name}`.trim().toLowerCase() === said,
  );
  return named.length === 1 && named[0] ? named[0].email : text.trim();
}

function structured(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
