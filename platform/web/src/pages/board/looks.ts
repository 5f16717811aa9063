/** What stands on a card: which fields are chosen, and which date makes a task late. */
import { useMemo } from "react";
import { ASSIGNED_TO, type Field, STAGE, TASK_URL, type View, type Workflow } from "@/api/types";
import { today } from "@/fields/calendar";
import { useDraft } from "@/shared/drafts";
import { stepsField } from "./rules";

export const MOST_FIELDS = 6;
const USUAL_FIELDS = 2;
const LARGE = new Set(["json", "approvalSteps", "checklist", "longText", "file"]);
const DATES = new Set(["date", "datetime"]);
const DUE = /\b(due|deadline|until|expected|go-live|target|finish)\b/i;

export interface Looks {
  /** Titles of the fields shown, in the order of the workflow. */
  fields: string[];
  /** Title of the date by which a task is late; null for none. */
  due: string | null;
}

/** What a reader chose for this workflow, or for this view of it; else what is usual. */
export function useLooks(workflow: Workflow, view: View | undefined) {
  const { draft, set } = useDraft<Partial<Looks>>(["card", workflow.id, view?.id ?? ""]);
  const looks = useMemo(() => {
    const usual = usualLooks(workflow);
    const saved = view?.columns.filter((column) => !column.hidden).map((column) => column.title);
    const wanted = draft?.fields ?? (saved?.length ? saved : usual.fields);
    const due = draft?.due === undefined ? usual.due : draft.due;
    const names = workflow.fields.map((field) => field.name);
    return {
      fields: names.filter((name) => wanted.includes(name)).slice(0, MOST_FIELDS),
      due: due !== null && names.includes(due) ? due : null,
    };
  }, [workflow, view, draft]);
  const saved = view?.columns.map((column) => column.title) ?? [];
  const looksChanged =
    view !== undefined && String(saved.toSorted()) !== String(looks.fields.toSorted());
  return { looks, looksChanged, setLooks: set };
}

function usualLooks(workflow: Workflow): Looks {
  const dates = datesOf(workflow);
  const [reminder] = (workflow.file.workflow?.reminders ?? []) as { date?: string }[];
  const due =
    dates.find((field) => field.id === reminder?.date) ??
    dates.find((field) => DUE.test(field.name));
  const telling = choosable(workflow).filter((field) =>
    ["singleSelect", "currency", "percent"].includes(field.type),
  );
  return {
    fields: telling.slice(0, USUAL_FIELDS).map((field) => field.name),
    due: due?.name ?? null,
  };
}

export function datesOf(workflow: Workflow): Field[] {
  return workflow.fields.filter((field) => DATES.has(field.type));
}

/** The fields that have room on a card; title and unique ID always stand there. */
export function choosable(workflow: Workflow): Field[] {
  const title = titleField(workflow);
  return workflow.fields.filter(
    (field) => !LARGE.has(field.type) && field.type !== "uniqueId" && field !== title,
  );
}

function titleField(workflow: Workflow): Field | undefined {
  return workflow.fields.find((field) => field.type === "text");
}

/** Titles of all that a card needs to be shown and moved. */
export function asked(workflow: Workflow, looks: Looks): string[] {
  const needed = [titleField(workflow), workflow.uniqueId, stepsField(workflow)]
    .filter((field): field is Field => Boolean(field))
    .map((field) => field.name);
  const due = looks.due === null ? [] : [looks.due];
  return [...new Set([STAGE, ASSIGNED_TO, TASK_URL, ...needed, ...looks.fields, ...due])];
}

/** Whether a day, or a moment, has passed. */
export function isPast(value: unknown): boolean {
  const text = String(value ?? "");
  if (text === "") {
    return false;
  }
  return text.includes("T") ? new Date(text).getTime() < Date.now() : text < today();
}
