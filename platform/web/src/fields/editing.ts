/** What all editors do alike: labels, faults, and the keys that commit and cancel. */
import type { KeyboardEvent } from "react";
import classes from "./Frame.module.css";
import type { EditorProps } from "./kind";

interface Framed {
  label?: string;
  "aria-label"?: string;
  required?: boolean;
  description?: string;
  error?: string;
  autoFocus?: boolean;
  "data-autofocus"?: boolean;
  disabled: boolean;
  className?: string;
}

/** Properties for a Mantine input. */
export function framed(props: EditorProps): Framed {
  const { field, fault, autoFocus, inline, disabled, required } = props;
  const said = {
    error: fault,
    autoFocus,
    "data-autofocus": autoFocus || undefined,
    disabled: disabled || !field.editable,
  };
  if (inline) {
    return { ...said, "aria-label": field.name, className: classes.inline };
  }
  const description = field.schema.description;
  return {
    ...said,
    label: field.name,
    required: required ?? field.required,
    description: typeof description === "string" ? description : undefined,
  };
}

/** Enter commits and Escape cancels; `multiline` leaves Enter alone and takes it with Ctrl. */
export function keyed(
  { onCommit, onCancel }: EditorProps,
  value: () => unknown,
  multiline = false,
): (event: KeyboardEvent) => void {
  return (event) => {
    const enter = event.key === "Enter" && !event.nativeEvent.isComposing;
    if (enter && onCommit && (!multiline || event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      onCommit(value());
    } else if (event.key === "Escape" && onCancel) {
      event.preventDefault();
      event.stopPropagation();
      onCancel();
    }
  };
}
