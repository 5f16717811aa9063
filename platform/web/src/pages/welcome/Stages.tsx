import { ActionIcon, Button, Checkbox, TextInput, Title } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconTrash } from "@tabler/icons-react";
import { t } from "@/text";
import { type Draft, type DraftStage, newStage } from "./draft";
import classes from "./Welcome.module.css";

interface Props {
  draft: Draft;
  onDraft: (draft: Draft) => void;
}

/** The stages that tasks move through, from the first to the last. */
export function Stages({ draft, onDraft }: Props) {
  const { stages } = draft;
  const put = (next: DraftStage[]) => onDraft({ ...draft, stages: next });
  const change = (id: string, changes: Partial<DraftStage>) =>
    put(stages.map((stage) => (stage.id === id ? { ...stage, ...changes } : stage)));
  const swap = (place: number, by: number) => {
    const next = [...stages];
    const [moved] = next.splice(place, 1);
    if (moved) {
      next.splice(place + by, 0, moved);
      put(next);
    }
  };
  return (
    <section aria-labelledby="stages" className={classes.part}>
      <Title order={2} id="stages">
        {t("welcome.stages")}
      </Title>
      <p className={classes.lead}>{draft.stageReason || t("welcome.stages_lead")}</p>
      <ol className={classes.stages}>
        {stages.map((stage, place) => (
          <li key={stage.id} className={classes.stage}>
            <span className={classes.number} aria-hidden>
              {place + 1}
            </span>
            <TextInput
              className={classes.grow}
              aria-label={t("welcome.stage_name", { number: place + 1 })}
              value={stage.name}
              maxLength={200}
              error={stage.name.trim() ? null : t("welcome.title_needed")}
              onChange={(event) => change(stage.id, { name: event.currentTarget.value })}
            />
            <Checkbox
              label={t("welcome.end")}
              aria-label={t("welcome.end_of", { name: stage.name })}
              checked={stage.end}
              onChange={(event) => change(stage.id, { end: event.currentTarget.checked })}
            />
            <ActionIcon
              aria-label={t("welcome.up", { name: stage.name })}
              disabled={place === 0}
              onClick={() => swap(place, -1)}
            >
              <IconArrowUp size={16} />
            </ActionIcon>
            <ActionIcon
              aria-label={t("welcome.down", { name: stage.name })}
              disabled={place === stages.length - 1}
              onClick={() => swap(place, 1)}
            >
              <IconArrowDown size={16} />
            </ActionIcon>
            <ActionIcon
              aria-label={t("welcome.remove", { title: stage.name })}
              disabled={stages.length === 1}
              onClick={() => put(stages.filter(({ id }) => id !== stage.id))}
            >
              <IconTrash size={16} />
            </ActionIcon>
          </li>
        ))}
      </ol>
      <Button
        mt="sm"
        variant="default"
        leftSection={<IconPlus size={16} aria-hidden />}
        onClick={() => put([...stages, newStage(draft)])}
      >
        {t("welcome.add_stage")}
      </Button>
    </section>
  );
}
