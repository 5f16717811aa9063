/** What can be filtered by: the fields that take a comparison, and what every task has. */
import { ASSIGNED_TO, type Field, type Kind, STAGE, type Workflow } from "@/api/types";
import { operatorsOf } from "./operators";

function builtIn(name: string, type: Kind, options?: string[]): Field {
  return { id: name, name, type, required: false, editable: true, options, schema: {} };
}

/** Every field by which a workflow's tasks can be filtered, as editors and operators take it. */
export function filterFields(workflow: Workflow): Field[] {
  const own = workflow.fields
    .filter((field) => operatorsOf(field).length > 0)
    .map((field) => ({ ...field, editable: true, required: false }));
  return [
    builtIn(
      STAGE,
      "singleSelect",
      workflow.stages.map((stage) => stage.name),
    ),
    builtIn(ASSIGNED_TO, "person"),
    ...own,
    builtIn("Created On", "datetime"),
    builtIn("Updated On", "datetime"),
  ];
}
