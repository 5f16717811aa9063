import { Button, Tabs } from "@mantine/core";
import { IconBook2, IconFileCode } from "@tabler/icons-react";
import { useParams, useSearchParams } from "react-router";
import { at } from "@/api/client";
import { useWorkflow } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import type { Workflow } from "@/api/types";
import { Asked } from "@/shared/Asked";
import { Page } from "@/shared/Page";
import { type Key, t } from "@/text";
import { Calls } from "./Calls";
import { Errors } from "./Errors";
import { Fields } from "./Fields";
import { useSubject } from "./queries";
import { Samples } from "./Samples";

const SHOWN = "_show";
const PARTS = ["samples", "fields", "errors", "calls"] as const;
type Part = (typeof PARTS)[number];
const NAMES: Record<Part, Key> = {
  samples: "developer.samples",
  fields: "developer.fields",
  errors: "developer.errors",
  calls: "developer.calls",
};

/** Everything that somebody needs who writes a program for a workflow. */
export default function DeveloperPage() {
  const { workflow = "" } = useParams();
  return <Asked of={useWorkflow(workflow)}>{(read) => <Parts workflow={read} />}</Asked>;
}

function Parts({ workflow }: { workflow: Workflow }) {
  const [params, setParams] = useSearchParams();
  const me = useStore(session)?.user.email ?? "";
  const subject = useSubject(workflow, me);
  const shown = PARTS.find((part) => part === params.get(SHOWN)) ?? "samples";
  const show = (part: string | null) =>
    setParams(part && part !== "samples" ? { [SHOWN]: part } : {}, { replace: true });
  return (
    <Page
      title={t("developer.title_of", { name: workflow.name })}
      lead={t("developer.lead")}
      actions={<Documents workflow={workflow.id} />}
    >
      <Tabs value={shown} onChange={show} keepMounted={false}>
        <Tabs.List>
          {PARTS.map((part) => (
            <Tabs.Tab key={part} value={part}>
              {t(NAMES[part])}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="samples" pt="lg">
          <Asked of={subject}>{(about) => <Samples workflow={workflow} subject={about} />}</Asked>
        </Tabs.Panel>
        <Tabs.Panel value="fields" pt="lg">
          <Fields workflow={workflow} task={subject.data?.tasks[0]} />
        </Tabs.Panel>
        <Tabs.Panel value="errors" pt="lg">
          <Errors workflow={workflow} />
        </Tabs.Panel>
        <Tabs.Panel value="calls" pt="lg">
          <Calls workflow={workflow.id} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Documents({ workflow }: { workflow: string }) {
  return (
    <>
      <Button
        component="a"
        href={at(workflow, "openapi.json")}
        target="_blank"
        rel="noreferrer"
        variant="default"
        leftSection={<IconFileCode size={16} aria-hidden />}
      >
        {t("developer.openapi")}
      </Button>
      <Button
        component="a"
        href={`/docs/workflows/${encodeURIComponent(workflow)}`}
        target="_blank"
        rel="noreferrer"
        variant="default"
        leftSection={<IconBook2 size={16} aria-hidden />}
      >
        {t("developer.reference")}
      </Button>
    </>
  );
}
