import {
  ActionIcon,
  Button,
  Checkbox,
  Radio,
  Select,
  TagsInput,
  TextInput,
  Title,
  Tooltip,
} from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { t } from "@/text";
import { Samples } from "../imports/Mapping";
import { CHOOSABLE, hasOptions } from "../imports/schemas";
import { canBeUnique, type Draft, type DraftField, newField } from "./draft";
import classes from "./Welcome.module.css";

interface Props {
  draft: Draft;
  onDraft: (draft: Draft) => void;
}

/** The fields, each on a line: what it is called, what it holds, and why that was proposed. */
export function Fields({ draft, onDraft }: Props) {
  const change = (key: string, changes: Partial<DraftField>) => {
    const fields = draft.fields.map((field) =>
      field.key === key ? { ...field, ...changes } : field,
    );
    const unique = fields.find((field) => field.key === draft.unique);
    onDraft({ ...draft, fields, unique: unique && canBeUnique(unique) ? draft.unique : null });
  };
  const remove = (key: string) =>
    onDraft({
      ...draft,
      fields: draft.fields.filter((field) => field.key !== key),
      unique: draft.unique === key ? null : draft.unique,
    });
  const title = (field: DraftField) => field.title || t("welcome.untitled");
  return (
    <section aria-labelledby="fields" className={classes.part}>
      <Title order={2} id="fields">
        {t("welcome.fields")}
      </Title>
      <p className={classes.lead}>{t("welcome.fields_lead")}</p>
      <ul className={classes.fields}>
        {draft.fields.map((field) => (
          <li key={field.key} className={classes.field}>
            <TextInput
              label={t("welcome.field_title")}
              value={field.title}
              maxLength={200}
              error={field.title.trim() ? null : t("welcome.title_needed")}
              onChange={(event) => change(field.key, { title: event.currentTarget.value })}
            />
            <Select
              label={t("welcome.field_kind")}
              aria-label={t("welcome.kind_of", { title: title(field) })}
              data={CHOOSABLE.map((kind) => ({ value: kind, label: t(`imports.kind_${kind}`) }))}
              value={field.kind}
              allowDeselect={false}
              searchable
              onChange={(value) => {
                const kind = CHOOSABLE.find((one) => one === value);
                if (kind) {
                  const seen = hasOptions(kind) && field.options.length === 0;
                  change(field.key, {
                    kind,
                    options: seen ? field.samples.map(String) : field.options,
                  });
                }
              }}
            />
            <div className={classes.flags}>
              <Checkbox
                label={t("welcome.required")}
                aria-label={t("welcome.required_of", { title: title(field) })}
                checked={field.required}
                onChange={(event) => change(field.key, { required: event.currentTarget.checked })}
              />
              <Radio
                name="unique"
                label={t("welcome.unique")}
                aria-label={t("welcome.unique_of", { title: title(field) })}
                disabled={!canBeUnique(field)}
                checked={draft.unique === field.key}
                onChange={() => onDraft({ ...draft, unique: field.key })}
              />
              <Tooltip label={t("shared.remove")}>
                <ActionIcon
                  aria-label={t("welcome.remove", { title: title(field) })}
                  onClick={() => remove(field.key)}
                >
                  <IconTrash size={16} />
                </ActionIcon>
              </Tooltip>
            </div>
            {hasOptions(field.kind) && (
              <TagsInput
                className={classes.options}
                label={t("welcome.options")}
                aria-label={t("welcome.options_of", { title: title(field) })}
                value={field.options}
                error={field.options.length === 0 ? t("welcome.options_needed") : null}
                onChange={(options) => change(field.key, { options })}
              />
            )}
            {(field.reason || field.samples.length > 0) && (
              <div className={classes.why}>
                <Samples samples={field.samples} />
                {field.reason && <span>{field.reason}</span>}
              </div>
            )}
          </li>
        ))}
      </ul>
      <div className={classes.below}>
        <Button
          variant="default"
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => onDraft({ ...draft, fields: [...draft.fields, newField(draft)] })}
        >
          {t("welcome.add_field")}
        </Button>
        {draft.unique ? (
          <Button variant="subtle" color="gray" onClick={() => onDraft({ ...draft, unique: null })}>
            {t("welcome.no_unique")}
          </Button>
        ) : (
          <span>{t("welcome.without_unique")}</span>
        )}
      </div>
    </section>
  );
}
