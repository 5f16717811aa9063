import { ActionIcon, Alert, Anchor, Button, Group, Menu } from "@mantine/core";
import { IconCopy, IconDots, IconGhost, IconLink, IconPlus, IconTrash } from "@tabler/icons-react";
import { useCallback, useMemo, useState } from "react";
import { Link, useNavigate } from "react-router";
import { isProblem } from "@/api/client";
import { NotSignedIn } from "@/api/problem";
import {
  ASSIGNED_TO,
  type Field,
  STAGE,
  TASK_URL,
  type Task,
  taskId,
  titleOf,
  uidOf,
  type Workflow,
} from "@/api/types";
import { useCommands } from "@/app/commands";
import { taskAddress, workflowAddress } from "@/app/places";
import { useShortcuts } from "@/app/shortcuts";
import { layoutOf, leadTo, TaskForm } from "@/forms";
import { Confirm } from "@/shared/Confirm";
import { copyText } from "@/shared/Copy";
import { FaultList } from "@/shared/FaultList";
import { showDone, showFailure } from "@/shared/notices";
import { Page } from "@/shared/Page";
import { t } from "@/text";
import { Approvals } from "./Approvals";
import { Assignees } from "./Assignees";
import { Back, focusFirst, leadToClash, leadToFault } from "./around";
import { assigneeField } from "./assignee";
import { Conflict } from "./Conflict";
import { type Edits, seedOf } from "./edits";
import { useRefusal } from "./faults";
import { History } from "./History";
import { Links } from "./Links";
import { linkNames, useLinks, wired } from "./linking";
import { useCreate, useRemove, useSave } from "./queries";
import { SaveBar } from "./SaveBar";
import { StagePanel } from "./StagePanel";
import classes from "./task.module.css";

const STALE = 412;
const NOT_FOUND = 404;
const NONE: ReadonlySet<string> = new Set();

interface Props {
  workflow: Workflow;
  task: Task;
  etag: string;
  edits: Edits;
  /** Somebody deleted the task. */
  gone: boolean;
  /** Asks for the task as it is now. */
  again: () => Promise<unknown>;
}

/** One task: its form, its stage, its people, what it is linked to and what happened to it. */
export function TaskView(props: Props) {
  const { workflow, task, edits, gone } = props;
  const { values, changed, clashes, change, forget, insist } = edits;
  const id = taskId(task);
  const links = useLinks(workflow, linkNames(workflow, task));
  const shown = useMemo(() => {
    const keys = layoutOf(workflow, values).shown;
    const titles = workflow.fields.filter((field) => keys.has(field.id)).map((one) => one.name);
    return new Set([...titles, ASSIGNED_TO, ...links.map((link) => link.name)]);
  }, [workflow, values, links]);
  const refusal = useRefusal(shown, values);
  const [needed, setNeeded] = useState(NONE);
  const save = useSaving({ ...props, refusal, links });
  const stage = String(values[STAGE] ?? "");
  const clashOf = (title: string) => {
    const clash = clashes.find((one) => one.title === title);
    return (
      clash && (
        <Conflict
          clash={clash}
          workflow={workflow.id}
          field={
            title === ASSIGNED_TO
              ? assigneeField(workflow)
              : workflow.fields.find((field) => field.name === title)
          }
          onMine={() => insist(title)}
          onTheirs={() => forget([title])}
        />
      )
    );
  };
  const lead = (missing: readonly Field[], first: Field) => {
    setNeeded(new Set(missing.map((field) => field.id)));
    leadTo(first);
  };
  useKeys(edits, save.run, workflow);
  return (
    <Page
      title={titleOf(workflow, values as Task)}
      lead={[workflow.name, uidOf(workflow, task)].filter(Boolean).join(" · ")}
      before={<Back workflow={workflow} />}
      actions={<More {...props} />}
    >
      <Notices {...props} links={links} refusal={refusal} />
      <div className={classes.columns}>
        <section className={classes.main} aria-label={t("task.form")}>
          <TaskForm
            workflow={workflow}
            values={values}
            saved={task}
            changed={changed}
            needed={needed}
            locked={gone}
            onChange={change}
            onReset={(title) => forget([title])}
            faultOf={(field) => refusal.faultOf(field.name, field.id)}
            below={(field) => clashOf(field.name)}
          />
        </section>
        <aside className={classes.side} aria-label={t("task.about")}>
          <StagePanel
            workflow={workflow}
            values={values}
            stage={stage}
            busy={save.busy}
            locked={gone}
            onMove={(name) => save.run({ [STAGE]: name })}
            onMissing={lead}
          >
            {clashOf(STAGE)}
          </StagePanel>
          <Assignees
            workflow={workflow}
            values={values}
            locked={gone}
            onChange={change}
            fault={refusal.faultOf(ASSIGNED_TO)}
          >
            {clashOf(ASSIGNED_TO)}
          </Assignees>
          <Approvals workflow={workflow} task={task} locked={gone} />
          <Links
            links={links}
            values={values}
            locked={gone}
            onChange={change}
            faultOf={refusal.faultOf}
            below={clashOf}
          />
          <History workflow={workflow} id={id} gone={gone} onTake={change} />
        </aside>
      </div>
      {changed.size > 0 && (
        <SaveBar
          count={changed.size}
          busy={save.busy}
          blocked={gone}
          note={clashes[0] && t("task.conflict_first", { name: clashes[0].title })}
          label={t("shared.save")}
          onSave={() => save.run()}
          onDiscard={edits.discard}
        />
      )}
    </Page>
  );
}

interface Saving extends Props {
  refusal: ReturnType<typeof useRefusal>;
  links: ReturnType<typeof useLinks>;
}

/** Saves what is edited, and with it what else is given: the stage that the task goes to. */
function useSaving({ workflow, task, etag, edits, gone, again, refusal, links }: Saving) {
  const write = useSave(workflow.id, taskId(task));
  const { edited, clashes, settle } = edits;
  const { mutateAsync, isPending } = write;
  const run = useCallback(
    async (more: Record<string, unknown> = {}) => {
      if (gone || isPending) {
        return;
      }
      const [clash] = clashes;
      if (clash) {
        leadToClash(workflow, clash.title);
        return;
      }
      // What is moved to at once may have been chosen by who then typed on: the newest edits go along.
      (document.activeElement as HTMLElement | null)?.blur?.();
      const asked = { ...edited, ...more };
      if (Object.keys(asked).length === 0) {
        return;
      }
      refusal.clear();
      try {
        const written = await mutateAsync({ values: wired(asked, links), etag });
        settle(asked, written.task);
        showDone(more[STAGE] ? t("task.moved", { name: String(more[STAGE]) }) : t("shared.saved"));
      } catch (failure) {
        if (failure instanceof NotSignedIn) {
          return;
        }
        if (isProblem(failure, STALE) || isProblem(failure, NOT_FOUND)) {
          await again();
        }
        const merged = isProblem(failure, STALE) && Object.keys(failure.conflicts).length > 0;
        const [first] = merged ? Object.keys(failure.conflicts) : [];
        if (first !== undefined) {
          leadToClash(workflow, first);
        } else if (!isProblem(failure, NOT_FOUND)) {
          refusal.fail(failure, { ...task, ...asked });
          leadToFault(workflow, failure);
        }
      }
    },
    [
      workflow,
      task,
      etag,
      gone,
      isPending,
      clashes,
      edited,
      settle,
      mutateAsync,
      again,
      refusal,
      links,
    ],
  );
  return { run, busy: isPending };
}

/** What is wrong with the page as a whole: the task is gone, or a save was refused. */
function Notices(props: Saving) {
  const { workflow, edits, gone, refusal, links } = props;
  const navigate = useNavigate();
  const create = useCreate(workflow.id);
  const [attempt] = useState(() => crypto.randomUUID());
  const restore = () =>
    create.mutate(
      { values: wired(withLinks(workflow, edits.values, links), links), attempt },
      {
        onSuccess: (made) => {
          edits.discard();
          showDone(t("task.created"));
          navigate(taskAddress(workflow.id, taskId(made.task)), { replace: true });
        },
      },
    );
  return (
    <div className={classes.notices}>
      {gone && (
        <Alert
          color="orange"
          role="alert"
          icon={<IconGhost aria-hidden />}
          title={t("task.gone_title")}
        >
          {t(edits.changed.size > 0 ? "task.gone_draft" : "task.gone_text")}
          <Group gap="xs" mt="sm">
            <Button size="xs" loading={create.isPending} onClick={restore}>
              {t("task.create_again")}
            </Button>
            <Anchor component={Link} to={workflowAddress(workflow.id)} size="sm">
              {t("task.back", { name: workflow.name })}
            </Anchor>
          </Group>
          {create.error && (
            <div className={classes.inner}>
              <FaultList failure={create.error} />
            </div>
          )}
        </Alert>
      )}
      <FaultList failure={refusal.failure} without={refusal.isTold} />
    </div>
  );
}

function withLinks(
  workflow: Workflow,
  values: Record<string, unknown>,
  links: ReturnType<typeof useLinks>,
): Record<string, unknown> {
  const linked = links
    .filter((link) => link.target?.uniqueId && values[link.name])
    .map((link) => [link.name, values[link.name]]);
  return { ...seedOf(workflow, values), ...Object.fromEntries(linked) };
}

function More({ workflow, task, etag, edits, gone }: Props) {
  const navigate = useNavigate();
  const remove = useRemove(workflow.id, taskId(task));
  const [asking, setAsking] = useState(false);
  const title = titleOf(workflow, task);
  const copy = () =>
    copyText(task[TASK_URL]).then(
      () => showDone(t("shared.copied")),
      () => showFailure(t("shared.copy_failed")),
    );
  return (
    <>
      <Button
        component={Link}
        to={workflowAddress(workflow.id, "new")}
        variant="default"
        leftSection={<IconPlus size={16} />}
      >
        {t("task.new")}
      </Button>
      <Menu>
        <Menu.Target>
          <ActionIcon size="lg" variant="default" aria-label={t("shared.more")}>
            <IconDots size={18} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconLink size={16} />} onClick={copy}>
            {t("task.copy_link")}
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCopy size={16} />}
            onClick={() =>
              navigate(workflowAddress(workflow.id, "new"), {
                state: { like: seedOf(workflow, edits.values) },
              })
            }
          >
            {t("task.duplicate")}
          </Menu.Item>
          {!gone && (
            <Menu.Item
              className={classes.danger}
              leftSection={<IconTrash size={16} />}
              onClick={() => setAsking(true)}
            >
              {t("task.delete")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("task.delete_title")}
        text={t("task.delete_text", { name: title })}
        action={t("shared.delete")}
        onConfirm={async () => {
          await remove.mutateAsync(etag);
          edits.discard();
          showDone(t("task.deleted", { name: title }));
          navigate(workflowAddress(workflow.id));
        }}
      />
    </>
  );
}

function focusIn(place: string): void {
  const found = document.getElementById(place);
  found?.scrollIntoView({ block: "nearest" });
  found?.querySelector<HTMLElement>("button:not(:disabled), a[href], input")?.focus();
}

/** The keys and commands of the page. */
function useKeys(edits: Edits, save: () => void, workflow: Workflow): void {
  const group = t("task.title");
  const navigate = useNavigate();
  const { changed, discard } = edits;
  const dirty = changed.size > 0;
  useShortcuts(
    useMemo(
      () => [
        { keys: "mod+s", text: t("task.key_save"), group, run: () => save(), always: true },
        {
          keys: "e",
          text: t("task.key_edit"),
          group,
          run: () => workflow.fields[0] && focusFirst(workflow),
        },
        { keys: "m", text: t("task.key_move"), group, run: () => focusIn("task-stage") },
        { keys: "a", text: t("task.key_assign"), group, run: () => focusIn("task-assignees") },
        { keys: "h", text: t("task.key_history"), group, run: () => focusIn("task-history") },
      ],
      [group, save, workflow],
    ),
  );
  useCommands(
    useMemo(
      () => [
        ...(dirty
          ? [
              { id: "task:save", label: t("task.key_save"), group, run: () => save() },
              { id: "task:discard", label: t("task.discard"), group, run: discard },
            ]
          : []),
        {
          id: "task:new",
          label: t("task.new"),
          group,
          run: () => navigate(workflowAddress(workflow.id, "new")),
        },
      ],
      [dirty, group, save, discard, navigate, workflow],
    ),
  );
}
