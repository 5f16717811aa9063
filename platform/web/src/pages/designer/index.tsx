import { useParams } from "react-router";
import { Asked } from "@/shared/Asked";
import { Designer } from "./Designer";
import { NewWorkflow } from "./NewWorkflow";
import { useSource } from "./queries";

/** Designs the workflow of the address, or a new one. */
export default function DesignerPage() {
  const { workflow } = useParams();
  return workflow === undefined ? <NewWorkflow /> : <Existing key={workflow} id={workflow} />;
}

function Existing({ id }: { id: string }) {
  return <Asked of={useSource(id)}>{(source) => <Designer id={id} source={source} />}</Asked>;
}
