import { Fieldset, Select, Switch, Textarea, TextInput } from "@mantine/core";
import { useState } from "react";
import type { WorkflowFile } from "@/api/types";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { useDesign } from "./design";
import { Heading } from "./Heading";
import { fieldsOf, kindOfSchema, uniqueOf } from "./kinds";
import { keyFor, ofWorkflow, put, setUnique } from "./model";
import { Removed } from "./Removed";

/** What a workflow is called, and what holds for all of it. */
export function General() {
  const { id, file, locked, admin, faultAt, change } = useDesign();
  const unique = uniqueOf(file);
  const candidates = fieldsOf(file).filter((field) => {
    const kind = kindOfSchema(field.schema, file);
    return (kind === "text" || kind === "integer") && field.schema.format === undefined;
  });
  const chosen = candidates.find((field) => field.id === unique?.field);
  return (
    <>
      <Fieldset variant="unstyled" disabled={locked} className={classes.form}>
        <Heading title={t("designer.general")} />
        <div className={classes.pair}>
          <TextInput
            label={t("designer.name")}
            value={file.title ?? ""}
            placeholder={id}
            onChange={(event) => {
              const title = event.currentTarget.value;
              change((one) => entitled(one, title, id === ""));
            }}
            error={faultAt(["title"])}
          />
          <Identity />
        </div>
        <Textarea
          label={t("designer.description")}
          autosize
          minRows={2}
          value={file.description ?? ""}
          onChange={(event) => {
            const description = event.currentTarget.value || undefined;
            change((one) => put<WorkflowFile>(one, { description }));
          }}
          error={faultAt(["description"])}
        />
        <Select
          label={t("designer.unique")}
          description={t("designer.unique_hint")}
          placeholder={t("designer.unique_none")}
          clearable
          clearButtonProps={{ "aria-label": t("designer.unique_clear") }}
          data={candidates.map((field) => ({ value: field.id, label: field.name }))}
          value={unique?.field ?? null}
          onChange={(key) => change((one) => setUnique(one, key))}
          error={faultAt(["workflow", "uniqueId"])}
        />
        {chosen && kindOfSchema(chosen.schema, file) === "integer" && (
          <Switch
            label={t("designer.counted")}
            description={t("designer.counted_hint")}
            checked={unique?.autoIncrement ?? false}
            onChange={(event) => {
              const on = event.currentTarget.checked;
              change((one) => setUnique(one, chosen.id, on));
            }}
          />
        )}
        <Switch
          label={t("designer.several")}
          description={t("designer.several_hint")}
          checked={file.workflow?.assignees === "many"}
          onChange={(event) => {
            const assignees = event.currentTarget.checked ? "many" : undefined;
            change((one) => ofWorkflow(one, { assignees }));
          }}
        />
        <Switch
          label={t("designer.unknown")}
          description={t("designer.unknown_hint")}
          checked={file.workflow?.unknown === "ignore"}
          onChange={(event) => {
            const unknown = event.currentTarget.checked ? "ignore" : undefined;
            change((one) => ofWorkflow(one, { unknown }));
          }}
        />
      </Fieldset>
      {admin && id !== "" && <Removed workflow={id} />}
    </>
  );
}

/** With its title a new workflow gets its id, until somebody writes another. */
function entitled(file: WorkflowFile, title: string, fresh: boolean): WorkflowFile {
  const before = idFor(file.title ?? "");
  const follows = fresh && (file.$id === before || !file.$id);
  return put(file, { title, ...(follows ? { $id: idFor(title) } : {}) });
}

export function idFor(title: string): string {
  return title === "" ? "" : keyFor(title, []).replaceAll("_", "-");
}

function Identity() {
  const { id, file, change, faultAt } = useDesign();
  const [typed, setTyped] = useState<string | null>(null);
  const fixed = id !== "";
  return (
    <TextInput
      label={t("designer.id")}
      description={t(fixed ? "designer.id_fixed" : "designer.id_hint")}
      inputWrapperOrder={["label", "input", "description", "error"]}
      readOnly={fixed}
      variant={fixed ? "filled" : "default"}
      styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
      value={fixed ? id : (typed ?? file.$id ?? "")}
      onChange={(event) => {
        const $id = event.currentTarget.value;
        setTyped($id);
        change((one) => put<WorkflowFile>(one, { $id }));
      }}
      onBlur={() => setTyped(null)}
      error={fixed ? undefined : faultAt(["$id"])}
    />
  );
}
