/** Changes of a workflow file, each a function of the file; what they do not know stays as it is. */
import type { Schema, WorkflowFile } from "@/api/types";
import { t } from "@/text";
import { keysOf } from "./kinds";
import { isRecord } from "./source";

export type Change = (file: WorkflowFile) => WorkflowFile;
export type Rows = "all" | "none" | ("created" | "assigned")[];

export interface SaidStage {
  name: string;
  key?: string;
  initial?: boolean;
  end?: boolean;
  colour?: string;
  require?: string[];
  wipLimit?: number;
  [keyword: string]: unknown;
}

export interface SaidRole {
  name: string;
  id?: string;
  for?: string[];
  admin?: boolean;
  create?: boolean;
  see?: Rows;
  update?: Rows;
  delete?: Rows;
  assign?: "anyone" | "self" | "nobody";
  move?: "freely" | "actions";
  colleagues?: boolean;
  export?: boolean;
  fields?: Record<string, { read?: boolean; write?: Rows }>;
  [keyword: string]: unknown;
}

export interface SaidSection {
  title: string;
  description?: string;
  fields: string[];
  show?: Schema | boolean;
}

/** Whether the parts that the forms speak of have the shape they have to have. */
export function isUsable(file: WorkflowFile): boolean {
  const { properties = {}, required = [], workflow = {}, allOf = [] } = file;
  if (!isRecord(properties) || !Object.values(properties).every(isRecord)) {
    return false;
  }
  const { stages = [], roles = [], sections = [], transitions = "any" } = workflow;
  const named = [stages, roles].every(
    (list) =>
      Array.isArray(list) && list.every((one) => isRecord(one) && typeof one.name === "string"),
  );
  const lists = Array.isArray(sections) && sections.every((one) => Array.isArray(one?.fields));
  const moves =
    transitions === "any" ||
    (isRecord(transitions) && Object.values(transitions).every(Array.isArray));
  return (
    isRecord(workflow) &&
    Array.isArray(required) &&
    Array.isArray(allOf) &&
    named &&
    lists &&
    moves &&
    (stages as SaidStage[]).every(({ require = [] }) => Array.isArray(require))
  );
}

// --- the file -----------------------------------------------------------------------------------

/** Sets members; what is undefined, or the usual, is left out. */
export function put<T extends object>(whole: T, part: Partial<T>): T {
  const next = Object.entries({ ...whole, ...part }).filter(([, value]) => value !== undefined);
  return Object.fromEntries(next) as T;
}

export function ofWorkflow(file: WorkflowFile, part: Record<string, unknown>): WorkflowFile {
  const workflow = put<Record<string, unknown>>(file.workflow ?? {}, part);
  const next = put(file, { workflow: workflow as WorkflowFile["workflow"] });
  return Object.keys(workflow).length > 0 ? next : put(next, { workflow: undefined });
}

export function moved<T>(list: readonly T[], from: number, to: number): T[] {
  const next = [...list];
  const [taken] = next.splice(from, 1);
  next.splice(to, 0, taken as T);
  return next;
}

// --- fields -------------------------------------------------------------------------------------

export function withField(file: WorkflowFile, key: string, schema: Schema): WorkflowFile {
  return put(file, { properties: { ...file.properties, [key]: schema } });
}

export function moveField(file: WorkflowFile, from: number, to: number): WorkflowFile {
  const entries = moved(Object.entries(file.properties ?? {}), from, to);
  return put(file, { properties: Object.fromEntries(entries) });
}

export function setRequired(file: WorkflowFile, key: string, required: boolean): WorkflowFile {
  const others = (file.required ?? []).filter((one) => one !== key);
  const next = required ? [...others, key] : others;
  return put(file, { required: next.length > 0 ? next : undefined });
}

export function setUnique(
  file: WorkflowFile,
  key: string | null,
  autoIncrement = false,
): WorkflowFile {
  const said = key && autoIncrement ? { field: key, autoIncrement } : key;
  return ofWorkflow(file, { uniqueId: said ?? undefined });
}

/** A key that nothing has yet, made of a title. */
export function keyFor(title: string, taken: readonly string[]): string {
  const plain = title
    .normalize("NFKD")
    .replace(/[̀-ͯ]/g, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "")
    .slice(0, 48);
  const base = /^[a-z]/.test(plain) ? plain : `field${plain ? `_${plain}` : ""}`;
  let key = base;
  for (let number = 2; taken.includes(key); number++) {
    key = `${base}_${number}`;
  }
  return key;
}

// --- stages -------------------------------------------------------------------------------------

/** The stages that a file says, or those of a file that says none. */
export function stagesOf(file: WorkflowFile): SaidStage[] {
  const said = file.workflow?.stages as SaidStage[] | undefined;
  return (
    said ?? [
      { name: "Not Started", initial: true },
      { name: "In Progress" },
      { name: "Done", end: true },
    ]
  );
}

export function withStages(file: WorkflowFile, stages: readonly SaidStage[]): WorkflowFile {
  return ofWorkflow(file, { stages: [...stages] });
}

export function changeStage(
  file: WorkflowFile,
  at: number,
  part: Partial<SaidStage>,
): WorkflowFile {
  const stages = stagesOf(file).map((stage, index) => (index === at ? put(stage, part) : stage));
  return withStages(file, stages);
}

/** Calls a stage by another name, and keeps what tasks store of it. */
export function renameStage(
  file: WorkflowFile,
  at: number,
  name: string,
  saved: ReadonlySet<string>,
): WorkflowFile {
  const stage = stagesOf(file)[at];
  if (!stage) {
    return file;
  }
  const stored = stage.key ?? stage.name;
  const key = stored !== name && saved.has(stored) ? stored : undefined;
  const old = stage.name;
  const next = changeStage(file, at, {
    name,
    key: stage.key && !saved.has(stored) ? stage.key : key,
  });
  return restaged(next, (one) => (one === old ? name : one));
}

export function removeStage(file: WorkflowFile, at: number): WorkflowFile {
  const stages = stagesOf(file);
  const name = stages[at]?.name;
  const rest = stages.filter((_, index) => index !== at);
  const { transitions } = file.workflow ?? {};
  const next = withStages(file, rest);
  if (!isRecord(transitions)) {
    return next;
  }
  const kept = Object.entries(transitions)
    .filter(([from]) => from !== name)
    .map(([from, to]) => [from, (to as string[]).filter((one) => one !== name)]);
  return ofWorkflow(next, { transitions: Object.fromEntries(kept) });
}

/** The parts that name stages, with other names. */
function restaged(file: WorkflowFile, rename: (name: string) => string): WorkflowFile {
  const { workflow = {} } = file;
  const part: Record<string, unknown> = {};
  const listOrOne = (value: unknown) =>
    Array.isArray(value) ? value.map((one) => rename(String(one))) : rename(String(value));
  const valuesOf = (value: unknown) =>
    isRecord(value)
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, listOrOne(one)]))
      : value;
  if (isRecord(workflow.transitions)) {
    const entries = Object.entries(workflow.transitions);
    part.transitions = Object.fromEntries(
      entries.map(([from, to]) => [rename(from), (to as string[]).map(rename)]),
    );
  }
  for (const name of ["approvals", "checklist"] as const) {
    const said = workflow[name];
    if (isRecord(said) && said.stages) {
      part[name] = { ...said, stages: valuesOf(said.stages) };
    }
  }
  if (Array.isArray(workflow.facade)) {
    part.facade = workflow.facade.map((one) =>
      isRecord(one) && one.status ? { ...one, status: valuesOf(one.status) } : one,
    );
  }
  return ofWorkflow(file, part);
}

export function initialOf(stages: readonly SaidStage[]): number {
  return Math.max(
    stages.findIndex((stage) => stage.initial === true),
    0,
  );
}

export function setInitial(file: WorkflowFile, at: number): WorkflowFile {
  const stages = stagesOf(file).map((stage, index) =>
    put(stage, { initial: index === at ? true : undefined }),
  );
  return withStages(file, stages);
}

/** Which stage may follow which, by name; null where any may follow any. */
export function movesOf(file: WorkflowFile): Record<string, string[]> | null {
  const said = file.workflow?.transitions;
  return isRecord(said) ? (said as Record<string, string[]>) : null;
}

export function allow(file: WorkflowFile, from: string, to: string, may: boolean): WorkflowFile {
  const moves = movesOf(file) ?? {};
  const names = stagesOf(file).map((stage) => stage.name);
  const others = (moves[from] ?? []).filter((one) => one !== to);
  const next = may ? [...others, to] : others;
  const order = next.toSorted((one, other) => names.indexOf(one) - names.indexOf(other));
  return ofWorkflow(file, { transitions: { ...moves, [from]: order } });
}

/** Every move there is, as a list to take away from. */
export function everyMove(file: WorkflowFile): Record<string, string[]> {
  const names = stagesOf(file).map((stage) => stage.name);
  return Object.fromEntries(names.map((from) => [from, names.filter((to) => to !== from)]));
}

export function newName(wanted: string, taken: readonly string[]): string {
  let name = wanted;
  for (let number = 2; taken.includes(name); number++) {
    name = `${wanted} ${number}`;
  }
  return name;
}

// --- roles --------------------------------------------------------------------------------------

export function rolesOf(file: WorkflowFile): SaidRole[] {
  return (file.workflow?.roles ?? []) as SaidRole[];
}

/** What holds where a file says nothing of roles. */
export function usualRoles(): SaidRole[] {
  return [
    { name: t("designer.role_admin"), id: "admin", for: ["admin"], admin: true },
    { name: t("designer.role_manager"), id: "manager", for: ["manager"], delete: "all" },
    { name: t("designer.role_member"), id: "member", for: ["member"] },
  ];
}

export function changeRole(file: WorkflowFile, at: number, part: Partial<SaidRole>): WorkflowFile {
  const roles = rolesOf(file).map((role, index) => (index === at ? put(role, part) : role));
  return ofWorkflow(file, { roles });
}

export type FieldRight = "all" | "created" | "assigned" | "both" | "none" | "hidden";

export function fieldRight(role: SaidRole, key: string): FieldRight {
  const said = role.fields?.[key];
  return said?.read === false ? "hidden" : rowsName(said?.write ?? "all");
}

export function setFieldRight(
  file: WorkflowFile,
  at: number,
  key: string,
  right: FieldRight,
): WorkflowFile {
  const role = rolesOf(file)[at];
  const { [key]: _, ...others } = role?.fields ?? {};
  const said = right === "hidden" ? { read: false } : { write: rowsOf(right) };
  const fields = right === "all" ? others : { ...others, [key]: said };
  return changeRole(file, at, { fields: Object.keys(fields).length > 0 ? fields : undefined });
}

export type RowsName = Exclude<FieldRight, "hidden">;

export function rowsName(rows: Rows): RowsName {
  if (!Array.isArray(rows)) {
    return rows;
  }
  return rows.length > 1 ? "both" : (rows[0] ?? "none");
}

export function rowsOf(name: RowsName): Rows {
  if (name === "both") {
    return ["created", "assigned"];
  }
  return name === "all" || name === "none" ? name : [name];
}

// --- the form -----------------------------------------------------------------------------------

export function sectionsOf(file: WorkflowFile): SaidSection[] {
  return (file.workflow?.sections ?? []) as SaidSection[];
}

export function withSections(file: WorkflowFile, sections: readonly SaidSection[]): WorkflowFile {
  return ofWorkflow(file, { sections: sections.length > 0 ? [...sections] : undefined });
}

/** Keys of the fields that stand in no section. */
export function unplaced(file: WorkflowFile): string[] {
  const placed = new Set(sectionsOf(file).flatMap((section) => section.fields));
  return keysOf(file).filter((key) => !placed.has(key));
}

/** A workflow that somebody begins with. */
export function blank(title: string): WorkflowFile {
  return {
    $schema: "/schemas/workflow.json",
    $id: "",
    title,
    type: "object",
    required: ["title"],
    properties: {
      title: { title: t("designer.blank_field"), type: "string", maxLength: 200, filterable: true },
    },
    workflow: {
      stages: [
        { name: t("designer.blank_open"), initial: true, colour: "grey" },
        { name: t("designer.blank_doing"), colour: "blue" },
        { name: t("designer.blank_done"), end: true, colour: "green" },
      ],
    },
  };
}
