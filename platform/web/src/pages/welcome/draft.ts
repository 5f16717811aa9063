/** A workflow that is being made: from a file of rows, from a template, or from nothing. */
import type { Schema, WorkflowFile } from "@/api/types";
import { keyOf } from "../imports/additions";
import type { Options, ReadAs, Reading } from "../imports/queries";
import {
  type Choosable,
  hasOptions,
  kindOfSchema,
  optionsOf,
  schemaOf,
  withOptions,
} from "../imports/schemas";

export interface DraftField {
  key: string;
  title: string;
  kind: Choosable;
  options: string[];
  required: boolean;
  /** What the file says of it so far; it stays where the kind stays. */
  schema: Schema;
  /** Why it was proposed so. */
  reason: string;
  samples: unknown[];
}

export interface DraftStage {
  id: string;
  name: string;
  end: boolean;
  /** What the file says of it so far, under its name there. */
  said: Record<string, unknown> & { name?: string };
}

/** A column of the dropped file: the key of its field, "stage", "assignee", or nothing. */
export interface DraftColumn {
  name: string;
  to: { kind: "field" | "stage" | "assignee"; key: string | null } | null;
  reason: string | null;
}

export interface Source {
  name: string;
  size: number;
  rows: number;
  reading: Reading;
  readAs: ReadAs;
  columns: DraftColumn[];
}

export interface Draft {
  title: string;
  description: string;
  fields: DraftField[];
  /** The key of the field that tells tasks apart. */
  unique: string | null;
  stages: DraftStage[];
  stageReason: string;
  uniqueReason: string;
  file: WorkflowFile;
  source: Source | null;
  /** Set once the workflow was created, so that a second try only imports. */
  created: string | null;
}

export interface Proposal extends ReadAs {
  file: WorkflowFile;
  reasons: { path: string[]; text: string }[];
  columns: {
    name: string;
    samples: unknown[];
    target: { kind: "field" | "stage" | "assignee"; title: string; key: string | null } | null;
    reason: string | null;
  }[];
  rows: number;
}

/** What a workflow without stages has. */
const USUAL = ["Not Started", "In Progress", "Done"];

export function draftOf(file: WorkflowFile): Draft {
  const required = new Set(file.required ?? []);
  const uniqueId = file.workflow?.uniqueId;
  const stages = file.workflow?.stages ?? USUAL.map((name) => ({ name, end: name === "Done" }));
  return {
    title: file.title ?? "",
    description: file.description ?? "",
    fields: Object.entries(file.properties ?? {}).map(([key, schema]) => ({
      key,
      title: String(schema.title ?? key),
      kind: kindOfSchema(schema),
      options: optionsOf(schema),
      required: required.has(key),
      schema,
      reason: "",
      samples: [],
    })),
    unique: typeof uniqueId === "object" ? uniqueId.field : (uniqueId ?? null),
    stages: stages.map((stage, place) => ({
      id: `s${place}`,
      name: stage.name,
      end: "end" in stage && stage.end === true,
      said: stage,
    })),
    stageReason: "",
    uniqueReason: "",
    file,
    source: null,
    created: null,
  };
}

/** What was proposed for a file, ready to be corrected. */
export function draftOfProposal(made: Proposal, file: File, reading: Reading): Draft {
  const draft = draftOf(made.file);
  const said = (...path: string[]) =>
    made.reasons.find((reason) => reason.path.join("/") === path.join("/"))?.text ?? "";
  const { file: _, reasons: __, columns, rows, ...readAs } = made;
  return {
    ...draft,
    title: named(draft.title),
    fields: draft.fields.map((field) => ({
      ...field,
      reason: said("properties", field.key).replace(/^'.*?': /, ""),
      samples: columns.find(({ target }) => target?.key === field.key)?.samples ?? [],
    })),
    stageReason: said("workflow", "stages"),
    uniqueReason: said("workflow", "uniqueId"),
    source: {
      name: file.name,
      size: file.size,
      rows,
      reading,
      readAs,
      columns: columns.map(({ name, target, reason }) => ({
        name,
        to: target && { kind: target.kind, key: target.key },
        reason,
      })),
    },
  };
}

/** The name of a file as one would call a workflow. */
function named(title: string): string {
  const words = title.replace(/[_-]+/g, " ").trim();
  return words.charAt(0).toUpperCase() + words.slice(1);
}

export function canBeUnique(field: DraftField): boolean {
  return field.kind === "integer" || (field.kind === "text" && !field.schema.format);
}

export function newField(draft: Draft): DraftField {
  const taken = new Set(draft.fields.map(({ key }) => key));
  return {
    key: keyOf("field", taken),
    title: "",
    kind: "text",
    options: [],
    required: false,
    schema: { type: "string" },
    reason: "",
    samples: [],
  };
}

export function newStage(draft: Draft): DraftStage {
  const last = Math.max(-1, ...draft.stages.map(({ id }) => Number(id.slice(1))));
  return { id: `s${last + 1}`, name: "", end: false, said: {} };
}

// --- the draft as a workflow file -------------------------------------------------------------

const LONGEST_ID = 60;

/** An id for the workflow that no other has. */
export function idOf(title: string, taken: readonly string[]): string {
  const letters = title.normalize("NFKD").replace(/[^\x20-\x7e]/g, "");
  const words = letters.replace(/[^A-Za-z0-9]+/g, "-").replace(/^-+|-+$/g, "");
  const base = words.slice(0, LONGEST_ID).toLowerCase() || "workflow";
  let id = base;
  for (let number = 2; taken.includes(id); number += 1) {
    id = `${base}-${number}`;
  }
  return id;
}

export function fileOf(draft: Draft, id: string): WorkflowFile {
  const kept = new Set(draft.fields.map(({ key }) => key));
  const required = draft.fields.filter((field) => field.required).map(({ key }) => key);
  const { description: _, required: __, ...others } = draft.file;
  return {
    ...others,
    $id: id,
    title: draft.title.trim(),
    ...(draft.description.trim() ? { description: draft.description.trim() } : {}),
    type: "object",
    ...(required.length > 0 ? { required } : {}),
    properties: Object.fromEntries(draft.fields.map((field) => [field.key, schemaFor(field)])),
    workflow: rulesOf(draft, kept),
  };
}

function schemaFor(field: DraftField): Schema {
  const title = field.title.trim();
  if (kindOfSchema(field.schema) !== field.kind) {
    return { title, ...schemaOf(field.kind, field.options) };
  }
  const schema = hasOptions(field.kind) ? withOptions(field.schema, field.options) : field.schema;
  const fits = schema.default === undefined || !hasOptions(field.kind);
  if (fits || field.options.includes(String(schema.default))) {
    return { ...schema, title };
  }
  const { default: _, ...others } = schema;
  return { ...others, title };
}

function rulesOf(draft: Draft, kept: ReadonlySet<string>): NonNullable<WorkflowFile["workflow"]> {
  const { uniqueId, stages: _, approvals, ...others } = draft.file.workflow ?? {};
  const same = typeof uniqueId === "object" && uniqueId.field === draft.unique;
  const stages = draft.stages.map(({ name, end, said }) => {
    const { end: __, ...rest } = said;
    const require = Array.isArray(rest.require)
      ? rest.require.filter((key) => kept.has(String(key)))
      : [];
    return {
      ...rest,
      name: name.trim(),
      ...(end ? { end } : {}),
      ...(rest.require ? { require } : {}),
    };
  });
  const steps = approvals?.steps;
  return {
    ...others,
    ...(draft.unique ? { uniqueId: same ? uniqueId : draft.unique } : {}),
    stages,
    ...(approvals && kept.has(String(steps)) ? { approvals: renamed(approvals, draft) } : {}),
  };
}

/** The rules of approvals with the stages called as they are called now. */
function renamed(approvals: Record<string, unknown>, draft: Draft): Record<string, unknown> {
  const names = new Map(draft.stages.map(({ name, said }) => [said.name, name.trim()]));
  const stages = (approvals.stages ?? {}) as Record<string, string>;
  const now = Object.entries(stages).map(([place, name]) => [place, names.get(name) ?? name]);
  return { ...approvals, stages: Object.fromEntries(now) };
}

/** Where the columns of the dropped file go in the workflow as it was created. */
export function optionsFor(draft: Draft, source: Source): Options {
  const titles = new Map(draft.fields.map(({ key, title }) => [key, title.trim()]));
  const map = source.columns.flatMap(({ name, to }) => {
    if (to?.kind === "field") {
      return [[name, titles.get(to.key ?? "") ?? null] as const];
    }
    return to ? [[name, to.kind === "stage" ? "Stage" : "Assigned To"] as const] : [];
  });
  return { reading: source.reading, map: Object.fromEntries(map), mode: "upsert" };
}
