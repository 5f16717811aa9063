import { ActionIcon, Tooltip } from "@mantine/core";
import { IconArrowBackUp } from "@tabler/icons-react";
import { memo, type ReactNode, useMemo } from "react";
import type { Field } from "@/api/types";
import { Editor, isUnset, kindOf } from "@/fields";
import { t } from "@/text";
import { Files } from "./Files";
import classes from "./TaskForm.module.css";

const WIDE = new Set(["textList", "multipleSelect"]);

interface Props {
  field: Field;
  value: unknown;
  /** The value that is saved. */
  saved: unknown;
  changed: boolean;
  /** The task is not there yet, so that what is fixed afterwards can be set. */
  fresh: boolean;
  locked: boolean;
  needed: boolean;
  fault?: string;
  workflow: string;
  onChange: (title: string, value: unknown) => void;
  onReset?: (title: string) => void;
  /** What stands below the editor. */
  children?: ReactNode;
}

/** Where a field stands in the page, for who wants to lead to it. */
export function placeOf(field: Pick<Field, "id">): string {
  return `field-${field.id}`;
}

/** Brings a field into view, and the focus into its editor. */
export function leadTo(field: Pick<Field, "id">): void {
  const place = document.getElementById(placeOf(field));
  const editor = place?.querySelector<HTMLElement>(
    "input:not([type=hidden]):not(:disabled), textarea:not(:disabled), button:not(:disabled)",
  );
  place?.scrollIntoView({ block: "center" });
  editor?.focus({ preventScroll: true });
}

/** One field of the form. */
export const FormField = memo(function FormField(props: Props) {
  const { field, value, saved, changed, fresh, locked, needed, fault, workflow } = props;
  const { onChange, onReset } = props;
  const open = useMemo(() => (fresh ? { ...field, editable: true } : field), [field, fresh]);
  const kept = field.schema.writeOnce === true && !fresh && !isUnset(saved);
  const editor = {
    field: open,
    value,
    workflow,
    fault,
    required: needed,
    disabled: locked || kept,
    onChange: (next: unknown) => onChange(field.name, next),
  };
  const wide = kindOf(field).large || WIDE.has(field.type);
  return (
    <div
      id={placeOf(field)}
      className={wide ? `${classes.field} ${classes.wide}` : classes.field}
      data-changed={changed || undefined}
    >
      {field.type === "file" ? <Files {...editor} /> : <Editor {...editor} />}
      {changed && onReset && (
        <Tooltip label={t("forms.reset", { name: field.name })}>
          <ActionIcon
            className={classes.reset}
            size="sm"
            aria-label={t("forms.reset", { name: field.name })}
            onClick={() => onReset(field.name)}
          >
            <IconArrowBackUp size={15} />
          </ActionIcon>
        </Tooltip>
      )}
      {props.children}
    </div>
  );
});
