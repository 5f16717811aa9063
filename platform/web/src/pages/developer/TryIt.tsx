import { Alert, Badge, Button, Collapse, Group, Table, Textarea, TextInput } from "@mantine/core";
import { IconChevronDown, IconChevronRight, IconSend } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useId, useState } from "react";
import { Confirm } from "@/shared/Confirm";
import { told } from "@/shared/notices";
import { count, type Key, t } from "@/text";
import { Code } from "./Code";
import { addressOf, bodyText, type Call } from "./call";
import classes from "./Developer.module.css";
import { Method } from "./Method";
import { pretty } from "./pretty";
import { mediaFor, type Outcome, tried } from "./trying";

const LONGEST = 20_000;
const REFUSED = 400;
const BROKEN = 500;

interface Props {
  call: Call;
  note?: Key;
  action?: Key;
}

/** Sends a request of the samples, which may be changed before, and shows all of the answer. */
export function TryIt({ call, note, action = "developer.send" }: Props) {
  const [address, setAddress] = useState(() => addressOf(call));
  const [body, setBody] = useState(() => (call.body ? bodyText(call.body).trimEnd() : null));
  const [asking, setAsking] = useState(false);
  const cache = useQueryClient();
  const attempt = useMutation({
    mutationFn: () => tried({ method: call.method, address, body, media: mediaFor(call.body) }),
    onSettled: () => call.method !== "GET" && cache.invalidateQueries({ queryKey: ["tasks"] }),
  });
  const deletes = call.method === "DELETE";
  const start = () => (deletes ? setAsking(true) : attempt.mutate());
  // What would lead to another host, or to a page of ours, is no request of the API.
  const known = address.startsWith("/api/v1/");
  return (
    <section className={classes.try} aria-label={t("developer.try")}>
      <div className={classes.tryHead}>
        <h3>{t("developer.try")}</h3>
        <p>{t(note ?? (call.method === "GET" ? "developer.try_reads" : "developer.try_writes"))}</p>
      </div>
      <form
        className={classes.request}
        onSubmit={(event) => {
          event.preventDefault();
          start();
        }}
      >
        <Group gap="xs" wrap="nowrap" align="flex-start">
          <div className={classes.tryMethod}>
            <Method name={call.method} />
          </div>
          <TextInput
            className={classes.address}
            aria-label={t("developer.address")}
            value={address}
            error={known ? null : t("developer.address_wrong")}
            spellCheck={false}
            onChange={(event) => setAddress(event.currentTarget.value)}
          />
          <Button
            type="submit"
            color={deletes ? "red" : undefined}
            disabled={!known}
            loading={attempt.isPending}
            leftSection={<IconSend size={15} aria-hidden />}
          >
            {t(action)}
          </Button>
        </Group>
        {body !== null && (
          <Textarea
            aria-label={t("developer.body")}
            className={classes.body}
            autosize
            minRows={2}
            maxRows={14}
            spellCheck={false}
            value={body}
            onChange={(event) => setBody(event.currentTarget.value)}
          />
        )}
      </form>
      <div aria-live="polite">
        {attempt.error && (
          <Alert color="red" mt="sm">
            {told(attempt.error)}
          </Alert>
        )}
        {attempt.data && <Answer outcome={attempt.data} />}
      </div>
      <Confirm
        opened={asking}
        onClose={() => setAsking(false)}
        title={t("developer.delete_title")}
        text={t("developer.delete_warning")}
        action={t("shared.delete")}
        onConfirm={() => attempt.mutateAsync()}
      />
    </section>
  );
}

function Answer({ outcome }: { outcome: Outcome }) {
  const [opened, setOpened] = useState(false);
  const headers = useId();
  const text = pretty(outcome.text);
  const cut = text.length > LONGEST;
  return (
    <div className={classes.answer}>
      <Group gap="md" mb="xs">
        <Status code={outcome.status} reason={outcome.reason} />
        <span className={classes.fact}>{t("developer.took", { ms: outcome.ms })}</span>
        <span className={classes.fact}>{t("developer.bytes", { count: outcome.bytes })}</span>
        <Button
          variant="subtle"
          size="compact-xs"
          color="gray"
          aria-expanded={opened}
          aria-controls={headers}
          leftSection={opened ? <IconChevronDown size={14} /> : <IconChevronRight size={14} />}
          onClick={() => setOpened(!opened)}
        >
          {t("developer.headers", { count: outcome.headers.length })}
        </Button>
      </Group>
      <Collapse expanded={opened} id={headers}>
        <Table className={classes.headers} verticalSpacing={3} mb="xs">
          <Table.Tbody>
            {outcome.headers.map(([name, value]) => (
              <Table.Tr key={name}>
                <Table.Th>{name}</Table.Th>
                <Table.Td>{value}</Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Collapse>
      {text ? (
        <Code low label={t("developer.answer")} text={cut ? text.slice(0, LONGEST) : text} />
      ) : (
        <p className={classes.fact}>{t("developer.empty_answer")}</p>
      )}
      {cut && <p className={classes.fact}>{t("developer.cut", { shown: count(LONGEST) })}</p>}
    </div>
  );
}

/** The status of an answer, in the colour of its kind. */
export function Status({ code, reason = "" }: { code: number; reason?: string }) {
  const colour = code >= BROKEN ? "red" : code >= REFUSED ? "orange" : "loom";
  return (
    <Badge color={colour} className={classes.status}>
      {`${code} ${reason}`.trim()}
    </Badge>
  );
}
