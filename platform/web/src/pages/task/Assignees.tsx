import type { ReactNode } from "react";
import { ASSIGNED_TO, type Workflow } from "@/api/types";
import { Editor } from "@/fields";
import { t } from "@/text";
import { assigneeField } from "./assignee";
import { Panel } from "./Panel";

interface Props {
  workflow: Workflow;
  values: Record<string, unknown>;
  locked: boolean;
  fault?: string;
  onChange: (title: string, value: unknown) => void;
  children?: ReactNode;
}

/** Whose task it is. */
export function Assignees({ workflow, values, locked, fault, onChange, children }: Props) {
  return (
    <Panel label={t("task.assigned_to")} id="task-assignees">
      <Editor
        field={assigneeField(workflow)}
        value={values[ASSIGNED_TO]}
        workflow={workflow.id}
        disabled={locked}
        fault={fault}
        onChange={(value) => onChange(ASSIGNED_TO, value)}
      />
      {children}
    </Panel>
  );
}
