/**
 * A query in the address of a page: spelt as the API's own query string where it can be, so that
 * people can write and share it; any other filter as JSON in `_where`.
 */
import type { Field, Workflow } from "@/api/types";
import { ASSIGNED_TO, STAGE } from "@/api/types";
import { type Comparison, type Filter, flat, OPERATORS, type Operator } from "./tree";

export interface Query {
  where: Filter | null;
  sort: string[];
  q: string;
}

export const NO_QUERY: Query = { where: null, sort: [], q: "" };

const BUILT_IN: Record<string, Field["type"]> = {
  [STAGE]: "singleSelect",
  [ASSIGNED_TO]: "person",
  "Created On": "datetime",
  "Updated On": "datetime",
};
const SEVERAL = new Set<string>(["in", "nin"]);
const NAMED = /^(.*?)(?:\[([a-z]+)\])?$/s;

/** The kind of what a title names, built-in names included. */
export function kindOf(workflow: Workflow, title: string): Field["type"] | undefined {
  return BUILT_IN[title] ?? workflow.fields.find((field) => field.name === title)?.type;
}

/** Reads a query from an address; what it does not know is left out. */
export function readQuery(params: URLSearchParams, workflow: Workflow): Query {
  const parts: Filter[] = [];
  for (const name of new Set(params.keys())) {
    if (!name.startsWith("_")) {
      const read = comparison(name, params.getAll(name), workflow);
      if (read) {
        parts.push(read);
      }
    }
  }
  const tree = treeIn(params.get("_where"));
  const where = tree ? [...parts, tree] : parts;
  return {
    where: where.length > 1 ? { and: where } : (where[0] ?? null),
    sort: split(params.get("_sort") ?? ""),
    q: params.get("_q") ?? "",
  };
}

/** Writes a query into the parameters of an address; those of others stay. */
export function writeQuery(query: Query, params = new URLSearchParams()): URLSearchParams {
  const written = new URLSearchParams();
  for (const [name, value] of params) {
    if (name.startsWith("_") && !["_where", "_sort", "_q"].includes(name)) {
      written.append(name, value);
    }
  }
  const parts = flat(query.where);
  const names = parts?.map((part) => nameOf(part));
  if (parts && names && new Set(names).size === names.length && parts.every(spellable)) {
    for (const part of parts) {
      written.append(nameOf(part), spelt(part));
    }
  } else if (query.where) {
    written.set("_where", JSON.stringify(query.where));
  }
  if (query.sort.length > 0) {
    written.set("_sort", query.sort.map(quoted).join(","));
  }
  if (query.q) {
    written.set("_q", query.q);
  }
  return written;
}

function nameOf({ field, op }: Comparison): string {
  return op === "eq" ? field : `${field}[${op}]`;
}

/** Whether a comparison reads back as it was: a title may itself look like `Name[op]`. */
function spellable({ field, op, value }: Comparison): boolean {
  const plain = SEVERAL.has(op) ? Array.isArray(value) && value.length > 0 : !Array.isArray(value);
  const blank = value === "" && op === "eq";
  return plain && !blank && !field.startsWith("_") && !/\[[a-z]+\]$/.test(field);
}

function spelt({ value }: Comparison): string {
  if (Array.isArray(value)) {
    return value.map((item) => quoted(String(item))).join(",");
  }
  return value === null ? "" : String(value);
}

function comparison(name: string, values: string[], workflow: Workflow): Comparison | null {
  const [, title = "", said] = NAMED.exec(name) ?? [];
  const known = said !== undefined && OPERATORS.includes(said as Operator);
  const field = known ? title : name;
  const op = known ? (said as Operator) : "eq";
  const kind = kindOf(workflow, field);
  if (!kind) {
    return null;
  }
  if (SEVERAL.has(op)) {
    return { field, op, value: values.flatMap(split) };
  }
  if (op === "eq" && values.length > 1) {
    return { field, op: "in", value: values };
  }
  return { field, op, value: typed(values[0] ?? "", op, kind) };
}

function typed(text: string, op: Operator, kind: Field["type"]): unknown {
  if (op === "exists" || (kind === "checkbox" && text !== "")) {
    return text === "true";
  }
  return text === "" ? null : text;
}

function treeIn(text: string | null): Filter | null {
  try {
    const read: unknown = text ? JSON.parse(text) : null;
    return typeof read === "object" && !Array.isArray(read) ? (read as Filter | null) : null;
  } catch {
    return null;
  }
}

function quoted(item: string): string {
  return /[",]|^\s|\s$|^$/.test(item) ? `"${item.replaceAll('"', '""')}"` : item;
}

/** Splits at commas; one between quotes belongs to its item. */
export function split(text: string): string[] {
  const items = text.match(/"(?:[^"]|"")*"|[^,]+/g) ?? [];
  return items.map((item) =>
    item.startsWith('"') ? item.slice(1, -1).replaceAll('""', '"') : item,
  );
}
