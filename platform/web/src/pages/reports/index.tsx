import { Alert, Button } from "@mantine/core";
import { IconChartBar, IconFilter, IconFilterOff } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useParams } from "react-router";
import { useWorkflow } from "@/api/queries";
import type { Workflow } from "@/api/types";
import { conditionCount } from "@/filters/draft";
import { FilterBuilder } from "@/filters/FilterBuilder";
import { FilterChips } from "@/filters/FilterChips";
import { Asked } from "@/shared/Asked";
import { EmptyState } from "@/shared/EmptyState";
import { Page } from "@/shared/Page";
import { t } from "@/text";
import { parametersOf, useAsked } from "./asked";
import { AskedContext, useReport } from "./queries";
import classes from "./Reports.module.css";
import { Span } from "./Span";
import {
  Age,
  Approvals,
  datesOf,
  hasApprovals,
  Overdue,
  Stages,
  Throughput,
  TimeInStage,
  Values,
} from "./sections";
import { Totals } from "./Totals";

/** What a workflow's tasks do, in charts and figures. */
export default function ReportsPage() {
  const { workflow = "" } = useParams();
  return <Asked of={useWorkflow(workflow)}>{(read) => <Reports workflow={read} />}</Asked>;
}

type Asking = ReturnType<typeof useAsked>;

function Reports({ workflow }: { workflow: Workflow }) {
  const asking = useAsked(workflow);
  const { query, settings, change } = asking;
  const asked = useMemo(() => {
    const parameters = parametersOf(query, settings);
    return parameters && { workflow, parameters };
  }, [workflow, query, settings]);
  return (
    <Page title={t("reports.title_of", { name: workflow.name })} lead={t("reports.lead")}>
      <Span settings={settings} change={change} />
      <FilterRow workflow={workflow} asking={asking} />
      {asked ? (
        <AskedContext value={asked}>
          <All workflow={workflow} asking={asking} />
        </AskedContext>
      ) : (
        <Alert color="yellow" title={t("reports.filter_title")} role="status">
          <p className={classes.alert}>{t("reports.filter_text")}</p>
          <Button
            variant="default"
            leftSection={<IconFilterOff size={16} aria-hidden />}
            onClick={() => asking.setQuery({ where: null })}
          >
            {t("reports.filter_clear")}
          </Button>
        </Alert>
      )}
    </Page>
  );
}

function FilterRow({ workflow, asking }: { workflow: Workflow; asking: Asking }) {
  const { query, setQuery } = asking;
  const [opened, setOpened] = useState(false);
  const conditions = conditionCount(query.where);
  return (
    <div className={classes.filter}>
      <div className={classes.filterRow}>
        <Button
          variant="default"
          size="xs"
          leftSection={<IconFilter size={15} aria-hidden />}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          {conditions > 0 ? t("reports.filters", { count: conditions }) : t("reports.filter")}
        </Button>
        {!opened && (
          <FilterChips
            workflow={workflow}
            where={query.where}
            onChange={(where) => setQuery({ where })}
            onEdit={() => setOpened(true)}
          />
        )}
        {query.q && (
          <Button
            size="compact-xs"
            variant="default"
            rightSection={<IconFilterOff size={13} aria-hidden />}
            onClick={() => setQuery({ q: "" })}
          >
            {t("reports.words", { words: query.q })}
          </Button>
        )}
      </div>
      {opened && (
        <div className={classes.builder}>
          <FilterBuilder
            workflow={workflow}
            where={query.where}
            begin={query.where === null ? "" : null}
            onChange={(where) => setQuery({ where })}
          />
        </div>
      )}
    </div>
  );
}

function All({ workflow, asking }: { workflow: Workflow; asking: Asking }) {
  const { query, settings, change } = asking;
  const stages = useReport("stages");
  const bare = query.where === null && !query.q && !settings.from && !settings.to;
  return (
    <Asked of={stages}>
      {({ total }) =>
        total?.count === 0 && bare ? (
          <EmptyState
            icon={<IconChartBar size={28} stroke={1.5} />}
            title={t("reports.empty_title")}
            text={t("reports.empty_text")}
          />
        ) : (
          <>
            <Totals settings={settings} />
            <div className={classes.grid}>
              <Stages />
              <Values settings={settings} change={change} />
              <Throughput settings={settings} change={change} />
              <Age />
              <TimeInStage />
              {datesOf(workflow).length > 0 && <Overdue settings={settings} change={change} />}
              {hasApprovals(workflow) && <Approvals />}
            </div>
          </>
        )
      }
    </Asked>
  );
}
