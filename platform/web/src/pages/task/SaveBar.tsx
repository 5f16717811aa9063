import { Button, Group, Kbd, Text } from "@mantine/core";
import { IconDeviceFloppy } from "@tabler/icons-react";
import { useState } from "react";
import { Confirm } from "@/shared/Confirm";
import { t } from "@/text";
import classes from "./task.module.css";

interface Props {
  count: number;
  busy: boolean;
  label: string;
  onSave: () => void;
  onDiscard: () => void;
  /** Nothing can be saved, only given up. */
  blocked?: boolean;
  /** What stands in the way of saving. */
  note?: string;
}

const APPLE = /Mac|iPhone|iPad/.test(navigator.platform);

/** What is not saved yet, and how to save it. */
export function SaveBar({ count, busy, label, onSave, onDiscard, blocked, note }: Props) {
  const [asking, setAsking] = useState(false);
  return (
    <section className={classes.bar} aria-label={t("task.draft")}>
      <div className={classes.barText}>
        <Text size="sm" fw={600} role="status">
          {count > 0 ? t("task.unsaved", { count }) : ""}
        </Text>
        {note ? (
          <Text size="xs" role="alert" className={classes.note}>
            {note}
          </Text>
        ) : (
          <Text size="xs" c="dimmed" visibleFrom="xs">
            {t(count > 0 ? "task.kept_here" : "task.nothing_typed")}
          </Text>
        )}
      </div>
      <Group gap="xs" wrap="nowrap">
        {count > 0 && (
          <Button variant="default" onClick={() => setAsking(true)} disabled={busy}>
            {t("task.discard")}
          </Button>
        )}
        <Button
          onClick={onSave}
          loading={busy}
          disabled={blocked}
          leftSection={<IconDeviceFloppy size={16} />}
          rightSection={
            <Kbd size="xs" className={classes.kbd} visibleFrom="sm" aria-hidden>
              {APPLE ? "⌘S" : "Ctrl S"}
            </Kbd>
          }
        >
          {label}
        </Button>
      </Group>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("task.discard_title")}
        text={t("task.discard_text", { count })}
        action={t("task.discard")}
        onConfirm={async () => onDiscard()}
      />
    </section>
  );
}
