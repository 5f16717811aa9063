import { Select } from "@mantine/core";
import { useCallback, useEffect, useMemo, useRef } from "react";
import { useLocation, useNavigate, useSearchParams } from "react-router";
import { NotSignedIn } from "@/api/problem";
import { ASSIGNED_TO, STAGE, taskId, type Workflow } from "@/api/types";
import { taskAddress } from "@/app/places";
import { useShortcuts } from "@/app/shortcuts";
import { layoutOf, TaskForm } from "@/forms";
import { readDraft, useDraft, writeDraft } from "@/shared/drafts";
import { FaultList } from "@/shared/FaultList";
import { showDone } from "@/shared/notices";
import { Page } from "@/shared/Page";
import { t } from "@/text";
import { Assignees } from "./Assignees";
import { Back, focusFirst, leadToFault } from "./around";
import { draftKey, same } from "./edits";
import { useRefusal } from "./faults";
import { Links } from "./Links";
import { useLinks, wired } from "./linking";
import { Panel } from "./Panel";
import { useCreate } from "./queries";
import { SaveBar } from "./SaveBar";
import { missingFor } from "./stages";
import classes from "./task.module.css";

type Values = Record<string, unknown>;

const NO_NAMES: readonly string[] = [];

/** What a new task has before anybody typed: defaults, and what the address says. */
function begun(workflow: Workflow, params: URLSearchParams): Values {
  const defaults = workflow.fields
    .filter((field) => field.schema.default !== undefined)
    .map((field) => [field.name, spelt(field.schema.default)]);
  const initial = workflow.stages.find((stage) => stage.initial) ?? workflow.stages[0];
  const known = new Set([...workflow.fields.map((field) => field.name), STAGE, ASSIGNED_TO]);
  const said = [...params].filter(([title]) => known.has(title));
  return { ...Object.fromEntries(defaults), [STAGE]: initial?.name, ...Object.fromEntries(said) };
}

function spelt(value: unknown): unknown {
  return typeof value === "number" ? String(value) : value;
}

/** A form for a task that is not there yet; what is typed stays until it is created. */
export function NewTask({ workflow }: { workflow: Workflow }) {
  const navigate = useNavigate();
  const [params] = useSearchParams();
  const like = (useLocation().state as { like?: Values } | null)?.like;
  const beginning = useMemo(
    () => ({ ...begun(workflow, params), ...without(like ?? {}, workflow) }),
    [workflow, params, like],
  );
  const drafted = useNewDraft(workflow.id);
  const values = useMemo(() => ({ ...beginning, ...drafted.typed }), [beginning, drafted.typed]);
  const changed = useMemo(() => new Set(Object.keys(drafted.typed)), [drafted.typed]);
  const links = useLinks(workflow, NO_NAMES);
  const shown = useMemo(() => {
    const keys = layoutOf(workflow, values).shown;
    const titles = workflow.fields.filter((field) => keys.has(field.id)).map((one) => one.name);
    return new Set([...titles, STAGE, ASSIGNED_TO, ...links.map((link) => link.name)]);
  }, [workflow, values, links]);
  const refusal = useRefusal(shown, values);
  const create = useCreate(workflow.id);
  const attempt = useRef({ sent: "", key: "" });
  const stage = workflow.stages.find((one) => one.name === values[STAGE]);
  const needed = useMemo(
    () => new Set(stage ? missingFor(workflow, values, stage).map((field) => field.id) : []),
    [workflow, values, stage],
  );
  const change = useCallback(
    (title: string, value: unknown) => drafted.change(title, value, beginning[title]),
    [drafted.change, beginning],
  );
  const save = useCallback(async () => {
    if (create.isPending) {
      return;
    }
    (document.activeElement as HTMLElement | null)?.blur?.();
    refusal.clear();
    const given = Object.entries({ ...beginning, ...drafted.now() });
    const sent = wired(Object.fromEntries(given.filter(([, value]) => !same(value, null))), links);
    const spelled = JSON.stringify(sent);
    if (attempt.current.sent !== spelled) {
      attempt.current = { sent: spelled, key: crypto.randomUUID() };
    }
    try {
      const made = await create.mutateAsync({ values: sent, attempt: attempt.current.key });
      drafted.drop();
      showDone(t("task.created"));
      navigate(taskAddress(workflow.id, taskId(made.task)), { replace: true });
    } catch (failure) {
      if (!(failure instanceof NotSignedIn)) {
        refusal.fail(failure, { ...beginning, ...drafted.now() });
        leadToFault(workflow, failure);
      }
    }
  }, [create, beginning, drafted, links, workflow, navigate, refusal]);
  useShortcuts(
    useMemo(
      () => [
        {
          keys: "mod+s",
          text: t("task.key_create"),
          group: t("task.title"),
          run: save,
          always: true,
        },
      ],
      [save],
    ),
  );
  useEffect(() => focusFirst(workflow), [workflow]);
  return (
    <Page title={t("task.new_title")} lead={workflow.name} before={<Back workflow={workflow} />}>
      <div className={classes.notices}>
        <FaultList failure={refusal.failure} without={refusal.isTold} />
      </div>
      <div className={classes.columns}>
        <section className={classes.main} aria-label={t("task.form")}>
          <TaskForm
            workflow={workflow}
            values={values}
            changed={changed}
            needed={needed}
            onChange={change}
            faultOf={(field) => refusal.faultOf(field.name, field.id)}
          />
        </section>
        <aside className={classes.side} aria-label={t("task.about")}>
          <Panel title={t("task.stage")}>
            <Select
              aria-label={t("task.stage")}
              data={workflow.stages.map((one) => one.name)}
              value={String(values[STAGE] ?? "")}
              allowDeselect={false}
              error={refusal.faultOf(STAGE)}
              onChange={(name) => change(STAGE, name)}
            />
          </Panel>
          <Assignees
            workflow={workflow}
            values={values}
            locked={false}
            onChange={change}
            fault={refusal.faultOf(ASSIGNED_TO)}
          />
          <Links
            links={links}
            values={values}
            locked={false}
            onChange={change}
            faultOf={refusal.faultOf}
            below={() => null}
          />
        </aside>
      </div>
      <SaveBar
        count={changed.size}
        busy={create.isPending}
        label={t("task.create")}
        onSave={save}
        onDiscard={() => {
          drafted.drop();
          refusal.clear();
        }}
      />
    </Page>
  );
}

/** What a copy of a task does not take over: what tells tasks apart. */
function without(like: Values, workflow: Workflow): Values {
  const { uniqueId } = workflow;
  const kept = Object.entries(like).filter(
    ([title]) => title !== STAGE && title !== uniqueId?.name,
  );
  return Object.fromEntries(kept);
}

const EMPTY: Values = {};

function useNewDraft(workflow: string) {
  const key = useMemo(() => draftKey(workflow, "new"), [workflow]);
  const { draft, set, drop } = useDraft<Values>(key);
  const newest = useRef(draft ?? readDraft<Values>(key) ?? EMPTY);
  useEffect(() => {
    const leaving = () => {
      if (newest.current !== EMPTY) {
        writeDraft(key, newest.current);
      }
    };
    window.addEventListener("pagehide", leaving);
    return () => window.removeEventListener("pagehide", leaving);
  }, [key]);
  const change = useCallback(
    (title: string, value: unknown, beginning: unknown) => {
      const { [title]: _, ...rest } = newest.current;
      newest.current = same(value, beginning) ? rest : { ...rest, [title]: value };
      set(newest.current);
    },
    [set],
  );
  const forget = useCallback(() => {
    newest.current = EMPTY;
    drop();
  }, [drop]);
  const now = useCallback(() => newest.current, []);
  return useMemo(
    () => ({ typed: draft ?? EMPTY, change, drop: forget, now }),
    [draft, change, forget, now],
  );
}
