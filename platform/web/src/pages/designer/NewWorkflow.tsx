import { TextInput } from "@mantine/core";
import { IconCopy, IconFilePlus, IconSearch, IconTableImport } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { Link } from "react-router";
import { useWorkflows } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import type { WorkflowFile } from "@/api/types";
import { readDraft } from "@/shared/drafts";
import { EmptyState } from "@/shared/EmptyState";
import { showFailure } from "@/shared/notices";
import { Page } from "@/shared/Page";
import { t } from "@/text";
import { Designer } from "./Designer";
import classes from "./Designer.module.css";
import { idFor } from "./General";
import { blank } from "./model";
import { type Source, sourceOf } from "./queries";
import { parsed, written } from "./source";

const MOST = 12;

/** Begins a workflow: with little, or with what another one is. */
export function NewWorkflow() {
  const admin = useStore(session)?.user.role === "admin";
  const [source, setSource] = useState<Source | null>(() =>
    readDraft<{ text: string }>(["designer", "new"]) ? begun(blank("")) : null,
  );
  if (!admin) {
    return (
      <Page title={t("designer.new_title")}>
        <EmptyState title={t("shared.forbidden_title")} text={t("designer.admins_only")} />
      </Page>
    );
  }
  return source ? <Designer id="" source={source} /> : <Begin onBegin={setSource} />;
}

function begun(file: WorkflowFile): Source {
  return { text: written(file), version: 0 };
}

function Begin({ onBegin }: { onBegin: (source: Source) => void }) {
  const workflows = useWorkflows().data ?? [];
  const [sought, seek] = useState("");
  const found = workflows
    .filter(({ name }) => name.toLowerCase().includes(sought.trim().toLowerCase()))
    .slice(0, MOST);
  const copy = (id: string) =>
    sourceOf(id).then(({ text }) => {
      const file = parsed(text).file ?? {};
      const title = t("designer.copy_of", { name: file.title ?? id });
      // One address cannot lead to two workflows.
      const { facade: _, ...workflow } = file.workflow ?? {};
      onBegin(begun({ ...file, $id: idFor(title), title, workflow }));
    }, showFailure);
  return (
    <Page title={t("designer.new_title")} lead={t("designer.begin_lead")} narrow>
      <div className={classes.begin}>
        <Choice
          icon={<IconFilePlus size={22} stroke={1.6} aria-hidden />}
          title={t("designer.begin_blank")}
          text={t("designer.begin_blank_text")}
          onClick={() => onBegin(begun(blank("")))}
        />
        <Link to="/welcome" className={classes.choice}>
          <IconTableImport size={22} stroke={1.6} aria-hidden />
          <span>
            <b>{t("designer.begin_file")}</b>
            <small>{t("designer.begin_file_text")}</small>
          </span>
        </Link>
      </div>
      {workflows.length > 0 && (
        <section className={classes.copies}>
          <h2>{t("designer.begin_copy")}</h2>
          <TextInput
            aria-label={t("designer.seek_workflow")}
            placeholder={t("designer.seek_workflow")}
            leftSection={<IconSearch size={15} aria-hidden />}
            value={sought}
            onChange={(event) => seek(event.currentTarget.value)}
          />
          <div className={classes.begin}>
            {found.map(({ id, name }) => (
              <Choice
                key={id}
                icon={<IconCopy size={18} stroke={1.6} aria-hidden />}
                title={name}
                text={id}
                onClick={() => copy(id)}
              />
            ))}
          </div>
        </section>
      )}
    </Page>
  );
}

function Choice(props: { icon: ReactNode; title: string; text: string; onClick: () => void }) {
  return (
    <button type="button" className={classes.choice} onClick={props.onClick}>
      {props.icon}
      <span>
        <b>{props.title}</b>
        <small>{props.text}</small>
      </span>
    </button>
  );
}
