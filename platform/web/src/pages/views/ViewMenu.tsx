/** The saved views of a workflow: which one is shown, and what can be done with it. */
import { Button, Menu, Text } from "@mantine/core";
import {
  IconArrowBackUp,
  IconCheck,
  IconChevronDown,
  IconDeviceFloppy,
  IconLayoutKanban,
  IconPencil,
  IconPlus,
  IconShare,
  IconShareOff,
  IconStar,
  IconTable,
  IconTrash,
} from "@tabler/icons-react";
import { useState } from "react";
import { useNavigate } from "react-router";
import { useDeleteView, useSaveView, useViews } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import type { Layout, User, View } from "@/api/types";
import { viewAddress, workflowAddress } from "@/app/places";
import { type Filter, type Query, writeQuery } from "@/filters";
import { Confirm } from "@/shared/Confirm";
import { showDone, showFailure } from "@/shared/notices";
import { count, t } from "@/text";
import { NameView } from "./NameView";
import classes from "./ViewMenu.module.css";

interface Props {
  workflow: string;
  layout: Layout;
  /** What is shown now. */
  query: Query;
  /** As the view keeps them. */
  columns: View["columns"];
  columnsChanged: boolean;
  view: View | null;
  /** Puts back what was changed since the view was opened. */
  onReset: () => void;
  /** What was changed is in the view now. */
  onSaved: () => void;
}

export function queryOf(view: View): Query {
  return {
    where: (view.query.where as Filter | undefined) ?? null,
    sort: view.query.sort ?? [],
    q: view.query.q ?? view.query.search ?? "",
  };
}

/** Whether somebody looks at something else than the view that they opened. */
export function differs(view: View, query: Query): boolean {
  return writeQuery(queryOf(view)).toString() !== writeQuery(query).toString();
}

function mayChange(view: View, user: User | undefined): boolean {
  return view.owner?.id === user?.id || (view.shared && user?.role !== "member");
}

type Asking = "save_as" | "rename" | "delete" | null;

export function ViewMenu(props: Props) {
  const { workflow, layout, query, columns, view } = props;
  const views = useViews(workflow, true).data ?? [];
  const user = useStore(session)?.user;
  const save = useSaveView(workflow);
  const remove = useDeleteView(workflow);
  const navigate = useNavigate();
  const [asking, setAsking] = useState<Asking>(null);
  const changed = view !== null && (props.columnsChanged || differs(view, query));
  const may = view !== null && mayChange(view, user);
  const asked = { where: query.where ?? undefined, sort: query.sort, q: query.q || undefined };

  const store = async (name: string, shared: boolean) => {
    const made = await save.mutateAsync({ name, shared, layout, query: asked, columns });
    showDone(t("views.saved", { name }));
    navigate(viewAddress(workflow, made));
    props.onSaved();
  };
  const change = async (of: View, changes: Partial<View>) => {
    try {
      const { id, name, layout: how, query: sought, columns: kept, shared } = { ...of, ...changes };
      await save.mutateAsync({ id, name, layout: how, query: sought, columns: kept, shared });
      showDone(t("views.saved", { name }));
    } catch (failure) {
      showFailure(failure);
      throw failure;
    }
  };
  const update = () => view && change(view, { query: asked, columns }).then(props.onSaved, ignored);

  return (
    <>
      <Menu position="bottom-start" width={290}>
        <Menu.Target>
          <Button
            variant="default"
            className={classes.target}
            leftSection={view ? <IconStar size={16} /> : <IconTable size={16} />}
            rightSection={<IconChevronDown size={15} />}
            aria-label={t("views.menu", { name: view?.name ?? t("views.all") })}
          >
            <span className={classes.name}>{view?.name ?? t("views.all")}</span>
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconTable size={16} />}
            rightSection={view === null && <IconCheck size={15} />}
            onClick={() => navigate(workflowAddress(workflow, layout === "board" ? "board" : ""))}
          >
            {t("views.all")}
          </Menu.Item>
          {views.map((one) => (
            <Menu.Item
              key={one.id}
              leftSection={
                one.layout === "board" ? <IconLayoutKanban size={16} /> : <IconStar size={16} />
              }
              rightSection={
                one.id === view?.id ? (
                  <IconCheck size={15} />
                ) : (
                  typeof one.count === "number" && (
                    <Text size="xs" c="dimmed" className="tl-numbers">
                      {count(one.count)}
                    </Text>
                  )
                )
              }
              onClick={() => navigate(viewAddress(workflow, one))}
            >
              <span className={classes.name}>{one.name}</span>
              {one.shared && one.owner && one.owner.id !== user?.id && (
                <Text size="xs" c="dimmed">
                  {t("views.of", { name: one.owner.name || one.owner.email })}
                </Text>
              )}
            </Menu.Item>
          ))}
          {views.length === 0 && (
            <Text size="xs" c="dimmed" px="sm" py={6}>
              {t("views.none")}
            </Text>
          )}
          <Menu.Divider />
          {view && may && (
            <Menu.Item
              leftSection={<IconDeviceFloppy size={16} />}
              disabled={!changed}
              onClick={update}
            >
              {t("views.save")}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<IconPlus size={16} />} onClick={() => setAsking("save_as")}>
            {t("views.save_as")}
          </Menu.Item>
          {view && (
            <Menu.Item
              leftSection={<IconArrowBackUp size={16} />}
              disabled={!changed}
              onClick={props.onReset}
            >
              {t("views.reset")}
            </Menu.Item>
          )}
          {view && may && (
            <>
              <Menu.Item leftSection={<IconPencil size={16} />} onClick={() => setAsking("rename")}>
                {t("views.rename")}
              </Menu.Item>
              <Menu.Item
                leftSection={view.shared ? <IconShareOff size={16} /> : <IconShare size={16} />}
                onClick={() => change(view, { shared: !view.shared }).catch(ignored)}
              >
                {t(view.shared ? "views.unshare" : "views.share")}
              </Menu.Item>
              <Menu.Item
                c="var(--mantine-color-error)"
                leftSection={<IconTrash size={16} />}
                onClick={() => setAsking("delete")}
              >
                {t("views.delete")}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {changed && (
        <span className={classes.changed}>
          {may ? (
            <Button size="compact-sm" variant="light" loading={save.isPending} onClick={update}>
              {t("views.save_short")}
            </Button>
          ) : (
            t("views.changed")
          )}
        </span>
      )}
      {asking === "save_as" && (
        <NameView
          title={t("views.save_as")}
          name=""
          shared={false}
          onClose={() => setAsking(null)}
          onSave={store}
        />
      )}
      {asking === "rename" && view && (
        <NameView
          title={t("views.rename")}
          name={view.name}
          onClose={() => setAsking(null)}
          onSave={(name) => change(view, { name })}
        />
      )}
      {view && (
        <Confirm
          opened={asking === "delete"}
          onClose={() => setAsking(null)}
          title={t("views.delete_title", { name: view.name })}
          text={t(view.shared ? "views.delete_shared" : "views.delete_text")}
          action={t("shared.delete")}
          onConfirm={async () => {
            await remove.mutateAsync(view.id);
            showDone(t("views.deleted", { name: view.name }));
            navigate(workflowAddress(workflow, layout === "board" ? "board" : ""));
          }}
        />
      )}
    </>
  );
}

/** The notice says what failed. */
function ignored(): void {}
