import { useMemo } from "react";
import { useParams, useSearchParams } from "react-router";
import { useViews, useWorkflow } from "@/api/queries";
import type { Workflow } from "@/api/types";
import { Loading } from "@/app/Loading";
import { readQuery } from "@/filters";
import { Asked } from "@/shared/Asked";
import { Board } from "./Board";

/** The tasks of a workflow, a column for each stage. */
export default function BoardPage() {
  const { workflow = "" } = useParams();
  return (
    <Asked of={useWorkflow(workflow)}>
      {(found) => <Asking key={found.id} workflow={found} />}
    </Asked>
  );
}

/** What is asked for stands in the address; a saved view brings what stands on cards. */
function Asking({ workflow }: { workflow: Workflow }) {
  const [params, setParams] = useSearchParams();
  const query = useMemo(() => readQuery(params, workflow), [params, workflow]);
  const wanted = params.get("_view");
  const views = useViews(workflow.id, true);
  const view = views.data?.find((one) => one.id === wanted && one.layout === "board");
  if (wanted && views.isPending) {
    return <Loading />;
  }
  return <Board workflow={workflow} query={query} view={view} setParams={setParams} />;
}
