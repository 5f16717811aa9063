import { ActionIcon, Table, Tooltip } from "@mantine/core";
import {
  IconChevronDown,
  IconChevronRight,
  IconPlugConnected,
  IconRefresh,
} from "@tabler/icons-react";
import { Fragment, useState } from "react";
import { Asked } from "@/shared/Asked";
import { EmptyState } from "@/shared/EmptyState";
import { When } from "@/shared/When";
import { t } from "@/text";
import { Code } from "./Code";
import classes from "./Developer.module.css";
import { Method } from "./Method";
import { pretty } from "./pretty";
import { type LastCall, useCalls } from "./queries";
import { Status } from "./TryIt";

/** The last calls of programs, with what they sent and what they were answered. */
export function Calls({ workflow }: { workflow: string }) {
  const calls = useCalls(workflow);
  return (
    <>
      <div className={classes.callsHead}>
        <p className={classes.lead}>{t("developer.calls_text")}</p>
        <Tooltip label={t("developer.refresh")}>
          <ActionIcon aria-label={t("developer.refresh")} onClick={() => calls.refetch()}>
            <IconRefresh size={17} />
          </ActionIcon>
        </Tooltip>
      </div>
      <Asked of={calls}>{(every) => <List calls={every} />}</Asked>
    </>
  );
}

function List({ calls }: { calls: LastCall[] }) {
  const [opened, setOpened] = useState<string | null>(null);
  if (calls.length === 0) {
    return (
      <EmptyState
        icon={<IconPlugConnected size={28} stroke={1.5} />}
        title={t("developer.calls_none")}
        text={t("developer.calls_none_text")}
      />
    );
  }
  return (
    <section
      className={classes.table}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: who has no mouse scrolls it
      tabIndex={0}
      aria-label={t("developer.calls")}
    >
      <Table verticalSpacing={6} horizontalSpacing="md" className={classes.calls}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th w={40}>
              <span className="tl-hidden">{t("developer.call_details")}</span>
            </Table.Th>
            <Table.Th>{t("developer.call_at")}</Table.Th>
            <Table.Th>{t("developer.status")}</Table.Th>
            <Table.Th>{t("developer.call_request")}</Table.Th>
            <Table.Th>{t("developer.call_by")}</Table.Th>
            <Table.Th ta="right">{t("developer.call_ms")}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {calls.map((call) => (
            <Row
              key={call.id}
              call={call}
              opened={opened === call.id}
              toggle={() => setOpened(opened === call.id ? null : call.id)}
            />
          ))}
        </Table.Tbody>
      </Table>
    </section>
  );
}

function Row({ call, opened, toggle }: { call: LastCall; opened: boolean; toggle: () => void }) {
  const address = call.query ? `${call.path}?${call.query}` : call.path;
  return (
    <Fragment>
      <Table.Tr onClick={toggle} className={classes.call}>
        <Table.Td>
          <ActionIcon
            size="sm"
            aria-expanded={opened}
            aria-label={t("developer.call_show", { call: `${call.method} ${address}` })}
            onClick={(event) => {
              event.stopPropagation();
              toggle();
            }}
          >
            {opened ? <IconChevronDown size={15} /> : <IconChevronRight size={15} />}
          </ActionIcon>
        </Table.Td>
        <Table.Td className={classes.fact}>
          <When at={call.at} />
        </Table.Td>
        <Table.Td>
          <Status code={call.status} />
        </Table.Td>
        <Table.Td>
          <div className={classes.callAddress}>
            <Method name={call.method} />
            <span title={address}>{address}</span>
          </div>
        </Table.Td>
        <Table.Td>{call.by?.email ?? t("developer.call_nobody")}</Table.Td>
        <Table.Td ta="right" className="tl-numbers">
          {call.ms}
        </Table.Td>
      </Table.Tr>
      {opened && (
        <Table.Tr>
          <Table.Td colSpan={6} className={classes.callBodies}>
            <Part title={t("developer.call_sent")} text={call.request} />
            <Part title={t("developer.call_answer")} text={call.answer} />
          </Table.Td>
        </Table.Tr>
      )}
    </Fragment>
  );
}

function Part({ title, text }: { title: string; text: string | null }) {
  return (
    <div>
      <h3>{title}</h3>
      {text ? (
        <Code low plain label={title} text={pretty(text)} />
      ) : (
        <p className={classes.fact}>{t("developer.call_no_text")}</p>
      )}
    </div>
  );
}
