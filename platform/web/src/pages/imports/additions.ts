/** What a file needs and a workflow has not, and the workflow file with that added. */
import type { Schema, Workflow, WorkflowFile } from "@/api/types";
import { t } from "@/text";
import type { Proposed } from "./queries";
import { kindOfSchema, optionsOf, withOptions } from "./schemas";

interface Common {
  id: string;
  /** What it is in detail, one line. */
  detail: string;
}

export type Addition = Common &
  (
    | { kind: "field"; title: string; schema: Schema }
    | { kind: "options"; title: string; key: string; values: string[] }
    | { kind: "stages"; values: string[] }
  );

export function additionsOf(proposed: Proposed, workflow: Workflow): Addition[] {
  const fields = Object.entries(proposed.fields ?? {}).map(([column, schema]) => {
    const title = typeof schema.title === "string" ? schema.title : column;
    return {
      id: `field:${column}`,
      kind: "field" as const,
      title,
      schema,
      detail: kindText(schema),
    };
  });
  const options = Object.entries(proposed.options ?? {}).flatMap(([title, values]) => {
    const field = workflow.fields.find(({ name }) => name === title);
    const detail = values.join(", ");
    return field
      ? [{ id: `options:${title}`, kind: "options" as const, title, key: field.id, values, detail }]
      : [];
  });
  const stages = proposed.stages ?? [];
  return [
    ...fields,
    ...options,
    ...(stages.length > 0
      ? [{ id: "stages", kind: "stages" as const, values: stages, detail: stages.join(", ") }]
      : []),
  ];
}

/** The kind of a field in words, with its options. */
function kindText(schema: Schema): string {
  const kind = t(`imports.kind_${kindOfSchema(schema)}`);
  return [kind, optionsOf(schema).join(", ")].filter(Boolean).join(": ");
}

const LONGEST_KEY = 60;

/** A key for a field that none of the others has. */
export function keyOf(title: string, taken: ReadonlySet<string>): string {
  const letters = title.normalize("NFKD").replace(/[^\x20-\x7e]/g, "");
  const words = letters.replace(/[^A-Za-z0-9]+/g, "_").replace(/^_+|_+$/g, "");
  const base = words.slice(0, LONGEST_KEY).toLowerCase() || "field";
  let key = base;
  for (let number = 2; taken.has(key); number += 1) {
    key = `${base}_${number}`;
  }
  return key;
}

/** The workflow file with these added; nothing in it is taken away. */
export function extended(file: WorkflowFile, additions: readonly Addition[]): WorkflowFile {
  const properties: Record<string, Schema> = { ...file.properties };
  let stages = [...(file.workflow?.stages ?? [])];
  for (const addition of additions) {
    switch (addition.kind) {
      case "field": {
        const key = keyOf(addition.title, new Set(Object.keys(properties)));
        properties[key] = { ...addition.schema, title: addition.title };
        break;
      }
      case "options":
        properties[addition.key] = more(properties[addition.key] ?? {}, addition.values);
        break;
      case "stages":
        stages = [...stages, ...addition.values.map((name) => ({ name }))];
    }
  }
  const workflow = stages.length > 0 ? { ...file.workflow, stages } : file.workflow;
  return { ...file, properties, ...(workflow ? { workflow } : {}) };
}

function more(schema: Schema, values: readonly string[]): Schema {
  return withOptions(schema, [...optionsOf(schema), ...values]);
}
