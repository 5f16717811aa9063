/** Which field stands where in the form, and what of it is shown. */
import type { Field, Schema, Workflow } from "@/api/types";
import { isUnset } from "@/fields";
import { fits, instanceOf, type Told, toldOf } from "./schema";

export type Values = Readonly<Record<string, unknown>>;

/** A section as a workflow file says it; without a title it is what stands in no other. */
export interface Section {
  title: string;
  description?: string;
  fields: Field[];
}

export interface Layout extends Told {
  sections: Section[];
  /** Keys of the fields that are shown. */
  shown: ReadonlySet<string>;
}

interface SaidSection {
  title: string;
  description?: string;
  fields: string[];
  show?: Schema | boolean;
}

/** The form of a task with these values; `without` are keys that stand elsewhere. */
export function layoutOf(
  workflow: Workflow,
  values: Values,
  without: ReadonlySet<string> = new Set(),
): Layout {
  const instance = instanceOf(workflow.fields, values);
  const told = toldOf(workflow.file, instance);
  const said = (workflow.file.workflow?.sections ?? []) as SaidSection[];
  const placed = new Set(said.flatMap((section) => section.fields));
  const byKey = new Map(workflow.fields.map((field) => [field.id, field]));
  const stands = (field: Field | undefined): field is Field =>
    field !== undefined &&
    !without.has(field.id) &&
    !(told.barred.has(field.id) && isUnset(values[field.name]));
  const sections = said
    .filter((section) => fits(section.show ?? true, instance, workflow.file))
    .map(({ title, description, fields }) => ({
      title,
      description,
      fields: fields.map((key) => byKey.get(key)).filter(stands),
    }));
  const rest = workflow.fields.filter((field) => !placed.has(field.id)).filter(stands);
  const every = [...sections, { title: "", fields: rest }].filter(
    ({ fields }) => fields.length > 0,
  );
  const shown = new Set(every.flatMap((section) => section.fields.map((field) => field.id)));
  return { ...told, sections: every, shown };
}
