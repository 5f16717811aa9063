/** The things of the API as the app speaks of them. */

export const KINDS = [
  "text",
  "longText",
  "number",
  "integer",
  "percent",
  "currency",
  "date",
  "datetime",
  "person",
  "personList",
  "singleSelect",
  "multipleSelect",
  "textList",
  "checkbox",
  "uniqueId",
  "email",
  "phone",
  "url",
  "file",
  "json",
  "checklist",
  "approvalSteps",
  "link",
] as const;
export type Kind = (typeof KINDS)[number];

/** JSON Schema of one property of a workflow file. */
export type Schema = Record<string, unknown>;

export interface Field {
  /** The key; it never changes. */
  id: string;
  /** The title, by which values are named on the wire. */
  name: string;
  type: Kind;
  required: boolean;
  editable: boolean;
  filterable?: boolean;
  options?: string[];
  limit?: number | null;
  autoincrement?: boolean;
  /** What the workflow file says of it; empty where the file does not say it to this user. */
  schema: Schema;
}

export interface Stage {
  id: string;
  name: string;
  initial: boolean;
  end: boolean;
  /** Keys of the fields needed to enter. */
  require: string[];
  colour?: string;
  limit?: number;
  checklist?: string[];
}

export interface WorkflowFile {
  $id?: string;
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  workflow?: {
    uniqueId?: string | { field: string; autoIncrement?: boolean };
    stages?: (Record<string, unknown> & { name: string; key?: string; colour?: string })[];
    transitions?: "any" | Record<string, string[]>;
    assignees?: "one" | "many";
    approvals?: Record<string, unknown>;
    checklist?: { items?: string; progress?: string; stages?: Record<string, string> };
    roles?: Record<string, unknown>[];
    links?: unknown;
    [keyword: string]: unknown;
  };
  [keyword: string]: unknown;
}

export interface Workflow {
  id: string;
  name: string;
  version: number;
  fields: Field[];
  stages: Stage[];
  /** The field that tells tasks apart, where there is one. */
  uniqueId: Field | null;
  /** Whether a task may have several assignees. */
  several: boolean;
  file: WorkflowFile;
}

export interface WorkflowSummary {
  id: string;
  name: string;
}

export const STAGE = "Stage";
export const ASSIGNED_TO = "Assigned To";
export const TASK_URL = "Task URL";

/** A task: values by the titles of the fields, and the three built-in names. */
export interface Task {
  [title: string]: unknown;
  Stage: string;
  "Assigned To": string | string[] | null;
  "Task URL": string;
}

export interface User {
  id: string;
  email: string;
  name: string;
  role: "admin" | "manager" | "member";
}

/** Somebody who takes part in a workflow. */
export interface Member {
  id: string;
  email: string;
  first_name: string;
  last_name: string;
  role_id: string;
}

export interface Role {
  id: string;
  name: string;
  admin: boolean;
}

export interface ApiKey {
  id: string;
  name: string;
  user: string | null;
  prefix: string;
  createdAt: string;
  scopes: string[] | null;
}

export interface By {
  id: string;
  email: string;
  name: string;
}

export interface Change {
  field: string;
  from: unknown;
  to: unknown;
}

export interface TaskEvent {
  id: string;
  at: string;
  kind: string;
  workflow: string;
  task: string;
  uid: string | null;
  title: string;
  by: By | null;
  changes: Change[];
  action?: string | null;
  comment?: string | null;
}

export type Layout = "table" | "board";

export interface View {
  id: string;
  name: string;
  layout: Layout;
  query: { where?: unknown; sort?: string[]; q?: string; search?: string };
  columns: { title: string; width?: number; hidden?: boolean }[];
  shared: boolean;
  owner: By | null;
  count?: number;
}

/** A value of a file field. */
export interface FileValue {
  blobId: string;
  contentType?: string;
  filename: string;
}

/** The id of a task: the last part of its address. */
export function taskId(task: Pick<Task, "Task URL">): string {
  return task[TASK_URL].slice(task[TASK_URL].lastIndexOf("/") + 1);
}

/** The unique ID of a task, where its workflow has one and the user sees it. */
export function uidOf(workflow: Workflow, task: Task): string | null {
  const value = workflow.uniqueId ? task[workflow.uniqueId.name] : null;
  return value === null || value === undefined ? null : String(value);
}

/** What stands for a task where there is room for one line. */
export function titleOf(workflow: Workflow, task: Task): string {
  const named = workflow.fields.find((field) => field.type === "text" && task[field.name]);
  return String((named && task[named.name]) || uidOf(workflow, task) || taskId(task));
}

export function assigneesOf(task: Task): string[] {
  const assigned = task[ASSIGNED_TO];
  return Array.isArray(assigned) ? assigned : assigned ? [assigned] : [];
}
