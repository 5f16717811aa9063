/** A cell as it is shown: the value, or what somebody typed that is not saved. */
import { IconAlertTriangleFilled, IconExternalLink, IconGitMerge } from "@tabler/icons-react";
import { memo } from "react";
import type { Task, Workflow } from "@/api/types";
import { isUnset, kindOf } from "@/fields";
import { Avatar, Person } from "@/shared/Avatar";
import { StageBadge } from "@/shared/Pill";
import { t } from "@/text";
import type { Column } from "./columns";
import { type Edits, useEdit } from "./edits";
import classes from "./Grid.module.css";
import { isStage } from "./kinds";

export interface Showing {
  workflow: Workflow;
  edits: Edits;
  /** What somebody is called, by e-mail. */
  name: (email: string) => string;
}

interface Props extends Showing {
  task: Task;
  id: string;
  column: Column;
}

export const CellContent = memo(function CellContent(props: Props) {
  const { task, id, column, edits } = props;
  const edit = useEdit(edits, id, column.title);
  const value = edit ? edit.value : task[column.title];
  return (
    <>
      <span className={classes.value} data-doing={edit?.doing}>
        {isUnset(value) ? null : <Value {...props} value={value} />}
      </span>
      {edit?.doing === "refused" && (
        <IconAlertTriangleFilled
          size={15}
          className={classes.fault}
          role="img"
          aria-label={t("table.refused_mark", { message: edit.messages.join(". ") })}
        />
      )}
      {edit?.doing === "conflict" && (
        <IconGitMerge
          size={15}
          className={classes.fault}
          role="img"
          aria-label={t("table.conflict_mark")}
        />
      )}
      {edit?.doing === "saving" && <i className={classes.saving} aria-hidden />}
    </>
  );
});

const WEB = /^https?:\/\//i;

function Value({ workflow, column, name, value }: Props & { value: unknown }) {
  const { field } = column;
  if (isStage(field)) {
    return <StageBadge stages={workflow.stages} name={String(value)} />;
  }
  switch (field.type) {
    case "person":
      return <Person email={String(value)} name={name(String(value))} />;
    case "personList":
      return <People emails={Array.isArray(value) ? value.map(String) : []} name={name} />;
    case "email":
      return <>{String(value)}</>;
    case "url":
      return <Address address={String(value)} />;
    default: {
      const { Cell } = kindOf(field);
      return <Cell value={value} field={field} workflow={workflow.id} />;
    }
  }
}

function People({ emails, name }: { emails: string[]; name: (email: string) => string }) {
  const [only] = emails;
  if (emails.length === 1 && only) {
    return <Person email={only} name={name(only)} />;
  }
  return (
    <span className={classes.people}>
      {emails.map((email) => (
        <Avatar key={email} tip email={email} name={name(email)} size={20} />
      ))}
    </span>
  );
}

/** An address that is followed by the mark beside it: a click on the cell is for the cell. */
function Address({ address }: { address: string }) {
  return (
    <>
      {address.replace(/^https?:\/\/(www\.)?/, "").replace(/\/$/, "")}
      {WEB.test(address) && (
        <a
          href={address}
          target="_blank"
          rel="noreferrer noopener"
          tabIndex={-1}
          className={classes.follow}
          aria-label={t("fields.open_link", { address })}
        >
          <IconExternalLink size={14} aria-hidden />
        </a>
      )}
    </>
  );
}
