import { ActionIcon, Button, Modal, Skeleton, Stack, Text, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowRight } from "@tabler/icons-react";
import { useState } from "react";
import { isProblem } from "@/api/client";
import type { Conflicts } from "@/api/problem";
import {
  ASSIGNED_TO,
  type Change,
  type Field,
  STAGE,
  type TaskEvent,
  type Workflow,
} from "@/api/types";
import { Avatar } from "@/shared/Avatar";
import { showDone, showFailure, told } from "@/shared/notices";
import { StageBadge } from "@/shared/Pill";
import { When } from "@/shared/When";
import { type Key, t } from "@/text";
import { assigneeField } from "./assignee";
import { Conflict, Side } from "./Conflict";
import { Panel } from "./Panel";
import { useHistoryOf, useUndoOf } from "./queries";
import classes from "./task.module.css";

const ACTIONS: Record<string, Key> = {
  SUBMIT: "task.did_submit",
  APPROVE: "task.did_approve",
  REJECT: "task.did_reject",
  SKIP: "task.did_skip",
  CANCEL: "task.did_cancel",
  RESTART: "task.did_restart",
};
const SHOWN_CHANGES = 6;
const CONFLICT = 409;

interface Props {
  workflow: Workflow;
  id: string;
  gone: boolean;
  /** Puts a value into the form, unsaved. */
  onTake: (title: string, value: unknown) => void;
}

/** What happened to the task, newest first, and the way back from each change. */
export function History({ workflow, id, gone, onTake }: Props) {
  const history = useHistoryOf(workflow.id, id, !gone);
  const undo = useUndoOf(workflow.id, id);
  const [late, setLate] = useState<Conflicts | null>(null);
  const events = history.data?.pages.flatMap((page) => page.events) ?? [];
  const back = (event: TaskEvent) =>
    undo.mutate(event.id, {
      onSuccess: () => showDone(t("task.undone")),
      onError: (failure) => {
        if (isProblem(failure, CONFLICT) && Object.keys(failure.conflicts).length > 0) {
          setLate(failure.conflicts);
        } else {
          showFailure(failure, t("task.undo_failed"));
        }
      },
    });
  return (
    <Panel title={t("task.history")} id="task-history">
      {history.isPending && !gone && (
        <Stack gap={10}>
          <Skeleton height={14} width="70%" />
          <Skeleton height={14} width="50%" />
        </Stack>
      )}
      {history.error && events.length === 0 && (
        <Text size="sm" c="dimmed">
          {told(history.error)}
        </Text>
      )}
      <ol className={classes.events}>
        {events.map((event) => (
          <OneEvent
            key={event.id}
            event={event}
            workflow={workflow}
            busy={undo.isPending}
            onUndo={gone || !canUndo(workflow, event) ? undefined : () => back(event)}
          />
        ))}
      </ol>
      {history.hasNextPage && (
        <Button
          variant="subtle"
          color="gray"
          size="xs"
          loading={history.isFetchingNextPage}
          onClick={() => history.fetchNextPage()}
        >
          {t("task.earlier")}
        </Button>
      )}
      <TooLate conflicts={late} workflow={workflow} onClose={() => setLate(null)} onTake={onTake} />
    </Panel>
  );
}

function fieldOf(workflow: Workflow, title: string): Field | undefined {
  return title === ASSIGNED_TO
    ? assigneeField(workflow)
    : workflow.fields.find((field) => field.name === title);
}

/** Whether a change can be taken back: not a beginning, and not what is no field, as links are. */
function canUndo(workflow: Workflow, event: TaskEvent): boolean {
  return (
    event.kind === "updated" &&
    event.changes.length > 0 &&
    event.changes.every(({ field }) => field === STAGE || fieldOf(workflow, field) !== undefined)
  );
}

interface EventProps {
  event: TaskEvent;
  workflow: Workflow;
  busy: boolean;
  onUndo?: () => void;
}

function OneEvent({ event, workflow, busy, onUndo }: EventProps) {
  const created = event.kind === "created";
  const [whole, setWhole] = useState(false);
  const set = event.changes.filter((change) => !created || change.to !== null);
  const few = created ? 0 : SHOWN_CHANGES;
  const shown = whole ? set : set.slice(0, few);
  const more = set.length - shown.length;
  const action = event.action ? ACTIONS[event.action] : undefined;
  const who = event.by?.name || event.by?.email || t("task.somebody");
  return (
    <li className={classes.event}>
      <Avatar email={event.by?.email ?? "?"} name={event.by?.name ?? "?"} size={22} />
      <div className={classes.eventBody}>
        <div className={classes.eventHead}>
          <Text size="sm">
            <b>{who}</b> {t(created ? "task.did_create" : (action ?? "task.did_change"))}
          </Text>
          <Text size="xs" c="dimmed">
            <When at={event.at} />
          </Text>
        </div>
        {event.comment && (
          <Text size="sm" className={classes.comment}>
            {event.comment}
          </Text>
        )}
        <ul className={classes.changes}>
          {shown.map((change) => (
            <OneChange key={change.field} change={change} workflow={workflow} first={created} />
          ))}
        </ul>
        {more > 0 && (
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            ml={-8}
            mt={2}
            onClick={() => setWhole(true)}
          >
            {t(created ? "task.show_values" : "task.more_changes", { count: more })}
          </Button>
        )}
      </div>
      {onUndo && (
        <Tooltip label={t("task.undo")}>
          <ActionIcon
            size="sm"
            className={classes.undo}
            disabled={busy}
            onClick={onUndo}
            aria-label={t("task.undo_of", {
              names: event.changes.map((change) => change.field).join(", "),
            })}
          >
            <IconArrowBackUp size={15} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}

function OneChange(props: { change: Change; workflow: Workflow; first: boolean }) {
  const { change, workflow, first } = props;
  const field = fieldOf(workflow, change.field);
  const side = (value: unknown) =>
    change.field === STAGE && typeof value === "string" ? (
      <StageBadge stages={workflow.stages} name={value} />
    ) : (
      <Side field={field} value={value} workflow={workflow.id} />
    );
  return (
    <li>
      <span className={classes.changed}>{change.field}</span>
      <span className={classes.fromTo}>
        {!first && (
          <>
            <span className={classes.from}>
              <span className="tl-hidden">{t("task.from")} </span>
              {side(change.from)}
            </span>
            <IconArrowRight size={13} className={classes.arrow} aria-hidden />
            <span className="tl-hidden"> {t("task.to")} </span>
          </>
        )}
        <span>{side(change.to)}</span>
      </span>
    </li>
  );
}

interface TooLateProps {
  conflicts: Conflicts | null;
  workflow: Workflow;
  onClose: () => void;
  onTake: (title: string, value: unknown) => void;
}

/** What was changed again since: one may have it put back all the same, as an edit of one's own. */
function TooLate({ conflicts, workflow, onClose, onTake }: TooLateProps) {
  const [decided, setDecided] = useState<ReadonlySet<string>>(new Set());
  const open = Object.entries(conflicts ?? {}).filter(([title]) => !decided.has(title));
  const close = () => {
    setDecided(new Set());
    onClose();
  };
  const decide = (title: string) => {
    setDecided(new Set([...decided, title]));
    if (open.length === 1) {
      close();
    }
  };
  return (
    <Modal
      opened={conflicts !== null}
      onClose={close}
      title={t("task.undo_late")}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      <Stack>
        <Text size="sm">{t("task.undo_late_text")}</Text>
        {open.map(([title, sides]) => (
          <Conflict
            key={title}
            workflow={workflow.id}
            field={fieldOf(workflow, title)}
            clash={{ title, base: sides.base, theirs: sides.theirs, yours: sides.yours }}
            onMine={() => {
              onTake(title, sides.yours ?? null);
              decide(title);
            }}
            onTheirs={() => decide(title)}
          />
        ))}
      </Stack>
    </Modal>
  );
}
