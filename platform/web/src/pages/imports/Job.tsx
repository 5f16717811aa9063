import { Alert, Button, Group, Progress, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconDownload, IconTable, IconUpload } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { Link, useNavigate } from "react-router";
import { sentence } from "@/api/problem";
import { keys } from "@/api/queries";
import type { Workflow } from "@/api/types";
import { workflowAddress } from "@/app/places";
import { Asked } from "@/shared/Asked";
import { readDraft, writeDraft } from "@/shared/drafts";
import { showFailure } from "@/shared/notices";
import { count, t } from "@/text";
import { save } from "./download";
import { Notes } from "./FileBar";
import { durationText, shareOf, sizeText } from "./figures";
import classes from "./Imports.module.css";
import {
  importKeys,
  isUnderWay,
  type Options,
  startImport,
  useCancel,
  useJob,
  type WholeJob,
} from "./queries";
import { Rejects } from "./Rejects";
import { StateBadge } from "./StateBadge";
import { Steps } from "./Steps";

interface Props {
  workflow: Workflow;
  job: string;
  /** The chosen file, where this browser still has it. */
  file: File | null;
  options: Options;
  /** Go on to the table when every row has arrived. */
  land: boolean;
  onWatch: (job: string) => void;
  onBack: () => void;
  onForget: () => void;
}

/** One import: how far it is, what came of it, and what is to be mended. */
export function Job(props: Props) {
  const { workflow, job } = props;
  const found = useJob(workflow.id, job);
  return <Asked of={found}>{(made) => <Report {...props} made={made} />}</Asked>;
}

function Report(props: Props & { made: WholeJob }) {
  const { workflow, made, file, land } = props;
  const cache = useQueryClient();
  const under = isUnderWay(made);
  useEffect(() => {
    if (!under && !made.dryRun) {
      cache.invalidateQueries({ queryKey: keys.tasks(workflow.id) });
      cache.invalidateQueries({ queryKey: keys.report(workflow.id) });
    }
    if (!under) {
      cache.invalidateQueries({ queryKey: importKeys.every(workflow.id), exact: true });
    }
  }, [under, made.dryRun, workflow.id, cache]);
  const navigate = useNavigate();
  const arrived = made.state === "done" && made.refused === 0 && !made.dryRun;
  useEffect(() => {
    if (land && arrived) {
      navigate(workflowAddress(workflow.id), { replace: true });
    }
  }, [land, arrived, navigate, workflow.id]);
  const mine = file?.name === made.name && file.size === made.size;
  return (
    <>
      <Steps at={made.dryRun ? "try" : "import"} done={made.state === "done"} />
      <section className={classes.report} aria-label={made.name}>
        <div className={classes.reportHead}>
          <div className={classes.fileText}>
            <Title order={2}>{headline(made)}</Title>
            <Text size="sm" c="dimmed">
              {made.name} · {sizeText(made.size)}
            </Text>
          </div>
          <StateBadge job={made} />
        </div>
        {under && <Running workflow={workflow} made={made} />}
        {made.state === "failed" && <Failed made={made} />}
        <Figures made={made} />
        <Notes notes={made.notes} />
        {!under && <Ways {...props} mine={mine} />}
      </section>
      {made.refused > 0 && !under && <Rejects workflow={workflow} made={made} />}
    </>
  );
}

function headline(made: WholeJob): string {
  if (isUnderWay(made)) {
    return t(made.dryRun ? "imports.trying" : "imports.importing");
  }
  if (made.state !== "done") {
    return t(made.state === "cancelled" ? "imports.was_cancelled" : "imports.has_failed");
  }
  if (made.dryRun) {
    return t("imports.tried");
  }
  return t("imports.arrived", { count: made.created + made.updated + made.unchanged });
}

const WHOLE = 100;

function Running({ workflow, made }: { workflow: Workflow; made: WholeJob }) {
  const cancel = useCancel(workflow.id, made.id);
  const share = Math.round(shareOf(made));
  return (
    <div className={classes.progress}>
      <Progress
        size="lg"
        value={made.state === "queued" ? WHOLE : share}
        striped={made.state === "queued"}
        animated
        aria-label={t("imports.progress")}
      />
      <div className={classes.pace}>
        <span role="status">
          {made.state === "queued"
            ? t("imports.queued")
            : t("imports.so_far", { share, count: made.rows })}
        </span>
        {made.rate !== null && <span>{t("imports.rate", { count: made.rate })}</span>}
        {made.remaining !== null && (
          <span>{t("imports.remaining", { time: durationText(made.remaining) })}</span>
        )}
        <Button
          size="xs"
          variant="default"
          className={classes.cancel}
          loading={cancel.isPending}
          onClick={() => cancel.mutateAsync().catch(showFailure)}
        >
          {t("imports.cancel")}
        </Button>
      </div>
      <Text size="sm" c="dimmed">
        {t("imports.may_leave")}
      </Text>
    </div>
  );
}

function Failed({ made }: { made: WholeJob }) {
  return (
    <Alert color="red" icon={<IconAlertTriangle aria-hidden />} title={made.error} mt="md">
      {made.faults.length > 0 && (
        <ul className={classes.faults}>
          {made.faults.map((fault) => (
            <li key={`${fault.path.join(".")}:${fault.message}`}>
              <b>{fault.path.join(" › ")}</b> {sentence(fault).replaceAll("`", "")}
            </li>
          ))}
        </ul>
      )}
    </Alert>
  );
}

const OUTCOMES = ["created", "updated", "unchanged", "refused"] as const;

function Figures({ made }: { made: WholeJob }) {
  return (
    <dl className={classes.figures}>
      {OUTCOMES.map((outcome) => (
        <div key={outcome} data-outcome={outcome} data-none={made[outcome] === 0 || undefined}>
          <dt>{t(made.dryRun ? `imports.would_${outcome}` : `imports.${outcome}`)}</dt>
          <dd className="tl-numbers">{count(made[outcome])}</dd>
        </div>
      ))}
    </dl>
  );
}

/** What one may do next. */
function Ways(props: Props & { made: WholeJob; mine: boolean }) {
  const { workflow, made, mine, file, onWatch, onBack, onForget } = props;
  const [sending, setSending] = useState(false);
  const begin = async () => {
    const options = readDraft<Options>(["imported", made.id]) ?? props.options;
    setSending(true);
    try {
      if (file) {
        const job = await startImport(workflow.id, file, options, false);
        writeDraft(["imported", job.id], options);
        onWatch(job.id);
      }
    } catch (failure) {
      showFailure(failure);
    } finally {
      setSending(false);
    }
  };
  const again = made.dryRun || made.state !== "done";
  return (
    <Group gap="sm" mt="lg">
      {made.dryRun && mine && (
        <Button
          leftSection={<IconUpload size={16} aria-hidden />}
          loading={sending}
          disabled={made.state !== "done"}
          onClick={begin}
        >
          {t("imports.import_now")}
        </Button>
      )}
      {!made.dryRun && (
        <Button
          component={Link}
          to={workflowAddress(workflow.id)}
          leftSection={<IconTable size={16} aria-hidden />}
        >
          {t("imports.open_table")}
        </Button>
      )}
      {again && mine && (
        <Button variant="default" onClick={onBack}>
          {t("imports.change")}
        </Button>
      )}
      <Button variant="default" onClick={onForget}>
        {t("imports.another")}
      </Button>
      {made.aside.length > 0 && !made.dryRun && (
        <Button
          variant="subtle"
          leftSection={<IconDownload size={16} aria-hidden />}
          onClick={() => save(workflow.id, made, "aside").catch(showFailure)}
        >
          {t("imports.download_aside")}
        </Button>
      )}
    </Group>
  );
}
