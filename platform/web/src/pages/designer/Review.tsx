import { Alert, Button, Drawer, Group, Loader, TextInput } from "@mantine/core";
import { IconRefreshAlert } from "@tabler/icons-react";
import { useCallback, useEffect, useRef, useState } from "react";
import { isProblem } from "@/api/client";
import type { WorkflowFile } from "@/api/types";
import { FaultList } from "@/shared/FaultList";
import { showDone } from "@/shared/notices";
import { t } from "@/text";
import classes from "./Designer.module.css";
import { fieldsOf, kindName, kindOfSchema } from "./kinds";
import { rolesOf, stagesOf } from "./model";
import { loses, PlanView } from "./PlanView";
import {
  applied,
  created,
  isStale,
  type Plan,
  planned,
  type Saved,
  useRefreshed,
  versionText,
} from "./queries";

/** What is to be reviewed: a file, or going back to a version. */
export type Reviewed = { text: string } | { version: number };

interface Props {
  workflow: string;
  saved: WorkflowFile | null;
  reviewed: Reviewed | null;
  /** The version that the changes began with. */
  began: number;
  onClose: () => void;
  onRefused: (failure: unknown) => void;
  onSaved: (saved: Saved) => void;
}

interface Looked {
  plan: Plan;
  text: string;
}

/** What a change does, shown before it is done: nothing is applied but what stands here. */
export function Review(props: Props) {
  const { workflow, saved, reviewed, began, onClose, onRefused, onSaved } = props;
  const { looked, failure, stale, busy, again, apply } = usePlanned(workflow, reviewed, onRefused);
  const [typed, setTyped] = useState("");
  const refreshed = useRefreshed();
  const back = reviewed !== null && "version" in reviewed;
  const close = () => {
    setTyped("");
    onClose();
  };
  const save = async () => {
    const done = await apply();
    if (done) {
      await refreshed(done.id);
      setTyped("");
      showDone(t("designer.saved", { version: done.version }));
      onSaved(done);
    }
  };
  const losing = looked ? loses(looked.plan) : false;
  const blocked =
    !looked || looked.plan.faults.length > 0 || looked.plan.changes.length === 0 || busy;
  return (
    <Drawer
      opened={reviewed !== null}
      onClose={close}
      position="right"
      size="min(760px, 100vw)"
      title={back ? t("designer.back_title", { version: reviewed.version }) : t("designer.review")}
      closeButtonProps={{ "aria-label": t("shared.close") }}
      classNames={{
        content: classes.drawer,
        body: classes.drawerBody,
        title: classes.drawerTitle,
      }}
    >
      <div className={classes.drawerMain}>
        {stale && (
          <Alert role="alert" color="orange" icon={<IconRefreshAlert aria-hidden />}>
            {t("designer.stale")}
          </Alert>
        )}
        {looked && !back && looked.plan.version.from !== began && (
          <Alert role="alert" color="orange" icon={<IconRefreshAlert aria-hidden />}>
            {t("designer.drifted", { version: looked.plan.version.from, began })}
          </Alert>
        )}
        <FaultList failure={failure} />
        {looked ? (
          <>
            <p className={classes.lead}>
              {t("designer.plan_lead", {
                from: looked.plan.version.from,
                to: looked.plan.version.to,
                count: looked.plan.tasks,
              })}
            </p>
            <PlanView workflow={workflow} plan={looked.plan} saved={saved} />
          </>
        ) : (
          !failure && (
            <div className={classes.planning} role="status">
              <Loader size="sm" />
              {t("designer.planning")}
            </div>
          )
        )}
      </div>
      <footer className={classes.drawerFoot}>
        {losing && looked && looked.plan.faults.length === 0 && (
          <TextInput
            label={t("designer.confirm_loss", { word: workflow })}
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
        )}
        {busy && looked && (
          <p role="status" className={classes.muted}>
            {t("designer.applying", { count: looked.plan.tasks })}
          </p>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("designer.go_on")}
          </Button>
          {failure !== null && !isProblem(failure, 422) && (
            <Button variant="default" onClick={again}>
              {t("shared.retry")}
            </Button>
          )}
          <Button
            loading={busy}
            disabled={blocked || (losing && typed !== workflow)}
            onClick={save}
            color={losing ? "red.9" : undefined}
          >
            {back ? t("designer.apply_back") : t("designer.apply")}
          </Button>
        </Group>
      </footer>
    </Drawer>
  );
}

function usePlanned(
  workflow: string,
  reviewed: Reviewed | null,
  onRefused: (failure: unknown) => void,
) {
  const [looked, setLooked] = useState<Looked | null>(null);
  const [failure, setFailure] = useState<unknown>(null);
  const [stale, setStale] = useState(false);
  const [busy, setBusy] = useState(false);
  // Who hears of it changes with the faults it is told of, and that asks for no other plan.
  const refused = useRef(onRefused);
  refused.current = onRefused;
  const look = useCallback(async () => {
    if (!reviewed) {
      return;
    }
    setLooked(null);
    setFailure(null);
    try {
      const back = "version" in reviewed ? reviewed.version : undefined;
      const text =
        "text" in reviewed ? reviewed.text : await versionText(workflow, reviewed.version);
      setLooked({ text, plan: await planned(workflow, text, back) });
    } catch (reason) {
      setFailure(reason);
      refused.current(reason);
    }
  }, [workflow, reviewed]);
  useEffect(() => {
    setStale(false);
    look();
  }, [look]);
  const apply = async (): Promise<Saved | null> => {
    if (!looked) {
      return null;
    }
    setBusy(true);
    setFailure(null);
    try {
      return await applied(workflow, looked.text, looked.plan.id);
    } catch (reason) {
      if (isStale(reason)) {
        setStale(true);
        await look();
      } else {
        setFailure(reason);
        refused.current(reason);
      }
      return null;
    } finally {
      setBusy(false);
    }
  };
  return { looked, failure, stale, busy, again: look, apply };
}

/** What a new workflow will be, before it is made. */
export function ReviewNew(props: {
  file: WorkflowFile;
  text: string;
  opened: boolean;
  onClose: () => void;
  onRefused: (failure: unknown) => void;
  onSaved: (saved: Saved) => void;
}) {
  const { file, text, opened, onClose, onRefused, onSaved } = props;
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const refreshed = useRefreshed();
  const close = () => {
    setFailure(null);
    onClose();
  };
  const save = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const done = await created(text);
      await refreshed(done.id);
      showDone(t("designer.created", { name: done.name }));
      onSaved(done);
    } catch (reason) {
      setFailure(reason);
      onRefused(reason);
    } finally {
      setBusy(false);
    }
  };
  const fields = fieldsOf(file);
  const stages = stagesOf(file).map((stage) => stage.name);
  return (
    <Drawer
      opened={opened}
      onClose={close}
      position="right"
      size="min(620px, 100vw)"
      title={t("designer.review_new")}
      closeButtonProps={{ "aria-label": t("shared.close") }}
      classNames={{
        content: classes.drawer,
        body: classes.drawerBody,
        title: classes.drawerTitle,
      }}
    >
      <div className={classes.drawerMain}>
        <FaultList failure={failure} />
        <p className={classes.lead}>
          {t("designer.new_lead", { name: file.title ?? "", id: file.$id ?? "" })}
        </p>
        <section className={classes.part}>
          <h3>{t("designer.count_fields", { count: fields.length })}</h3>
          <ul className={classes.effects}>
            {fields.map((field) => (
              <li key={field.id}>
                <b>{field.name}</b>
                <span className={classes.muted}>
                  {kindName(kindOfSchema(field.schema, file))}
                  {field.required && `, ${t("designer.required").toLowerCase()}`}
                </span>
              </li>
            ))}
          </ul>
        </section>
        <section className={classes.part}>
          <h3>{t("designer.count_stages", { count: stages.length })}</h3>
          <p className={classes.muted}>{stages.join(" → ")}</p>
        </section>
        <section className={classes.part}>
          <h3>{t("designer.permissions")}</h3>
          <p className={classes.muted}>
            {rolesOf(file).length === 0
              ? t("designer.no_roles_text")
              : rolesOf(file)
                  .map((role) => role.name)
                  .join(", ")}
          </p>
        </section>
      </div>
      <footer className={classes.drawerFoot}>
        <Group justify="flex-end">
          <Button variant="default" onClick={close}>
            {t("designer.go_on")}
          </Button>
          <Button loading={busy} onClick={save}>
            {t("designer.create")}
          </Button>
        </Group>
      </footer>
    </Drawer>
  );
}
