/** What a kind of field is in the app: how its values are shown, and how they are edited. */
import type { ComponentType } from "react";
import type { Field } from "@/api/types";

export interface CellProps {
  /** As the server spells it; null and undefined are unset. */
  value: unknown;
  field: Field;
  /** Id of the workflow, for what needs its people. */
  workflow?: string;
}

export interface EditorProps extends CellProps {
  /** Each change, also while somebody types: what would be sent. */
  onChange: (value: unknown) => void;
  /** Somebody is done: Enter, a choice made, or the focus gone elsewhere. */
  onCommit?: (value: unknown) => void;
  /** Escape. */
  onCancel?: () => void;
  /** What is wrong with the value, told below it. */
  fault?: string;
  autoFocus?: boolean;
  /** In a table cell: no label to see, no frame. */
  inline?: boolean;
  disabled?: boolean;
  /** Shown as needed, where the field itself is not always required. */
  required?: boolean;
}

export interface KindOfField {
  Cell: ComponentType<CellProps>;
  Editor: ComponentType<EditorProps>;
  /** Its values stand at the right, figures below figures. */
  numeric?: boolean;
  /** Too large for a cell: edited in a dialog or on the task's page. */
  large?: boolean;
  /** The value as one line of plain text: for copying, titles and screen readers. */
  text: (value: unknown) => string;
}

export function isUnset(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}
