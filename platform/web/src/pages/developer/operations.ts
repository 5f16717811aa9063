/** What the samples do, with the field names and values of one workflow. */
import { at } from "@/api/client";
import type { Field, Kind, Stage, Task, Workflow } from "@/api/types";
import { STAGE, taskId } from "@/api/types";
import type { Key } from "@/text";
import { bodyText, type Call, percent, type Upload, unusedIn } from "./call";

export const OPERATIONS = ["upsert", "get", "list", "move", "bulk", "file", "delete"] as const;
export type OperationName = (typeof OPERATIONS)[number];

export interface Operation {
  name: OperationName;
  title: Key;
  text: Key;
  call: Call;
  upload?: Upload;
  /** What the page itself sends, where that is another call. */
  tried?: Call;
  /** What is to be known before it is sent. */
  warning?: Key;
}

/** What samples are about: real tasks, or a sample that the workflow's own description has. */
export interface Subject {
  tasks: Task[];
  sample: Record<string, unknown>;
  me: string;
}

type Entry = [title: string, value: unknown];

const MOST_VALUES = 8;
const LONGEST = 160;
const BY_THEMSELVES = new Set<Kind>(["file", "link", "checklist", "approvalSteps"]);
const NUMBERS = new Set<Kind>(["number", "integer", "percent", "currency"]);
const FILTERED = new Set<Kind>(["singleSelect", "checkbox"]);
const FILE = "hello.txt";
const HELLO = "SGVsbG8sIHdvcmxkIQo=";
/** Addresses that are those of something else than a task. */
const TAKEN = /^(?:active|bulk|export|query|\.{1,2}|by-id\/[\s\S]*|[\s\S]*\/history)$/;

export function operationsOf(workflow: Workflow, subject: Subject): Operation[] {
  const values = valuesOf(workflow, subject);
  const [task] = subject.tasks;
  const one = oneTask(workflow, task, values);
  const id = idOf(workflow, values);
  const upsert: Call = { ...call("POST", at(workflow.id, "tasks")), body: json(values) };
  const files = workflow.fields.find((field) => field.type === "file");
  const write = (entries: Entry[]): Call =>
    id
      ? { ...call("PUT", at(workflow.id, "tasks")), body: json([id, ...entries]) }
      : { ...call("PUT", one), body: json(entries) };
  const bulk: Call = {
    ...call("POST", at(workflow.id, "tasks", "bulk")),
    body: rows(workflow, subject),
  };
  return [
    {
      name: "upsert",
      title: workflow.uniqueId ? "developer.upsert" : "developer.create",
      text: workflow.uniqueId ? "developer.upsert_text" : "developer.create_text",
      call: upsert,
    },
    { name: "get", title: "developer.get", text: "developer.get_text", call: call("GET", one) },
    {
      name: "list",
      title: "developer.list",
      text: "developer.list_text",
      call: { ...call("GET", at(workflow.id, "tasks")), query: filterOf(workflow, task) },
    },
    {
      name: "move",
      title: "developer.move",
      text: "developer.move_text",
      call: write([[STAGE, nextStage(workflow, task)]]),
    },
    {
      name: "bulk",
      title: "developer.bulk",
      text: "developer.bulk_text",
      call: bulk,
      tried: { ...bulk, query: [["dry_run", "true"]] },
      warning: "developer.bulk_tried",
    },
    ...(files ? [fileOperation(files, task, write)] : []),
    {
      name: "delete",
      title: "developer.delete",
      text: "developer.delete_text",
      call: call("DELETE", one),
      warning: "developer.delete_warning",
    },
  ];
}

/** A write that is refused whatever the workflow allows: it has no such stage. */
export function refusedCall(workflow: Workflow): Call {
  const wrong: Entry[] = workflow.fields
    .filter((field) => field.editable && Object.hasOwn(WRONG, field.type))
    .slice(0, 3)
    .map((field) => [field.name, WRONG[field.type]]);
  const stage = unusedIn(workflow.stages.map(({ name }) => name).join("\n"), "No such stage");
  const nearly = workflow.fields.find(({ type }) => type === "text") ?? workflow.fields[0];
  const unknown: Entry[] = nearly ? [[misspelt(workflow, nearly.name), "…"]] : [];
  const body = json([...unknown, ...wrong, [STAGE, stage]]);
  return { ...call("POST", at(workflow.id, "tasks")), body };
}

const WRONG: Partial<Record<Kind, unknown>> = {
  number: "ten",
  integer: "1.5",
  percent: "half",
  currency: "1.999",
  date: "31/31/2025",
  datetime: "yesterday",
  email: "not an e-mail",
  url: "nowhere",
  checkbox: "maybe",
  singleSelect: "no such option",
};

function misspelt(workflow: Workflow, title: string): string {
  const short = title.slice(0, -1) || `${title}x`;
  const known = workflow.fields.some(({ name }) => name === short);
  return known ? unusedIn(workflow.fields.map(({ name }) => name).join("\n"), `${title}x`) : short;
}

function call(method: Call["method"], path: string): Call {
  return { method, path: path.replace(/[!'()*]/g, percent), query: [], body: null };
}

function json(entries: Entry[]): { json: unknown } {
  return { json: Object.fromEntries(entries) };
}

function idOf(workflow: Workflow, values: Entry[]): Entry | undefined {
  return values.find(([title]) => title === workflow.uniqueId?.name);
}

/** The address of a task: by its unique ID where that can be, else by its own id. */
function oneTask(workflow: Workflow, task: Task | undefined, values: Entry[]): string {
  const [, uid] = idOf(workflow, values) ?? [];
  if (uid !== undefined && !TAKEN.test(String(uid))) {
    return at(workflow.id, "tasks", String(uid));
  }
  return at(workflow.id, "tasks", "by-id", task ? taskId(task) : "674054a1b2c3d4e5f6071829");
}

/** What a write of a task has: its ID first, then what is required, then some of the rest. */
function valuesOf(workflow: Workflow, { tasks, sample, me }: Subject): Entry[] {
  const [task] = tasks;
  const given = new Map(Object.entries(task ?? sample));
  const rank = (field: Field) => (field === workflow.uniqueId ? 0 : field.required ? 1 : 2);
  const fields = workflow.fields
    .filter((field) => !BY_THEMSELVES.has(field.type))
    .sort((a, b) => rank(a) - rank(b));
  const entries: Entry[] = [];
  for (const field of fields) {
    const value = given.get(field.name) ?? (field.required ? personal(field, me) : undefined);
    const needed = rank(field) < 2;
    if (!isLong(value) && (needed || entries.length < MOST_VALUES) && shown(value)) {
      entries.push([field.name, plain(field, value)]);
    }
  }
  return entries;
}

function shown(value: unknown): boolean {
  return value !== null && value !== undefined && !(Array.isArray(value) && value.length === 0);
}

function isLong(value: unknown): boolean {
  return (JSON.stringify(value) ?? "").length > LONGEST;
}

function personal(field: Field, me: string): unknown {
  return field.type === "person" ? me : field.type === "personList" ? [me] : undefined;
}

/** Numbers come as texts; those that no reader rounds are shown as numbers. */
function plain(field: Field, value: unknown): unknown {
  const short = typeof value === "string" && /^-?\d{1,12}(?:\.\d{1,3})?$/.test(value);
  return NUMBERS.has(field.type) && short ? Number(value) : value;
}

function filterOf(workflow: Workflow, task: Task | undefined): [string, string][] {
  const stage = task?.Stage ?? workflow.stages[0]?.name ?? "";
  const chosen = workflow.fields.find(
    (field) => FILTERED.has(field.type) && shown(own(task, field.name)),
  );
  return [
    [STAGE, stage],
    ...(chosen ? [[`${chosen.name}[eq]`, String(own(task, chosen.name))] as [string, string]] : []),
    ["_sort", "-Updated On"],
    ["_limit", "5"],
  ];
}

function own(task: Task | undefined, title: string): unknown {
  return task && Object.hasOwn(task, title) ? task[title] : undefined;
}

/** A stage that the task may go to: one that needs nothing it lacks, where there is any. */
function nextStage(workflow: Workflow, task: Task | undefined): string {
  const { transitions } = workflow.file.workflow ?? {};
  const here = task?.Stage ?? workflow.stages.find(({ initial }) => initial)?.name ?? "";
  const ways = typeof transitions === "object" ? transitions[here] : undefined;
  const others = workflow.stages.filter(({ name }) => name !== here);
  const open = ways
    ? others.filter(({ id, name }) => ways.includes(name) || ways.includes(id))
    : others;
  const after = workflow.stages.findIndex(({ name }) => name === here);
  const nearest = [...open].sort((a, b) => distance(a) - distance(b));
  function distance(stage: Stage): number {
    const steps = workflow.stages.indexOf(stage) - after;
    return (steps > 0 ? steps : 1000 - steps) + (lacks(workflow, stage, task) ? 10_000 : 0);
  }
  return nearest[0]?.name ?? here;
}

function lacks(workflow: Workflow, stage: Stage, task: Task | undefined): boolean {
  const titles = stage.require.map((key) => workflow.fields.find(({ id }) => id === key)?.name);
  return titles.some((title) => title !== undefined && !shown(own(task, title)));
}

function rows(workflow: Workflow, subject: Subject): { lines: unknown[] } {
  const tasks = subject.tasks.slice(0, 2);
  const each = tasks.length > 0 ? tasks.map((task) => ({ ...subject, tasks: [task] })) : [subject];
  const lines = each.map((one) => Object.fromEntries(valuesOf(workflow, one).slice(0, 4)));
  return { lines };
}

/** A file is added: the files that the task has are named again, for the list is complete. */
function fileOperation(
  field: Field,
  task: Task | undefined,
  write: (entries: Entry[]) => Call,
): Operation {
  const had = own(task, field.name);
  const kept = (Array.isArray(had) ? had : []).map(({ blobId }) => ({ blobId }));
  const plainBody = write([[field.name, kept]]).body;
  const marker = unusedIn(plainBody ? bodyText(plainBody) : "");
  const inline = { filename: FILE, base64contents: HELLO };
  return {
    name: "file",
    title: "developer.file",
    text: "developer.file_text",
    call: write([[field.name, [...kept, { blobId: marker }]]]),
    upload: { filename: FILE, marker },
    tried: write([[field.name, [...kept, inline]]]),
    warning: "developer.file_tried",
  };
}

/** The task that says the most, of some. */
export function mostTelling(tasks: Task[]): Task[] {
  const told = (task: Task) => Object.values(task).filter(shown).length;
  return [...tasks].sort((a, b) => told(b) - told(a));
}
