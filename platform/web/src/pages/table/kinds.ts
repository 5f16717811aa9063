/** What the table knows of kinds of fields. */
import { type Field, type Kind, STAGE, type Workflow } from "@/api/types";

const UNSORTED: ReadonlySet<Kind> = new Set([
  "multipleSelect",
  "textList",
  "personList",
  "file",
  "json",
  "checklist",
  "approvalSteps",
  "link",
]);

export function isSortable(field: Field): boolean {
  return !UNSORTED.has(field.type);
}

/** Why a cell of this column cannot be edited; null where it can. */
export function isFixed(workflow: Workflow, field: Field): boolean {
  return !field.editable || field.id === workflow.uniqueId?.id;
}

/** The stages that a task may not go to from where it is. */
export function forbiddenStages(workflow: Workflow, from: string): ReadonlySet<string> {
  const said = workflow.file.workflow?.transitions;
  if (!said || said === "any") {
    return new Set();
  }
  const names = new Map(workflow.stages.map((stage) => [stage.id, stage.name]));
  const here = workflow.stages.find((stage) => stage.name === from);
  const open = new Set(
    [...(said[from] ?? []), ...(here ? (said[here.id] ?? []) : [])].map(
      (name) => names.get(name) ?? name,
    ),
  );
  return new Set(
    workflow.stages.map((stage) => stage.name).filter((name) => name !== from && !open.has(name)),
  );
}

export function isStage(field: Field): boolean {
  return field.id === STAGE && field.name === STAGE;
}
