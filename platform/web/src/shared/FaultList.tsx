import { Alert, List } from "@mantine/core";
import { IconAlertCircle } from "@tabler/icons-react";
import { type Fault, Problem, sentence } from "@/api/problem";
import { t } from "@/text";
import { told } from "./notices";

/** Every fault of a failed request; `without` leaves out those that stand beside their fields. */
export function FaultList(props: { failure: unknown; without?: (fault: Fault) => boolean }) {
  const { failure, without } = props;
  if (!failure) {
    return null;
  }
  const all = failure instanceof Problem ? failure.faults : [];
  const faults = all.filter((fault) => !without?.(fault));
  if (all.length > 0 && faults.length === 0) {
    return null;
  }
  return (
    <Alert
      role="alert"
      color="red"
      icon={<IconAlertCircle aria-hidden />}
      title={faults.length > 0 ? t("shared.faults", { count: faults.length }) : t("shared.failed")}
    >
      {faults.length > 0 ? (
        <List size="sm">
          {faults.map((fault) => (
            <List.Item key={`${fault.path.join(".")}:${fault.code}:${fault.message}`}>
              {fault.path.length > 0 && <b>{fault.path.join(" › ")} </b>}
              {sentence(fault)}
            </List.Item>
          ))}
        </List>
      ) : (
        told(failure)
      )}
    </Alert>
  );
}
