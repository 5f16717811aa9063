import { Alert, Button, Code, Group, Switch } from "@mantine/core";
import { IconKey, IconTrash } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Link } from "react-router";
import { keys } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { Copy } from "@/shared/Copy";
import { FaultList } from "@/shared/FaultList";
import { showDone, showFailure } from "@/shared/notices";
import { t } from "@/text";
import classes from "./Developer.module.css";
import { makeKey, revokeKey } from "./queries";

interface Props {
  workflow: string;
  /** Told the key while it stands in the samples, and null while it does not. */
  onKey: (key: string | null) => void;
}

/** How a program signs in: a key from the environment, or one made here and shown this once. */
export function KeyMaker({ workflow, onKey }: Props) {
  const user = useStore(session)?.user;
  const cache = useQueryClient();
  const [inserted, setInserted] = useState(false);
  const refresh = () => cache.invalidateQueries({ queryKey: keys.apiKeys });
  const make = useMutation({
    mutationFn: () => makeKey(t("developer.key_name", { workflow }), user?.email ?? ""),
    onSuccess: refresh,
  });
  const made = make.data;
  const insert = (wanted: boolean) => {
    setInserted(wanted);
    onKey(wanted && made ? made.key : null);
  };
  const revoke = useMutation({
    mutationFn: revokeKey,
    onSuccess: () => {
      insert(false);
      make.reset();
      showDone(t("developer.key_revoked"));
      return refresh();
    },
    onError: (failure) => showFailure(failure),
  });
  return (
    <section className={classes.key} aria-labelledby="key-title">
      <div className={classes.keyText}>
        <h2 id="key-title">
          <IconKey size={16} aria-hidden /> {t("developer.key")}
        </h2>
        <p>
          {t("developer.key_text")} <Code>TASKLOOM_KEY</Code>.{" "}
          {user?.role === "admin" ? (
            <Link to="/settings/keys">{t("developer.key_settings")}</Link>
          ) : (
            t("developer.key_ask")
          )}
        </p>
      </div>
      {user?.role === "admin" && !made && (
        <Button variant="light" loading={make.isPending} onClick={() => make.mutate()}>
          {t("developer.key_make")}
        </Button>
      )}
      {made && (
        <Alert color="loom" role="status" className={classes.made} title={t("developer.key_made")}>
          <Group gap="xs" wrap="nowrap" mb="xs">
            <Code className={classes.secret}>{made.key}</Code>
            <Copy text={made.key} />
          </Group>
          <Group gap="md" justify="space-between">
            <Switch
              label={t("developer.key_insert")}
              checked={inserted}
              onChange={(event) => insert(event.currentTarget.checked)}
            />
            <Button
              variant="default"
              size="xs"
              leftSection={<IconTrash size={14} aria-hidden />}
              loading={revoke.isPending}
              onClick={() => revoke.mutate(made.id)}
            >
              {t("developer.key_revoke")}
            </Button>
          </Group>
        </Alert>
      )}
      <FaultList failure={make.error} />
    </section>
  );
}
