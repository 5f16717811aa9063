import { useCallback } from "react";
import { useParams, useSearchParams } from "react-router";
import { useWorkflow } from "@/api/queries";
import type { Workflow } from "@/api/types";
import { Loading } from "@/app/Loading";
import { Asked } from "@/shared/Asked";
import { useDraft } from "@/shared/drafts";
import { Page } from "@/shared/Page";
import { t } from "@/text";
import { type Choice, Choose } from "./Choose";
import { Job } from "./Job";
import { useKeptFile } from "./kept";
import type { Options } from "./queries";
import { Setup } from "./Setup";

const JOB = "job";
/** Says that one goes on to the table when every row has arrived. */
const LAND = "land";
const FRESH: Options = { reading: {}, map: {}, mode: "upsert" };

/** A file on its way into a workflow: chosen, looked at, tried, imported, mended. */
export default function Imports() {
  const { workflow: id = "" } = useParams();
  return (
    <Asked of={useWorkflow(id)}>{(workflow) => <Wizard key={id} workflow={workflow} />}</Asked>
  );
}

function Wizard({ workflow }: { workflow: Workflow }) {
  const [params, setParams] = useSearchParams();
  const [file, keepFile] = useKeptFile(`import:${workflow.id}`);
  const options = useDraft<Options>(["import", workflow.id]);
  const job = params.get(JOB);
  const watch = useCallback((id: string) => setParams({ [JOB]: id }), [setParams]);
  const back = useCallback(() => setParams({}), [setParams]);
  const forget = useCallback(() => {
    keepFile(null);
    options.drop();
    setParams({});
  }, [keepFile, options.drop, setParams]);
  const choose = ({ file: chosen, source }: Choice) => {
    options.set(source ? { ...FRESH, reading: { source } } : FRESH);
    keepFile(chosen);
  };
  const title = t("imports.title_of", { name: workflow.name });
  if (file === undefined) {
    return <Loading />;
  }
  if (job) {
    return (
      <Page title={title} narrow>
        <Job
          key={job}
          workflow={workflow}
          job={job}
          file={file}
          options={options.draft ?? FRESH}
          land={params.has(LAND)}
          onWatch={watch}
          onBack={back}
          onForget={forget}
        />
      </Page>
    );
  }
  return (
    <Page title={title} lead={file ? undefined : t("imports.lead")} narrow>
      {file ? (
        <Setup
          workflow={workflow}
          file={file}
          options={options.draft ?? FRESH}
          onOptions={options.set}
          onStarted={watch}
          onForget={forget}
        />
      ) : (
        <Choose workflow={workflow} onChoose={choose} onWatch={watch} />
      )}
    </Page>
  );
}
