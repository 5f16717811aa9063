import { Table } from "@mantine/core";
import { t } from "@/text";
import { type Column, type Report, useAskedOf } from "./queries";
import classes from "./Reports.module.css";
import { isNumber, ReportCell, textOf } from "./values";

interface Props {
  report: Report;
  title: string;
  /** Keys of columns that are left to the file. */
  without?: readonly string[];
}

/** The figures of a report as a table: what a chart shows, for everybody. */
export function Figures({ report, title, without = [] }: Props) {
  const { workflow } = useAskedOf();
  const columns = report.columns.filter(({ key }) => !without.includes(key));
  const { total } = report;
  const summed = total && report.rows.length > 1 && columns.some(({ key }) => key in total);
  const side = (column: Column) => (isNumber(column) ? "right" : "left");
  return (
    <section
      className={classes.figures}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it
      tabIndex={0}
      aria-label={t("reports.figures_of", { title })}
    >
      <Table verticalSpacing={5} horizontalSpacing="sm" stickyHeader>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.key} ta={side(column)}>
                {column.title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {report.rows.map((row) => (
            <Table.Tr
              key={columns
                .slice(0, 2)
                .map(({ key }) => String(row[key]))
                .join(" ")}
            >
              {columns.map((column) => (
                <Table.Td key={column.key} ta={side(column)} className="tl-numbers">
                  <ReportCell workflow={workflow} column={column} row={row} />
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
        {summed && (
          <Table.Tfoot>
            <Table.Tr>
              {columns.map((column, place) => (
                <Table.Th key={column.key} ta={side(column)} className="tl-numbers">
                  {place === 0
                    ? t("reports.all")
                    : column.key in total
                      ? textOf(total[column.key], column)
                      : ""}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Tfoot>
        )}
      </Table>
    </section>
  );
}
