import { parseExact } from "@/api/exact";
import type { Field, Schema } from "@/api/types";
import { Editor, isUnset } from "@/fields";
import { t } from "@/text";
import { useDesign } from "./design";
import type { FieldKind } from "./kinds";

const WITHOUT = new Set<FieldKind>([
  "person",
  "personList",
  "file",
  "checklist",
  "approvalSteps",
  "json",
]);
const NUMERIC = new Set<FieldKind>(["number", "integer", "percent", "currency"]);
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;

interface Props {
  field: Field;
  own: Schema;
  kind: FieldKind;
  onChange: (part: Schema) => void;
  fault: string | undefined;
}

/** What a new task gets where nobody gives it a value; edited as the field itself is. */
export function Default({ field, own, kind, onChange, fault }: Props) {
  const { id, locked } = useDesign();
  if (WITHOUT.has(kind) || field.type === "uniqueId" || own.auto !== undefined) {
    return null;
  }
  const numeric = NUMERIC.has(kind);
  const shown: Field = {
    ...field,
    id: `default-${field.id}`,
    name: t("designer.default"),
    required: false,
    editable: true,
    schema: { ...field.schema, description: t("designer.default_hint") },
  };
  const set = (value: unknown) => {
    const none = isUnset(value) || value === "";
    if (none || !numeric) {
      onChange({ default: none ? undefined : value });
    } else if (NUMBER.test(String(value))) {
      onChange({ default: parseExact(String(value)) });
    }
  };
  const value = own.default;
  return (
    <Editor
      key={kind}
      field={shown}
      value={numeric && value !== undefined ? JSON.stringify(value) : value}
      onChange={set}
      workflow={id}
      disabled={locked}
      fault={fault}
    />
  );
}
