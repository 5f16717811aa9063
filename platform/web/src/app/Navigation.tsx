import { ActionIcon } from "@mantine/core";
import {
  IconApi,
  IconChartBar,
  IconFileImport,
  IconLayoutGrid,
  IconLayoutKanban,
  IconPlus,
  IconRulerMeasure,
  IconSettings,
  IconStar,
  IconTable,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import { Link, NavLink, useLocation, useMatch } from "react-router";
import { useViews, useWorkflows } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import type { View, WorkflowSummary } from "@/api/types";
import { hueOf } from "@/shared/colours";
import { count, t } from "@/text";
import classes from "./Navigation.module.css";
import { currentWorkflow, viewAddress } from "./places";

export function Navigation() {
  const workflows = useWorkflows().data ?? [];
  const admin = useStore(session)?.user.role === "admin";
  const current = currentWorkflow(useLocation().pathname);
  return (
    <>
      <div className={classes.scroll}>
        <Place to="/" icon={<IconLayoutGrid size={17} />} text={t("app.all_workflows")} end />
        <div className={classes.heading}>
          <span>{t("app.workflows")}</span>
          {admin && (
            <ActionIcon component={Link} to="/welcome" size="sm" aria-label={t("app.new_workflow")}>
              <IconPlus size={15} />
            </ActionIcon>
          )}
        </div>
        {workflows.map((workflow) => (
          <OfWorkflow
            key={workflow.id}
            workflow={workflow}
            open={workflow.id === current}
            admin={admin}
          />
        ))}
      </div>
      <div style={{ padding: "8px 10px 12px" }}>
        <Place to="/settings" icon={<IconSettings size={17} />} text={t("app.settings")} />
      </div>
    </>
  );
}

function Place(props: { to: string; icon: ReactNode; text: string; end?: boolean }) {
  return (
    <NavLink to={props.to} end={props.end} className={classes.link}>
      {props.icon}
      <span>{props.text}</span>
    </NavLink>
  );
}

function OfWorkflow(props: { workflow: WorkflowSummary; open: boolean; admin: boolean }) {
  const { workflow, open, admin } = props;
  const base = `/workflows/${encodeURIComponent(workflow.id)}`;
  if (!open) {
    return (
      <Link to={base} className={classes.link}>
        <i className={classes.dot} style={{ background: hueOf(workflow.id) }} />
        <span>{workflow.name}</span>
      </Link>
    );
  }
  return (
    <>
      <Link to={base} className={classes.link} style={{ fontWeight: 640 }}>
        <i className={classes.dot} style={{ background: hueOf(workflow.id) }} />
        <span>{workflow.name}</span>
      </Link>
      <section className={classes.inner} aria-label={t("app.pages_of", { name: workflow.name })}>
        <Place to={base} end icon={<IconTable size={16} />} text={t("app.page_table")} />
        <Place
          to={`${base}/board`}
          icon={<IconLayoutKanban size={16} />}
          text={t("app.page_board")}
        />
        <SavedViews workflow={workflow} />
        <Place
          to={`${base}/reports`}
          icon={<IconChartBar size={16} />}
          text={t("app.page_reports")}
        />
        <Place
          to={`${base}/import`}
          icon={<IconFileImport size={16} />}
          text={t("app.page_import")}
        />
        {admin && (
          <Place
            to={`${base}/designer`}
            icon={<IconRulerMeasure size={16} />}
            text={t("app.page_designer")}
          />
        )}
        <Place to={`${base}/api`} icon={<IconApi size={16} />} text={t("app.page_api")} />
      </section>
    </>
  );
}

function SavedViews({ workflow }: { workflow: WorkflowSummary }) {
  const views = useViews(workflow.id, true).data ?? [];
  const here = new URLSearchParams(useLocation().search).get("_view");
  const onTable = useMatch("/workflows/:workflow/*");
  return views.map((view: View) => (
    <Link
      key={view.id}
      to={viewAddress(workflow.id, view)}
      className={classes.link}
      aria-current={onTable && here === view.id ? "page" : undefined}
    >
      <IconStar size={16} />
      <span>{view.name}</span>
      {view.count !== undefined && <span className={classes.count}>{count(view.count)}</span>}
    </Link>
  ));
}
