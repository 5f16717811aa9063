import { useEffect } from "react";
import { useParams } from "react-router";
import { isProblem } from "@/api/client";
import { useTask, useWorkflow } from "@/api/queries";
import type { Workflow } from "@/api/types";
import { Asked } from "@/shared/Asked";
import { useEdits } from "./edits";
import { NewTask } from "./NewTask";
import { TaskView } from "./TaskView";

const NOT_FOUND = 404;

/** The page of one task, and that of a task to be. */
export default function TaskPage() {
  const { workflow: id = "", task } = useParams();
  const workflow = useWorkflow(id);
  return (
    <Asked of={workflow}>
      {(known) =>
        task === undefined ? (
          <NewTask key={known.id} workflow={known} />
        ) : (
          <OneTask key={task} workflow={known} id={task} />
        )
      }
    </Asked>
  );
}

function OneTask({ workflow, id }: { workflow: Workflow; id: string }) {
  const asked = useTask(workflow.id, id);
  const gone = isProblem(asked.error, NOT_FOUND);
  const edits = useEdits(workflow.id, id, asked.data?.task);
  const task = asked.data?.task ?? (gone ? edits.kept?.task : undefined);
  useEffect(() => {
    window.scrollTo(0, 0);
  }, []);
  if (!task) {
    return <Asked of={{ ...asked, data: undefined }}>{() => null}</Asked>;
  }
  return (
    <TaskView
      workflow={workflow}
      task={task}
      etag={asked.data?.etag ?? ""}
      edits={edits}
      gone={gone}
      again={asked.refetch}
    />
  );
}
