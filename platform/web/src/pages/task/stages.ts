/** Where a task may go from where it is, and what it lacks for that. */
import type { Field, Stage, Workflow } from "@/api/types";
import { isUnset } from "@/fields";

export interface Move {
  stage: Stage;
  /** The fields that have to be set first. */
  missing: Field[];
}

export function movesFrom(
  workflow: Workflow,
  values: Record<string, unknown>,
  now: string,
): Move[] {
  const said = workflow.file.workflow?.transitions ?? "any";
  const next = said === "any" ? null : new Set(said[now] ?? []);
  return workflow.stages
    .filter((stage) => stage.name !== now && (next === null || next.has(stage.name)))
    .map((stage) => ({ stage, missing: missingFor(workflow, values, stage) }));
}

export function missingFor(
  workflow: Workflow,
  values: Record<string, unknown>,
  stage: Stage,
): Field[] {
  return workflow.fields.filter((field) => {
    const value = values[field.name];
    return stage.require.includes(field.id) && (isUnset(value) || value === "");
  });
}
