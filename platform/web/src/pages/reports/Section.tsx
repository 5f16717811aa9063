import { ActionIcon, Skeleton, Title, Tooltip } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { type ReactNode, Suspense, useId, useState } from "react";
import { FaultList } from "@/shared/FaultList";
import { showFailure } from "@/shared/notices";
import { t } from "@/text";
import { Figures } from "./Figures";
import { download, type Report, type ReportName, useAskedOf, useReport } from "./queries";
import classes from "./Reports.module.css";

interface Props {
  name: ReportName;
  by?: string;
  title: string;
  text: string;
  /** Chooses what is counted by. */
  control?: ReactNode;
  /** Says why there is nothing to show. */
  empty: string;
  isEmpty: (report: Report) => boolean;
  chart: (report: Report) => ReactNode;
  /** Keys of columns that the table leaves out. */
  without?: readonly string[];
  note?: (report: Report) => string | null;
  wide?: boolean;
}

/** A report: a chart, its figures as a table, and its file. */
export function Section(props: Props) {
  const { name, by, title, text, control, wide } = props;
  const asked = useAskedOf();
  const heading = useId();
  const [busy, setBusy] = useState(false);
  const report = useReport(name, by);
  const save = async () => {
    setBusy(true);
    await download(asked, name, by).catch(showFailure);
    setBusy(false);
  };
  const label = t("reports.csv", { title });
  return (
    <section
      className={wide ? `${classes.card} ${classes.wide}` : classes.card}
      aria-labelledby={heading}
      aria-busy={report.isFetching}
    >
      <header className={classes.head}>
        <div>
          <Title order={2} id={heading}>
            {title}
          </Title>
          <p>{text}</p>
        </div>
        <div className={classes.controls}>
          {control}
          <Tooltip label={label}>
            <ActionIcon size="lg" aria-label={label} loading={busy} onClick={save}>
              <IconDownload size={17} />
            </ActionIcon>
          </Tooltip>
        </div>
      </header>
      {report.data ? (
        <Shown {...props} report={report.data} />
      ) : report.error ? (
        <FaultList failure={report.error} />
      ) : (
        <Skeleton height={220} aria-label={t("shared.loading")} />
      )}
    </section>
  );
}

function Shown({
  report,
  title,
  empty,
  isEmpty,
  chart,
  without,
  note,
}: Props & { report: Report }) {
  if (isEmpty(report)) {
    return <p className={classes.empty}>{empty}</p>;
  }
  const said = note?.(report);
  return (
    <>
      <div className={classes.chart} role="img" aria-label={t("reports.chart_of", { title })}>
        <Suspense fallback={<Skeleton height="100%" />}>{chart(report)}</Suspense>
      </div>
      {said && <p className={classes.note}>{said}</p>}
      <Figures report={report} title={title} without={without} />
    </>
  );
}
