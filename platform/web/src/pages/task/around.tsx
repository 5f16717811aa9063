import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowLeft } from "@tabler/icons-react";
import { Link } from "react-router";
import { isProblem } from "@/api/client";
import type { Workflow } from "@/api/types";
import { workflowAddress } from "@/app/places";
import { leadTo } from "@/forms";
import { t } from "@/text";

/** The way back to the tasks of a workflow. */
export function Back({ workflow }: { workflow: Workflow }) {
  return (
    <Tooltip label={t("task.back", { name: workflow.name })}>
      <ActionIcon
        component={Link}
        to={workflowAddress(workflow.id)}
        size="lg"
        aria-label={t("task.back", { name: workflow.name })}
      >
        <IconArrowLeft size={19} />
      </ActionIcon>
    </Tooltip>
  );
}

/** Leads to the first field that a save was refused for. */
export function leadToFault(workflow: Workflow, failure: unknown): void {
  const titles = isProblem(failure) ? failure.faults.map((fault) => fault.path[0]) : [];
  const first = workflow.fields.find((field) => titles.includes(field.name));
  if (first) {
    leadTo(first);
  }
}

export function focusFirst(workflow: Workflow): void {
  const first = workflow.fields.find((field) => field.editable && !field.autoincrement);
  if (first) {
    leadTo(first);
  }
}

/** Leads to the two changes of a field, once they are shown. */
export function leadToClash(workflow: Workflow, title: string): void {
  const field = workflow.fields.find((one) => one.name === title);
  if (field) {
    requestAnimationFrame(() => leadTo(field));
  }
}
