import { Button, Checkbox, Stack, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import type { Workflow } from "@/api/types";
import { FaultList } from "@/shared/FaultList";
import { showDone } from "@/shared/notices";
import { t } from "@/text";
import { type Addition, additionsOf, extended } from "./additions";
import classes from "./Imports.module.css";
import { type Preview, useExtend } from "./queries";

/** What the workflow would need so that more of the file arrives; admins add it here. */
export function Lacking({ workflow, made }: { workflow: Workflow; made: Preview }) {
  const admin = useStore(session)?.user.role === "admin";
  const additions = additionsOf(made.proposed, workflow);
  const [without, setWithout] = useState<ReadonlySet<string>>(new Set());
  const extend = useExtend(workflow.id);
  if (additions.length === 0) {
    return null;
  }
  const chosen = additions.filter(({ id }) => !without.has(id));
  const toggle = (id: string) => {
    const next = new Set(without);
    setWithout(next.delete(id) ? next : next.add(id));
  };
  const add = () =>
    extend.mutate(extended(workflow.file, chosen), {
      onSuccess: () => showDone(t("imports.added", { name: workflow.name })),
    });
  return (
    <section className={classes.section} aria-labelledby="lacking">
      <Title order={2} id="lacking">
        {t("imports.lacking")}
      </Title>
      <Text size="sm" c="dimmed" className={classes.lead}>
        {t(admin ? "imports.lacking_lead" : "imports.lacking_ask")}
      </Text>
      <div className={classes.lacking}>
        <Stack gap={10}>
          {additions.map((addition) =>
            admin ? (
              <Checkbox
                key={addition.id}
                label={told(addition)}
                description={addition.detail}
                checked={!without.has(addition.id)}
                onChange={() => toggle(addition.id)}
              />
            ) : (
              <Text key={addition.id} size="sm">
                {told(addition)}
              </Text>
            ),
          )}
        </Stack>
        <FaultList failure={extend.error} />
        {admin && (
          <Button
            mt="md"
            variant="light"
            leftSection={<IconPlus size={16} aria-hidden />}
            disabled={chosen.length === 0}
            loading={extend.isPending}
            onClick={add}
          >
            {t("imports.add", { count: chosen.length })}
          </Button>
        )}
      </div>
    </section>
  );
}

function told(addition: Addition): string {
  switch (addition.kind) {
    case "field":
      return t("imports.new_field", { title: addition.title });
    case "options":
      return t("imports.new_options", { title: addition.title, count: addition.values.length });
    case "stages":
      return t("imports.new_stages", { count: addition.values.length });
  }
}
