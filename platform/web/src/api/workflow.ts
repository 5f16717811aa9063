/** Puts together what the server and the workflow file say of a workflow. */
import type { Field, Kind, Schema, Stage, Workflow, WorkflowFile } from "./types";

export interface WorkflowAnswer {
  id: string;
  name: string;
  version: number;
  fields: (Omit<Field, "schema" | "type"> & { type: string })[];
  stages: Omit<Stage, "colour">[];
  file: WorkflowFile;
}

export function workflowOf(answer: WorkflowAnswer): Workflow {
  const properties = answer.file.properties ?? {};
  const rules = answer.file.workflow ?? {};
  const fields = answer.fields.map((field) => ({
    ...field,
    type: field.type as Kind,
    schema: properties[field.id] ?? {},
  }));
  return {
    ...answer,
    fields,
    stages: answer.stages.map((stage) => withLooks(stage, rules.stages ?? [])),
    uniqueId: fields.find((field) => field.type === "uniqueId") ?? null,
    several: rules.assignees === "many",
  };
}

function withLooks(stage: Omit<Stage, "colour">, said: Schema[]): Stage {
  const own = said.find((one) => (one.key ?? one.name) === stage.id) ?? {};
  const { colour, wipLimit, checklist } = own as Partial<Stage> & { wipLimit?: number };
  return { ...stage, colour, limit: wipLimit, checklist };
}

export function byTitle(workflow: Workflow, title: string): Field | undefined {
  return workflow.fields.find((field) => field.name === title);
}
