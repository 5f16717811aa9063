import { useMemo, useState } from "react";
import type { Stage, Workflow } from "@/api/types";
import { TaskForm } from "@/forms";
import { StageBadge } from "@/shared/Pill";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { fieldsOf } from "./kinds";
import { initialOf, stagesOf } from "./model";

/** The form of a new task as the file says it now; what is typed goes nowhere. */
export function Preview() {
  const { id, file } = useDesign();
  const [values, setValues] = useState<Record<string, unknown>>({});
  const workflow = useMemo<Workflow>(() => {
    const fields = fieldsOf(file);
    const stages: Stage[] = stagesOf(file).map((stage, at, all) => ({
      id: stage.key ?? stage.name,
      name: stage.name,
      initial: initialOf(all) === at,
      end: stage.end === true,
      require: stage.require ?? [],
      colour: stage.colour,
    }));
    return {
      id,
      name: file.title ?? id,
      version: 0,
      fields,
      stages,
      uniqueId: fields.find((field) => field.type === "uniqueId") ?? null,
      several: file.workflow?.assignees === "many",
      file,
    };
  }, [id, file]);
  const shown = useMemo(() => {
    const defaults = workflow.fields
      .filter((field) => field.schema.default !== undefined)
      .map((field) => [field.name, spelt(field.schema.default)]);
    return { ...Object.fromEntries(defaults), ...values };
  }, [workflow, values]);
  return (
    <div className={classes.preview}>
      <ol className={classes.flow} aria-label={t("designer.stages")}>
        {workflow.stages.map((stage) => (
          <li key={stage.id}>
            <StageBadge stages={workflow.stages} name={stage.name} />
          </li>
        ))}
      </ol>
      <TaskForm
        workflow={workflow}
        values={shown}
        changed={new Set(Object.keys(values))}
        onChange={(title, value) => setValues((before) => ({ ...before, [title]: value }))}
      />
    </div>
  );
}

/** A default as a task would show it: numbers are texts on the wire. */
function spelt(value: unknown): unknown {
  const number =
    typeof value === "number" ||
    (typeof value === "object" && value !== null && "rawJSON" in value);
  return number ? JSON.stringify(value) : value;
}
