import { Button, TextInput } from "@mantine/core";
import { IconPlus, IconSearch, IconStack2 } from "@tabler/icons-react";
import { useState } from "react";
import { Link } from "react-router";
import { useWorkflows } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import type { WorkflowSummary } from "@/api/types";
import { Asked } from "@/shared/Asked";
import { EmptyState } from "@/shared/EmptyState";
import { Page } from "@/shared/Page";
import { t } from "@/text";
import { Card } from "./Card";
import classes from "./Home.module.css";
import { Start } from "./Start";

/** So many that one would rather type than look. */
const MANY = 9;

/** All workflows, with how much work stands in each. */
export default function Home() {
  const workflows = useWorkflows();
  const admin = useStore(session)?.user.role === "admin";
  return (
    <Page
      narrow
      title={t("home.title")}
      lead={t("home.lead")}
      actions={
        admin && (
          <Button component={Link} to="/welcome" leftSection={<IconPlus size={16} />}>
            {t("home.new")}
          </Button>
        )
      }
    >
      <Asked of={workflows}>{(every) => <Cards workflows={every} admin={admin} />}</Asked>
    </Page>
  );
}

function Cards({ workflows, admin }: { workflows: WorkflowSummary[]; admin: boolean }) {
  const [sought, setSought] = useState("");
  const found = workflows.filter(({ name }) => name.toLowerCase().includes(sought.toLowerCase()));
  if (workflows.length === 0 && !admin) {
    return (
      <EmptyState
        icon={<IconStack2 size={30} stroke={1.5} />}
        title={t("home.empty_title")}
        text={t("home.empty_text")}
      />
    );
  }
  return (
    <>
      {admin && <Start sample={workflows[0]} />}
      {workflows.length >= MANY && (
        <TextInput
          mb="md"
          maw={320}
          aria-label={t("home.search")}
          placeholder={t("home.search")}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={sought}
          onChange={(event) => setSought(event.currentTarget.value)}
        />
      )}
      {found.length === 0 && sought && <p>{t("home.none_found")}</p>}
      <ul className={classes.cards}>
        {found.map((workflow) => (
          <Card key={workflow.id} workflow={workflow} />
        ))}
      </ul>
    </>
  );
}
