import { Progress, Table, Text, Title } from "@mantine/core";
import type { Workflow } from "@/api/types";
import { When } from "@/shared/When";
import { count, t } from "@/text";
import { shareOf } from "./figures";
import classes from "./Imports.module.css";
import { type ImportJob, isUnderWay, useImports } from "./queries";
import { StateBadge } from "./StateBadge";

const SHOWN = 30;

interface Props {
  workflow: Workflow;
  onWatch: (job: string) => void;
}

/** What was imported before; what is under way stands above it. */
export function Earlier({ workflow, onWatch }: Props) {
  const { data: jobs = [] } = useImports(workflow.id);
  if (jobs.length === 0) {
    return null;
  }
  const shown = jobs.slice(0, SHOWN);
  return (
    <section aria-labelledby="earlier" className={classes.section}>
      <Title order={2} id="earlier">
        {t("imports.earlier")}
      </Title>
      {shown.filter(isUnderWay).map((job) => (
        <button
          key={job.id}
          type="button"
          className={classes.running}
          onClick={() => onWatch(job.id)}
        >
          <span>
            <b>{job.name}</b> {t("imports.rows_so_far", { count: job.rows })}
          </span>
          <Progress value={shareOf(job)} animated aria-label={t("imports.progress")} />
        </button>
      ))}
      <div className={classes.scroll}>
        <Table className={classes.table} verticalSpacing={8}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>{t("imports.file")}</Table.Th>
              <Table.Th>{t("imports.state")}</Table.Th>
              <Table.Th ta="right">{t("imports.created")}</Table.Th>
              <Table.Th ta="right">{t("imports.updated")}</Table.Th>
              <Table.Th ta="right">{t("imports.unchanged")}</Table.Th>
              <Table.Th ta="right">{t("imports.refused")}</Table.Th>
              <Table.Th>{t("imports.when")}</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {shown.map((job) => (
              <Row key={job.id} job={job} onWatch={onWatch} />
            ))}
          </Table.Tbody>
        </Table>
      </div>
    </section>
  );
}

function Row({ job, onWatch }: { job: ImportJob; onWatch: (job: string) => void }) {
  return (
    <Table.Tr>
      <Table.Td>
        <button type="button" className={classes.named} onClick={() => onWatch(job.id)}>
          {job.name}
        </button>
      </Table.Td>
      <Table.Td>
        <StateBadge job={job} />
      </Table.Td>
      {[job.created, job.updated, job.unchanged].map((number, place) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the columns never change places
        <Table.Td key={place} ta="right" className="tl-numbers">
          {count(number)}
        </Table.Td>
      ))}
      <Table.Td ta="right" className="tl-numbers">
        <Text span size="sm" c={job.refused > 0 ? "var(--mantine-color-error)" : undefined}>
          {count(job.refused)}
        </Text>
      </Table.Td>
      <Table.Td>{job.createdAt && <When at={job.createdAt} />}</Table.Td>
    </Table.Tr>
  );
}
