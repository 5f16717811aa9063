import { ActionIcon, Button, Group } from "@mantine/core";
import { IconArrowRight, IconX } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { session } from "@/api/session";
import type { WorkflowSummary } from "@/api/types";
import { workflowAddress } from "@/app/places";
import { t } from "@/text";
import classes from "./Home.module.css";

function kept(): string {
  return `taskloom.started:${session.get()?.user.id ?? ""}`;
}

/** Where a newcomer begins; it goes away when it is told to. */
export function Start({ sample }: { sample: WorkflowSummary | undefined }) {
  const [hidden, setHidden] = useState(() => localStorage.getItem(kept()) !== null);
  if (hidden) {
    return null;
  }
  const hide = () => {
    localStorage.setItem(kept(), "1");
    setHidden(true);
  };
  return (
    <section className={classes.start} aria-labelledby="start">
      <div className={classes.threads} aria-hidden />
      <h2 id="start">{t("home.start_title")}</h2>
      <p>{t("home.start_text")}</p>
      <Group gap="sm">
        <Button component={Link} to="/welcome" rightSection={<IconArrowRight size={16} />}>
          {t("home.start_action")}
        </Button>
        {sample && (
          <Button component={Link} to={workflowAddress(sample.id)} variant="default">
            {t("home.start_sample")}
          </Button>
        )}
      </Group>
      <ActionIcon className={classes.hide} aria-label={t("home.start_dismiss")} onClick={hide}>
        <IconX size={17} />
      </ActionIcon>
    </section>
  );
}
