import { ActionIcon, Anchor, Select, Text, Tooltip } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconLink, IconX } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useNavigate } from "react-router";
import { type Task, titleOf, uidOf, type Workflow } from "@/api/types";
import { taskAddress } from "@/app/places";
import { showFailure } from "@/shared/notices";
import { t } from "@/text";
import { type Linked, type LinkOf, linkedOf } from "./linking";
import { Panel } from "./Panel";
import { idOf, useFound } from "./queries";
import classes from "./task.module.css";

const SETTLED_MS = 200;

interface Props {
  links: readonly LinkOf[];
  values: Record<string, unknown>;
  locked: boolean;
  onChange: (name: string, value: unknown) => void;
  /** What went wrong with a link. */
  faultOf: (name: string) => string | undefined;
  below: (name: string) => ReactNode;
}

/** The tasks of other workflows that this one is linked to. */
export function Links({ links, values, locked, onChange, faultOf, below }: Props) {
  if (links.length === 0) {
    return null;
  }
  return (
    <Panel title={t("task.links")} id="task-links">
      <div className={classes.links}>
        {links.map((link) => (
          <OneLink
            key={link.name}
            link={link}
            value={values[link.name]}
            locked={locked}
            fault={faultOf(link.name)}
            onChange={(value) => onChange(link.name, value)}
          >
            {below(link.name)}
          </OneLink>
        ))}
      </div>
    </Panel>
  );
}

function spelt(target: Workflow | undefined, task: Linked): { uid: string | null; text: string } {
  if (!target) {
    const told = Object.values(task).find((value) => typeof value === "string" && value !== "");
    return { uid: null, text: String(told ?? "") };
  }
  const uid = uidOf(target, task as Task);
  const named = target.fields.find(
    (field) => field.type === "text" && typeof task[field.name] === "string",
  );
  const title = named ? String(task[named.name] ?? "") : "";
  return { uid, text: title || uid || "" };
}

interface OneProps {
  link: LinkOf;
  value: unknown;
  locked: boolean;
  fault?: string;
  onChange: (value: unknown) => void;
  children: ReactNode;
}

function OneLink({ link, value, locked, fault, onChange, children }: OneProps) {
  const { name, target, many } = link;
  const navigate = useNavigate();
  const linked = linkedOf(value);
  const open = locked || !target?.uniqueId;
  const put = (next: Linked[]) => onChange(many ? next : (next[0] ?? null));
  const go = (uid: string) =>
    target && idOf(target.id, uid).then((id) => navigate(taskAddress(target.id, id)), showFailure);
  return (
    <fieldset className={classes.group} aria-label={name}>
      <Text size="sm" fw={500} mb={4}>
        {name}
        {target && (
          <Text span size="xs" c="dimmed">
            {" "}
            {target.name}
          </Text>
        )}
      </Text>
      <ul className={classes.linked}>
        {linked.map((task) => {
          const { uid, text } = spelt(target, task);
          return (
            <li key={uid ?? text}>
              <IconLink size={15} aria-hidden />
              <span className={classes.linkText}>
                {uid !== null ? (
                  <Anchor component="button" type="button" size="sm" onClick={() => go(uid)}>
                    {text}
                  </Anchor>
                ) : (
                  text
                )}
                {uid !== null && text !== uid && (
                  <Text span size="xs" c="dimmed">
                    {" "}
                    {uid}
                  </Text>
                )}
              </span>
              {!open && (
                <Tooltip label={t("task.unlink", { name: text })}>
                  <ActionIcon
                    size="sm"
                    aria-label={t("task.unlink", { name: text })}
                    onClick={() => put(linked.filter((one) => one !== task))}
                  >
                    <IconX size={14} />
                  </ActionIcon>
                </Tooltip>
              )}
            </li>
          );
        })}
      </ul>
      {!open && target && (
        <Finder
          link={link}
          target={target}
          linked={new Set(linked.map((task) => spelt(target, task).uid ?? ""))}
          fault={fault}
          onPick={(task) => put(many ? [...linked, task] : [task])}
        />
      )}
      {children}
    </fieldset>
  );
}

interface FinderProps {
  link: LinkOf;
  target: Workflow;
  linked: ReadonlySet<string>;
  fault?: string;
  onPick: (task: Linked) => void;
}

/** Searches the tasks of the other workflow, and links the one that is picked. */
function Finder({ link, target, linked, fault, onPick }: FinderProps) {
  const [typed, setTyped] = useState("");
  const [opened, setOpened] = useState(false);
  const [settled] = useDebouncedValue(typed.trim(), SETTLED_MS);
  const { data: found = [], isFetching } = useFound(target, settled, opened);
  const options = found.flatMap((task) => {
    const uid = uidOf(target, task);
    return uid === null || linked.has(uid) ? [] : [{ value: uid, label: titleOf(target, task) }];
  });
  return (
    <Select
      aria-label={t("task.link_add", { name: link.name })}
      placeholder={t(link.many ? "task.link_another" : "task.link_choose", { name: target.name })}
      data={options}
      filter={({ options: all }) => all}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      value={null}
      error={fault}
      onDropdownOpen={() => setOpened(true)}
      onDropdownClose={() => setOpened(false)}
      nothingFoundMessage={t(isFetching ? "shared.loading" : "fields.no_options")}
      renderOption={({ option }) => (
        <span className={classes.option}>
          <span>{option.label}</span>
          {option.label !== option.value && (
            <Text span size="xs" c="dimmed">
              {option.value}
            </Text>
          )}
        </span>
      )}
      onChange={(uid) => {
        const task = found.find((one) => uidOf(target, one) === uid);
        if (task) {
          onPick(task);
          setTyped("");
        }
      }}
    />
  );
}
