/** Changes many tasks: what would happen is told first, and what happened is told after. */
import { Alert, Button, Group, Modal, Progress, Stack, Text } from "@mantine/core";
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconPencil,
  IconTrash,
} from "@tabler/icons-react";
import { type ReactNode, useCallback, useEffect, useRef, useState } from "react";
import { type Task, taskId, titleOf, type Workflow } from "@/api/types";
import { FaultList } from "@/shared/FaultList";
import { t } from "@/text";
import classes from "./BulkDialog.module.css";
import { isRehearsed, type Outcome, type Plan, run } from "./bulk";

interface Props {
  workflow: Workflow;
  title: string;
  plan: Plan;
  /** What the changes are, to look at before they are made. */
  preview?: ReactNode;
  /** Goes back to where the changes were chosen, if they were. */
  onBack?: () => void;
  onClose: () => void;
  /** Called when something was written. */
  onWritten: (written: ReadonlySet<string>) => void;
  onSelect: (tasks: readonly Task[]) => void;
}

type Step =
  | { name: "checking"; done: number }
  | { name: "writing"; done: number }
  | { name: "would"; outcome: Outcome }
  | { name: "did"; outcome: Outcome }
  | { name: "failed"; failure: unknown };

export function BulkDialog(props: Props) {
  return (
    <Modal
      opened
      onClose={props.onClose}
      title={props.title}
      size="lg"
      closeOnClickOutside={false}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <BulkSteps {...props} />
    </Modal>
  );
}

/** The steps without the frame around them, for dialogs that have steps before. */
export function BulkSteps(props: Props) {
  const { workflow, plan, onWritten } = props;
  const [step, setStep] = useState<Step>({ name: "checking", done: 0 });
  const stopping = useRef(new AbortController());
  const written = useRef(onWritten);
  written.current = onWritten;

  const go = useCallback(
    async (dryRun: boolean) => {
      const running = new AbortController();
      stopping.current = running;
      const at = (done: number): Step => ({ name: dryRun ? "checking" : "writing", done });
      setStep(at(0));
      try {
        const outcome = await run(workflow, plan, {
          dryRun,
          signal: running.signal,
          onProgress: (done) => setStep(at(done)),
        });
        if (dryRun && running.signal.aborted) {
          return;
        }
        setStep(dryRun ? { name: "would", outcome } : { name: "did", outcome });
        if (!dryRun) {
          const refused = new Set(outcome.refused.map(({ task }) => taskId(task)));
          const ids = plan.items.map(({ task }) => taskId(task));
          written.current(new Set(ids.filter((id) => !refused.has(id))));
        }
      } catch (failure) {
        setStep({ name: "failed", failure });
      }
    },
    [workflow, plan],
  );

  useEffect(() => {
    if (isRehearsed(workflow)) {
      go(true);
    } else {
      const { length } = plan.items;
      const outcome = { updated: 0, deleted: 0, unchanged: 0, unprocessed: 0 };
      const all = plan.kind === "delete" ? { deleted: length } : { updated: length };
      setStep({ name: "would", outcome: { ...outcome, ...all, refused: [], stopped: false } });
    }
    return () => stopping.current.abort();
  }, [workflow, plan, go]);

  if (step.name === "failed") {
    return (
      <Stack>
        <FaultList failure={step.failure} />
        <Buttons {...props}>
          <Button onClick={() => go(true)}>{t("shared.retry")}</Button>
        </Buttons>
      </Stack>
    );
  }
  if (step.name === "checking" || step.name === "writing") {
    const total = plan.items.length;
    const text = step.name === "checking" ? "table.bulk_checking" : "table.bulk_writing";
    return (
      <Stack>
        <Text size="sm" role="status">
          {t(text, { done: step.done, total })}
        </Text>
        <Progress
          value={(100 * step.done) / Math.max(total, 1)}
          aria-label={t(text, { done: step.done, total })}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={() => stopping.current.abort()}>
            {t("table.bulk_stop")}
          </Button>
        </Group>
      </Stack>
    );
  }
  const { outcome } = step;
  const count = outcome.updated + outcome.deleted;
  return (
    <Stack>
      <Report workflow={workflow} outcome={outcome} did={step.name === "did"} />
      {step.name === "would" && props.preview}
      {step.name === "would" ? (
        <Buttons {...props}>
          <Button
            color={plan.kind === "delete" ? "red.9" : undefined}
            disabled={count === 0}
            onClick={() => go(false)}
            data-autofocus
          >
            {count === 0
              ? t("table.bulk_nothing")
              : t(plan.kind === "delete" ? "table.bulk_apply_delete" : "table.bulk_apply", {
                  count,
                })}
          </Button>
        </Buttons>
      ) : (
        <Group justify="flex-end">
          {outcome.refused.length > 0 && (
            <Button
              variant="default"
              onClick={() => {
                props.onSelect(outcome.refused.map(({ task }) => task));
                props.onClose();
              }}
            >
              {t("table.bulk_select_refused")}
            </Button>
          )}
          <Button onClick={props.onClose} data-autofocus>
            {t("shared.close")}
          </Button>
        </Group>
      )}
    </Stack>
  );
}

function Buttons({ onBack, onClose, children }: Props & { children: ReactNode }) {
  return (
    <Group justify="flex-end">
      <Button variant="default" onClick={onBack ?? onClose}>
        {t(onBack ? "shared.back" : "shared.cancel")}
      </Button>
      {children}
    </Group>
  );
}

const TOLD = 50;

function Report(props: { workflow: Workflow; outcome: Outcome; did: boolean }) {
  const { workflow, outcome, did } = props;
  const lines = [
    { count: outcome.updated, key: "table.bulk_updated", icon: <IconPencil size={17} /> },
    { count: outcome.deleted, key: "table.bulk_deleted", icon: <IconTrash size={17} /> },
    { count: outcome.unchanged, key: "table.bulk_unchanged", icon: <IconCircleCheck size={17} /> },
    { count: outcome.refused.length, key: "table.bulk_refused", icon: <IconCircleX size={17} /> },
    {
      count: outcome.unprocessed,
      key: "table.bulk_unprocessed",
      icon: <IconCircleDashed size={17} />,
    },
  ] as const;
  const shown = lines.filter(({ count }) => count > 0);
  return (
    <>
      {!isRehearsed(workflow) && !did ? (
        <Alert icon={<IconAlertTriangle />} color="yellow">
          {t("table.bulk_unrehearsed")}
        </Alert>
      ) : (
        <Text size="sm" c="dimmed">
          {t(did ? "table.bulk_did" : "table.bulk_would")}
        </Text>
      )}
      <ul className={classes.lines} aria-live="polite">
        {shown.map(({ count, key, icon }) => (
          <li key={key} data-bad={key === "table.bulk_refused" || undefined}>
            <span aria-hidden>{icon}</span>
            {t(key, { count })}
          </li>
        ))}
        {shown.length === 0 && <li>{t("table.bulk_nothing")}</li>}
      </ul>
      {outcome.stopped && (
        <Text size="sm" c="dimmed">
          {t("table.bulk_stopped")}
        </Text>
      )}
      {outcome.refused.length > 0 && (
        <section aria-label={t("table.bulk_refusals")} className={classes.refusals}>
          {outcome.refused.slice(0, TOLD).map(({ task, reasons }) => (
            <div key={taskId(task)}>
              <b>{titleOf(workflow, task)}</b>
              {reasons.map((reason) => (
                <span key={reason} className={classes.reason}>
                  {reason}
                </span>
              ))}
            </div>
          ))}
          {outcome.refused.length > TOLD && (
            <Text size="sm" c="dimmed" p="xs">
              {t("table.bulk_more", { count: outcome.refused.length - TOLD })}
            </Text>
          )}
        </section>
      )}
    </>
  );
}
