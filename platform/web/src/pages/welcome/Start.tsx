import { Loader, Title } from "@mantine/core";
import { IconArrowRight, IconEye } from "@tabler/icons-react";
import { Link } from "react-router";
import { useWorkflows } from "@/api/queries";
import { session } from "@/api/session";
import { useStore } from "@/api/store";
import { workflowAddress } from "@/app/places";
import { colourOf } from "@/shared/colours";
import { FaultList } from "@/shared/FaultList";
import { t } from "@/text";
import { type Choice, TakeFile } from "../imports/Choose";
import { TEMPLATES, type Template } from "./templates";
import classes from "./Welcome.module.css";

/** The shipped workflow that shows most in least time. */
const SAMPLE = "team-tasks";

interface Props {
  /** The name of the file that is being looked at. */
  looking: string | null;
  failure: unknown;
  onFile: (choice: Choice) => void;
  onTemplate: (template: Template) => void;
  onBlank: () => void;
}

/** Three ways to begin: look around, bring a file, take a template. */
export function Start({ looking, failure, onFile, onTemplate, onBlank }: Props) {
  const user = useStore(session)?.user;
  const workflows = useWorkflows().data ?? [];
  const sample = workflows.find(({ id }) => id === SAMPLE) ?? workflows[0];
  const admin = user?.role === "admin";
  return (
    <>
      <div className={classes.hello}>
        <Title order={1}>{t("welcome.hello")}</Title>
        <p>{t(admin ? "welcome.lead" : "welcome.lead_member")}</p>
        {sample && (
          <Link className={classes.sample} to={workflowAddress(sample.id, "board")}>
            <IconEye size={17} aria-hidden />
            {t("welcome.sample", { name: sample.name })}
            <IconArrowRight size={15} aria-hidden />
          </Link>
        )}
      </div>
      {admin && (
        <>
          <section aria-labelledby="bring" className={classes.part}>
            <Title order={2} id="bring">
              {t("welcome.bring")}
            </Title>
            <p className={classes.lead}>{t("welcome.bring_lead")}</p>
            {looking ? (
              <div className={classes.looking} role="status">
                <Loader size="sm" aria-hidden /> {t("welcome.looking", { name: looking })}
              </div>
            ) : (
              <TakeFile onChoose={onFile} />
            )}
            <FaultList failure={failure} />
          </section>
          <section aria-labelledby="templates" className={classes.part}>
            <Title order={2} id="templates">
              {t("welcome.templates")}
            </Title>
            <p className={classes.lead}>{t("welcome.templates_lead")}</p>
            <ul className={classes.cards}>
              {TEMPLATES.map((template) => (
                <li key={template.id}>
                  <Card template={template} onChoose={() => onTemplate(template)} />
                </li>
              ))}
            </ul>
            <button type="button" className={classes.blank} onClick={onBlank}>
              {t("welcome.blank")}
            </button>
          </section>
        </>
      )}
    </>
  );
}

function Card({ template, onChoose }: { template: Template; onChoose: () => void }) {
  return (
    <button type="button" className={classes.card} onClick={onChoose}>
      <span className={classes.lanes} aria-hidden>
        {template.stages.map((stage, place) => (
          <i
            key={stage.name}
            style={{
              background: colourOf(stage.colour) ?? undefined,
              height: `${LANES[place % LANES.length]}%`,
            }}
          />
        ))}
      </span>
      <strong>{template.title}</strong>
      <span className={classes.about}>{template.description}</span>
      <span className={classes.stagesText}>
        {template.stages.map(({ name }) => name).join(" → ")}
      </span>
    </button>
  );
}

/** How full the lanes of the little boards are. */
const LANES = [92, 64, 78, 46, 70, 34];
