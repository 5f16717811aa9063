import { Button, Group, Textarea, TextInput, Title } from "@mantine/core";
import { IconArrowLeft, IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useWorkflows } from "@/api/queries";
import { workflowAddress } from "@/app/places";
import { DropZone } from "@/shared/DropZone";
import { writeDraft } from "@/shared/drafts";
import { FaultList } from "@/shared/FaultList";
import { count, t } from "@/text";
import { ACCEPT } from "../imports/Choose";
import { FileBar } from "../imports/FileBar";
import { type Reading, startImport } from "../imports/queries";
import { type Draft, fileOf, idOf, optionsFor } from "./draft";
import { Fields } from "./Fields";
import { useCreate } from "./queries";
import { Stages } from "./Stages";
import classes from "./Welcome.module.css";

interface Props {
  draft: Draft;
  /** The dropped file, where this browser still has it. */
  file: File | null;
  onDraft: (draft: Draft) => void;
  onFile: (file: File) => void;
  /** The file is to be read in another way, and looked at again. */
  onReading: (reading: Reading) => void;
  onBack: () => void;
  /** It is done: nothing of this has to be kept. */
  onDone: () => void;
  looking: boolean;
  failure: unknown;
}

/** The proposed workflow, to be corrected and created. */
export function Editor(props: Props) {
  const { draft, file, onDraft, onFile, onReading, onBack, looking, failure } = props;
  const { source } = draft;
  return (
    <>
      <div className={classes.head}>
        <Button
          variant="subtle"
          color="gray"
          leftSection={<IconArrowLeft size={16} aria-hidden />}
          onClick={onBack}
        >
          {t("welcome.begin_anew")}
        </Button>
        <Title order={1}>{t(source ? "welcome.proposed" : "welcome.make_yours")}</Title>
        <p className={classes.lead}>
          {source
            ? t("welcome.proposed_lead", { name: source.name, count: source.rows })
            : t("welcome.make_yours_lead")}
        </p>
      </div>
      {source && file && (
        <FileBar
          file={file}
          made={source.readAs}
          reading={source.reading}
          onReading={onReading}
          onForget={onBack}
        />
      )}
      {source && !file && (
        <DropZone
          onFiles={([again]) => again && onFile(again)}
          label={t("imports.file")}
          accept={ACCEPT}
        >
          {t("welcome.file_again", { name: source.name })}
        </DropZone>
      )}
      <FaultList failure={failure} />
      <div className={classes.basics} aria-busy={looking}>
        <TextInput
          label={t("welcome.name")}
          required
          value={draft.title}
          maxLength={200}
          error={draft.title.trim() ? null : t("welcome.title_needed")}
          onChange={(event) => onDraft({ ...draft, title: event.currentTarget.value })}
        />
        <Textarea
          label={t("welcome.description")}
          autosize
          minRows={1}
          maxRows={4}
          value={draft.description}
          onChange={(event) => onDraft({ ...draft, description: event.currentTarget.value })}
        />
      </div>
      <Fields draft={draft} onDraft={onDraft} />
      <Stages draft={draft} onDraft={onDraft} />
      <Left draft={draft} />
      <Create {...props} />
    </>
  );
}

/** Columns of the file that become nothing, and why. */
function Left({ draft }: { draft: Draft }) {
  const left = draft.source?.columns.filter(({ to }) => to === null) ?? [];
  return (
    left.length > 0 && (
      <section aria-labelledby="left" className={classes.part}>
        <Title order={2} id="left">
          {t("welcome.left")}
        </Title>
        <ul className={classes.left}>
          {left.map(({ name, reason }) => (
            <li key={name}>
              <b>{name}</b> {reason}
            </li>
          ))}
        </ul>
      </section>
    )
  );
}

function isComplete(draft: Draft): boolean {
  return (
    draft.title.trim() !== "" &&
    draft.stages.every(({ name }) => name.trim() !== "") &&
    draft.fields.length > 0 &&
    draft.fields.every(({ title }) => title.trim() !== "")
  );
}

function Create({ draft, file, onDraft, onDone, looking }: Props) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>(null);
  const workflows = useWorkflows().data ?? [];
  const create = useCreate();
  const navigate = useNavigate();
  const go = async () => {
    setBusy(true);
    setFailure(null);
    try {
      const taken = workflows.map(({ id }) => id);
      const id = draft.created ?? idOf(draft.title, taken);
      if (!draft.created) {
        await create(fileOf(draft, id));
        onDraft({ ...draft, created: id });
      }
      const { source } = draft;
      if (!source || !file) {
        onDone();
        navigate(workflowAddress(id));
        return;
      }
      const options = optionsFor(draft, source);
      const job = await startImport(id, file, options, false);
      writeDraft(["imported", job.id], options);
      onDone();
      navigate(`${workflowAddress(id, "import")}?job=${job.id}&land=table`);
    } catch (reason) {
      setFailure(reason);
    } finally {
      setBusy(false);
    }
  };
  const rows = draft.source && file ? draft.source.rows : 0;
  return (
    <div className={classes.create}>
      <FaultList failure={failure} />
      <Group justify="space-between" gap="sm">
        <span className={classes.promise}>{t("welcome.change_later")}</span>
        <Button
          size="md"
          leftSection={<IconCheck size={18} aria-hidden />}
          disabled={!isComplete(draft) || looking || (draft.source !== null && !file)}
          loading={busy}
          onClick={go}
        >
          {rows > 0 ? t("welcome.create_import", { rows: count(rows) }) : t("welcome.create")}
        </Button>
      </Group>
    </div>
  );
}
