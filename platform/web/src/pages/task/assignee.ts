import { ASSIGNED_TO, type Field, type Workflow } from "@/api/types";

/** The assignees of a task as if they were a field, so that they are shown and edited like one. */
export function assigneeField(workflow: Workflow): Field {
  return {
    id: "_assignee",
    name: ASSIGNED_TO,
    type: workflow.several ? "personList" : "person",
    required: false,
    editable: true,
    schema: {},
  };
}
