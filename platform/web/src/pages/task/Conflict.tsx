import { Button, Group, Text } from "@mantine/core";
import { IconGitMerge } from "@tabler/icons-react";
import type { Field } from "@/api/types";
import { Cell, isUnset } from "@/fields";
import { t } from "@/text";
import type { Clash } from "./edits";
import classes from "./task.module.css";

/** A value as it is shown in a list of differences. */
export function Side(props: { field?: Field; value: unknown; workflow: string }) {
  const { field, value, workflow } = props;
  if (isUnset(value) || value === "") {
    return (
      <Text span size="sm" c="dimmed" fs="italic">
        {t("task.empty")}
      </Text>
    );
  }
  if (field) {
    return <Cell field={field} value={value} workflow={workflow} />;
  }
  return <>{typeof value === "string" ? value : JSON.stringify(value)}</>;
}

interface Props {
  clash: Clash;
  field?: Field;
  workflow: string;
  onMine: () => void;
  onTheirs: () => void;
}

/** One field that two changed: what it was, what others made of it, and what one typed. */
export function Conflict({ clash, field, workflow, onMine, onTheirs }: Props) {
  const sides = [
    ["task.conflict_base", clash.base],
    ["task.conflict_theirs", clash.theirs],
    ["task.conflict_yours", clash.yours],
  ] as const;
  return (
    <fieldset className={classes.conflict} aria-label={t("task.conflict", { name: clash.title })}>
      <Group gap={6} wrap="nowrap" mb={8}>
        <IconGitMerge size={16} aria-hidden />
        <Text size="sm" fw={600}>
          {t("task.conflict_text")}
        </Text>
      </Group>
      <dl className={classes.sides}>
        {sides.map(([label, value]) => (
          <div key={label}>
            <dt>{t(label)}</dt>
            <dd>
              <Side field={field} value={value} workflow={workflow} />
            </dd>
          </div>
        ))}
      </dl>
      <Group gap="xs" mt={10}>
        <Button size="xs" onClick={onMine} aria-label={`${t("task.keep_mine")}: ${clash.title}`}>
          {t("task.keep_mine")}
        </Button>
        <Button
          size="xs"
          variant="default"
          onClick={onTheirs}
          aria-label={`${t("task.take_theirs")}: ${clash.title}`}
        >
          {t("task.take_theirs")}
        </Button>
      </Group>
    </fieldset>
  );
}
