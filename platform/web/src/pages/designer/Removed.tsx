import { Button } from "@mantine/core";
import { useState } from "react";
import { Confirm } from "@/shared/Confirm";
import { showDone } from "@/shared/notices";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { Heading } from "./Heading";
import { type Kept, purged, useKept, useRefreshed } from "./queries";

/** Values that no field shows any more: how many, and being rid of them. */
export function Removed({ workflow }: { workflow: string }) {
  const kept = useKept(workflow, true).data;
  const refreshed = useRefreshed();
  const [asked, setAsked] = useState<Kept | null>(null);
  if (!kept) {
    return null;
  }
  const purge = async (key: string) => {
    await purged(workflow, key);
    await refreshed(workflow);
    showDone(t("designer.purged"));
  };
  return (
    <section className={classes.form}>
      <Heading title={t("designer.kept")} text={t("designer.kept_hint")} />
      {kept.length === 0 ? (
        <p className={classes.muted}>{t("designer.kept_none")}</p>
      ) : (
        <ul className={classes.keptList}>
          {kept.map((one) => (
            <li key={one.key}>
              <span className={classes.grow}>{one.title}</span>
              <span className={classes.muted}>
                {t("designer.kept_count", { count: one.count })}
              </span>
              <Button size="compact-sm" variant="default" onClick={() => setAsked(one)}>
                {t("designer.purge")}
                <span className="tl-hidden"> {one.title}</span>
              </Button>
            </li>
          ))}
        </ul>
      )}
      <Confirm
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={t("designer.purge_title", { name: asked?.title ?? "" })}
        text={t("designer.purge_text", { count: asked?.count ?? 0 })}
        action={t("designer.purge")}
        word={asked?.key}
        onConfirm={() => purge(asked?.key ?? "")}
      />
    </section>
  );
}
