import { Code, Table, Title } from "@mantine/core";
import { useMemo } from "react";
import type { Workflow } from "@/api/types";
import { type Key, t } from "@/text";
import classes from "./Developer.module.css";
import { refusedCall } from "./operations";
import { Status, TryIt } from "./TryIt";

/** Statuses by what a program does about them: mend the request, look again, or wait. */
const STATUSES: [status: number, when: Key, then: Key][] = [
  [400, "developer.e400", "developer.then_mend"],
  [401, "developer.e401", "developer.then_key"],
  [403, "developer.e403", "developer.then_rights"],
  [404, "developer.e404", "developer.then_mend"],
  [409, "developer.e409", "developer.then_look"],
  [412, "developer.e412", "developer.then_look"],
  [413, "developer.e413", "developer.then_smaller"],
  [415, "developer.e415", "developer.then_mend"],
  [422, "developer.e422", "developer.then_faults"],
  [429, "developer.e429", "developer.then_wait"],
  [503, "developer.e503", "developer.then_wait"],
];

/** What refusals look like, and what to do about each. */
export function Errors({ workflow }: { workflow: Workflow }) {
  const call = useMemo(() => refusedCall(workflow), [workflow]);
  return (
    <div className={classes.errors}>
      <section>
        <Title order={2}>{t("developer.refused")}</Title>
        <p className={classes.lead}>{t("developer.refused_text")}</p>
        <TryIt
          key={workflow.id}
          call={call}
          note="developer.refused_note"
          action="developer.refused_send"
        />
        <p className={classes.lead}>
          {t("developer.forms")} <Code>Accept: application/problem+json</Code>
          {t("developer.forms_other")}
        </p>
      </section>
      <section>
        <Title order={2}>{t("developer.statuses")}</Title>
        <p className={classes.lead}>{t("developer.statuses_text")}</p>
        <div className={classes.table}>
          <Table verticalSpacing={8} horizontalSpacing="md">
            <Table.Thead>
              <Table.Tr>
                <Table.Th>{t("developer.status")}</Table.Th>
                <Table.Th>{t("developer.status_when")}</Table.Th>
                <Table.Th>{t("developer.status_then")}</Table.Th>
              </Table.Tr>
            </Table.Thead>
            <Table.Tbody>
              {STATUSES.map(([status, when, then]) => (
                <Table.Tr key={status}>
                  <Table.Td>
                    <Status code={status} />
                  </Table.Td>
                  <Table.Td>{t(when)}</Table.Td>
                  <Table.Td>{t(then)}</Table.Td>
                </Table.Tr>
              ))}
            </Table.Tbody>
          </Table>
        </div>
      </section>
    </div>
  );
}
