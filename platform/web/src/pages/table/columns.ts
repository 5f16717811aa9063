/** Which columns a table has: their order, their widths, and which of them are shown. */
import { useCallback, useMemo, useState } from "react";
import { session } from "@/api/session";
import { ASSIGNED_TO, type Field, type Kind, STAGE, type View, type Workflow } from "@/api/types";
import { t } from "@/text";

export interface Column {
  title: string;
  field: Field;
  width: number;
  hidden: boolean;
}

/** A column as it is kept, here and in a saved view. */
export interface Kept {
  title: string;
  width?: number;
  hidden?: boolean;
}

export const NARROWEST = 60;
export const WIDEST = 900;
const SHOWN_AT_FIRST = 12;

const WIDTHS: Partial<Record<Kind, number>> = {
  text: 190,
  longText: 260,
  number: 120,
  integer: 110,
  percent: 100,
  currency: 130,
  date: 130,
  datetime: 170,
  checkbox: 110,
  uniqueId: 120,
  email: 210,
  url: 200,
  multipleSelect: 210,
  checklist: 130,
};

const BUILT_IN = { required: false, editable: true, schema: {} };

/** Everything that can be a column: the fields, the stage and who is assigned. */
export function everyField(workflow: Workflow): Field[] {
  const stage: Field = {
    ...BUILT_IN,
    id: STAGE,
    name: STAGE,
    type: "singleSelect",
    required: true,
    options: workflow.stages.map((one) => one.name),
  };
  const assigned: Field = {
    ...BUILT_IN,
    id: ASSIGNED_TO,
    name: ASSIGNED_TO,
    type: workflow.several ? "personList" : "person",
  };
  const first = workflow.fields.filter((field) => field === workflow.uniqueId);
  const named = workflow.fields.find((field) => field.type === "text");
  if (named) {
    first.push(named);
  }
  const others = workflow.fields.filter((field) => !first.includes(field));
  return [...first, stage, assigned, ...others];
}

/** Puts fields and what is kept of columns together; fields that are new come last. */
export function columnsOf(workflow: Workflow, kept: readonly Kept[] | null): Column[] {
  const fields = new Map(everyField(workflow).map((field) => [field.name, field]));
  const known = (kept ?? []).filter((one) => fields.has(one.title));
  const titles = new Set(known.map((one) => one.title));
  const others = [...fields.keys()].filter((title) => !titles.has(title));
  const all: Kept[] = [
    ...known,
    ...others.map((title, place) => ({
      title,
      hidden: known.length > 0 || place >= SHOWN_AT_FIRST,
    })),
  ];
  return all.flatMap(({ title, width, hidden }) => {
    const field = fields.get(title);
    return field
      ? [{ title, field, width: width ?? usualWidth(field), hidden: hidden === true }]
      : [];
  });
}

function usualWidth(field: Field): number {
  const fits = t("table.column_name", { name: field.name }).length * 7 + 44;
  return Math.max(WIDTHS[field.type] ?? 160, Math.min(fits, 240));
}

function address(workflow: string, view: string | null): string {
  return ["taskloom.columns", session.get()?.user.id ?? "", workflow, view ?? ""].join(":");
}

function read(key: string): Kept[] | null {
  try {
    const found: unknown = JSON.parse(localStorage.getItem(key) ?? "null");
    return Array.isArray(found) ? (found as Kept[]) : null;
  } catch {
    return null;
  }
}

function write(key: string, kept: readonly Kept[] | null): void {
  try {
    if (kept) {
      localStorage.setItem(key, JSON.stringify(kept));
    } else {
      localStorage.removeItem(key);
    }
  } catch {
    // Storage is full or forbidden: the columns are as they are until the page is left.
  }
}

export function keptOf(columns: readonly Column[]): Kept[] {
  return columns.map(({ title, width, hidden }) => ({
    title,
    width: Math.round(width),
    ...(hidden ? { hidden } : {}),
  }));
}

export interface Columns {
  all: Column[];
  shown: Column[];
  /** Whether they differ from those of the view, or from the usual ones. */
  changed: boolean;
  set: (columns: readonly Column[]) => void;
  /** Back to those of the view, or to the usual ones. */
  reset: () => void;
}

/** The columns of somebody, in a view or without one. */
export function useColumns(workflow: Workflow, view: View | null): Columns {
  const key = address(workflow.id, view?.id ?? null);
  const [own, setOwn] = useState<{ key: string; kept: Kept[] | null }>(() => ({
    key,
    kept: read(key),
  }));
  const kept = own.key === key ? own.kept : read(key);
  const said = view?.columns.length ? view.columns : null;
  const all = useMemo(() => columnsOf(workflow, kept ?? said), [workflow, kept, said]);
  const set = useCallback(
    (columns: readonly Column[]) => {
      const next = keptOf(columns);
      write(key, next);
      setOwn({ key, kept: next });
    },
    [key],
  );
  const reset = useCallback(() => {
    write(key, null);
    setOwn({ key, kept: null });
  }, [key]);
  const shown = useMemo(() => all.filter((column) => !column.hidden), [all]);
  return { all, shown, changed: kept !== null, set, reset };
}

/** Moves a column to where another one stands. */
export function moved(columns: readonly Column[], title: string, onto: string): Column[] {
  const from = columns.findIndex((column) => column.title === title);
  const to = columns.findIndex((column) => column.title === onto);
  const column = columns[from];
  if (!column || to < 0 || from === to) {
    return [...columns];
  }
  const rest = columns.filter((one) => one !== column);
  rest.splice(to, 0, column);
  return rest;
}

export function changed(
  columns: readonly Column[],
  title: string,
  change: Partial<Pick<Column, "width" | "hidden">>,
): Column[] {
  return columns.map((column) => (column.title === title ? { ...column, ...change } : column));
}
