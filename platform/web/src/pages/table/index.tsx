import { useParams } from "react-router";
import { useWorkflow } from "@/api/queries";
import { Asked } from "@/shared/Asked";
import { TablePage } from "./TablePage";

export default function Table() {
  const { workflow = "" } = useParams();
  return (
    <Asked of={useWorkflow(workflow)}>
      {(found) => <TablePage key={found.id} workflow={found} />}
    </Asked>
  );
}
