/** Attachments: dropped or chosen, shown with a picture of what they are, opened in a preview. */
import {
  ActionIcon,
  Button,
  Group,
  Input,
  Loader,
  Modal,
  Text,
  Tooltip,
  UnstyledButton,
} from "@mantine/core";
import {
  IconDownload,
  IconExternalLink,
  IconFile,
  IconFileSpreadsheet,
  IconFileText,
  IconFileTypePdf,
  IconFileZip,
  IconX,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { requestOf, send } from "@/api/client";
import { fileAddress, uploadFiles } from "@/api/queries";
import type { FileValue } from "@/api/types";
import type { EditorProps } from "@/fields";
import { DropZone } from "@/shared/DropZone";
import { told } from "@/shared/notices";
import { t } from "@/text";
import classes from "./Files.module.css";

const IMAGE = /^image\/(png|jpeg|gif|webp|avif|bmp)$/;
const TEXT = /^(text\/|application\/(json|xml|x-ndjson|csv|yaml))/;
const PREVIEWED_BYTES = 65_536;
const KILO = 1000;

type Sort = "image" | "text" | "pdf" | "other";

function sortOf(file: FileValue): Sort {
  const type = (file.contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (IMAGE.test(type)) {
    return "image";
  }
  return TEXT.test(type) ? "text" : type === "application/pdf" ? "pdf" : "other";
}

function sizeText(bytes: number): string {
  if (bytes < KILO) {
    return t("forms.bytes", { count: bytes });
  }
  const large = bytes >= KILO * KILO;
  const size = bytes / (large ? KILO * KILO : KILO);
  const spelt = size.toFixed(size < 10 ? 1 : 0);
  return t(large ? "forms.megabytes" : "forms.kilobytes", { size: spelt });
}

/** How many bytes a file has; the server says so in a header. */
function useSize(file: FileValue) {
  return useQuery({
    queryKey: ["file-size", file.blobId],
    queryFn: async ({ signal }) => {
      const answer = await send(requestOf("HEAD", fileAddress(file), { signal }));
      return Number(answer.headers.get("Content-Length") ?? 0);
    },
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
}

function Icon({ file }: { file: FileValue }) {
  const type = file.contentType ?? "";
  if (sortOf(file) === "pdf") {
    return <IconFileTypePdf size={22} stroke={1.5} aria-hidden />;
  }
  if (/sheet|excel|csv/.test(type)) {
    return <IconFileSpreadsheet size={22} stroke={1.5} aria-hidden />;
  }
  if (/zip|compressed|tar/.test(type)) {
    return <IconFileZip size={22} stroke={1.5} aria-hidden />;
  }
  const Shown = sortOf(file) === "text" ? IconFileText : IconFile;
  return <Shown size={22} stroke={1.5} aria-hidden />;
}

function Entry(props: { file: FileValue; onOpen: () => void; onRemove?: () => void }) {
  const { file, onOpen, onRemove } = props;
  const { data: bytes } = useSize(file);
  return (
    <li className={classes.entry}>
      <UnstyledButton className={classes.open} onClick={onOpen}>
        <span className="tl-hidden">{t("forms.preview")}</span>
        <span className={classes.thumb}>
          {sortOf(file) === "image" ? (
            <img src={fileAddress(file)} alt="" loading="lazy" />
          ) : (
            <Icon file={file} />
          )}
        </span>
        <span className={classes.name}>
          <Text span size="sm" truncate display="block" title={file.filename}>
            {file.filename}
          </Text>
          <Text span size="xs" c="dimmed" display="block" className="tl-numbers">
            {bytes === undefined ? "\u00a0" : sizeText(bytes)}
          </Text>
        </span>
      </UnstyledButton>
      <Tooltip label={t("fields.download", { name: file.filename })}>
        <ActionIcon
          component="a"
          href={fileAddress(file)}
          download={file.filename}
          aria-label={t("fields.download", { name: file.filename })}
        >
          <IconDownload size={16} />
        </ActionIcon>
      </Tooltip>
      {onRemove && (
        <Tooltip label={t("fields.remove_file", { name: file.filename })}>
          <ActionIcon
            onClick={onRemove}
            aria-label={t("fields.remove_file", { name: file.filename })}
          >
            <IconX size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}

/** The beginning of a text file. */
function TextPreview({ file }: { file: FileValue }) {
  const { data, isError } = useQuery({
    queryKey: ["file-text", file.blobId],
    queryFn: async ({ signal }) => {
      const headers = { Range: `bytes=0-${PREVIEWED_BYTES - 1}` };
      const answer = await send(requestOf("GET", fileAddress(file), { headers, signal }));
      const whole = Number(/\/(\d+)$/.exec(answer.headers.get("Content-Range") ?? "")?.[1] ?? 0);
      return { text: await answer.text(), cut: whole > PREVIEWED_BYTES };
    },
    retry: false,
  });
  if (isError) {
    return <Text size="sm">{t("forms.file_gone")}</Text>;
  }
  return data ? (
    <>
      <textarea
        readOnly
        className={classes.text}
        aria-label={file.filename}
        rows={16}
        value={data.text}
      />
      {data.cut && (
        <Text size="xs" c="dimmed">
          {t("forms.file_cut")}
        </Text>
      )}
    </>
  ) : (
    <Loader size="sm" />
  );
}

function Shown({ file }: { file: FileValue }) {
  switch (sortOf(file)) {
    case "image":
      return <img className={classes.picture} src={fileAddress(file)} alt={file.filename} />;
    case "text":
      return <TextPreview file={file} />;
    case "pdf":
      if (navigator.pdfViewerEnabled) {
        return <iframe className={classes.pdf} src={fileAddress(file)} title={file.filename} />;
      }
      return <NoPreview file={file} />;
    default:
      return <NoPreview file={file} />;
  }
}

function NoPreview({ file }: { file: FileValue }) {
  return (
    <Group gap="sm" className={classes.none}>
      <Icon file={file} />
      <Text size="sm">{t("forms.no_preview")}</Text>
    </Group>
  );
}

function Preview({ file, onClose }: { file: FileValue | null; onClose: () => void }) {
  return (
    <Modal
      opened={file !== null}
      onClose={onClose}
      size="xl"
      title={<span className={classes.title}>{file?.filename}</span>}
      closeButtonProps={{ "aria-label": t("shared.close") }}
    >
      {file && <Shown file={file} />}
      {file && (
        <Group justify="flex-end" mt="md">
          <Button
            component="a"
            variant="default"
            href={fileAddress(file)}
            target="_blank"
            rel="noreferrer"
            leftSection={<IconExternalLink size={16} />}
          >
            {t("forms.open_file")}
          </Button>
          <Button
            component="a"
            href={fileAddress(file)}
            download={file.filename}
            leftSection={<IconDownload size={16} />}
            aria-label={t("fields.download", { name: file.filename })}
            data-autofocus
          >
            {t("forms.download")}
          </Button>
        </Group>
      )}
    </Modal>
  );
}

/** Edits the attachments of a field. */
export function Files(props: EditorProps) {
  const { value, field, onChange } = props;
  const files = Array.isArray(value) ? (value as FileValue[]) : [];
  const [opened, setOpened] = useState<FileValue | null>(null);
  const [coming, setComing] = useState<string[]>([]);
  const [failures, setFailures] = useState<string[]>([]);
  const disabled = props.disabled || !field.editable;
  const add = async (chosen: File[]) => {
    setFailures([]);
    setComing(chosen.map((file) => file.name));
    const added: FileValue[] = [];
    for (const file of chosen) {
      try {
        added.push(...(await uploadFiles([file])));
      } catch (failure) {
        const message = t("fields.upload_failed", { name: file.name, message: told(failure) });
        setFailures((others) => [...others, message]);
      }
    }
    setComing([]);
    if (added.length > 0) {
      onChange([...files, ...added]);
    }
  };
  const full = typeof field.limit === "number" && files.length >= field.limit;
  const description = field.schema.description;
  return (
    <Input.Wrapper
      label={field.name}
      labelElement="div"
      required={props.required ?? field.required}
      description={typeof description === "string" ? description : undefined}
      error={props.fault}
    >
      <ul className={classes.list}>
        {files.map((file) => (
          <Entry
            key={file.blobId}
            file={file}
            onOpen={() => setOpened(file)}
            onRemove={
              disabled
                ? undefined
                : () => onChange(files.filter((one) => one.blobId !== file.blobId))
            }
          />
        ))}
        {coming.map((name) => (
          <li key={name} className={classes.entry} role="status">
            <Loader size="xs" mx="xs" />
            <Text size="sm">{t("fields.uploading", { name })}</Text>
          </li>
        ))}
      </ul>
      {failures.map((message) => (
        <Text key={message} size="xs" c="var(--mantine-color-error)" role="alert" mb={6}>
          {message}
        </Text>
      ))}
      {!disabled && !full && (
        <DropZone
          multiple={field.limit !== 1}
          label={`${t("fields.add_files")}: ${field.name}`}
          onFiles={add}
        >
          {t("forms.drop")}
        </DropZone>
      )}
      <Preview file={opened} onClose={() => setOpened(null)} />
    </Input.Wrapper>
  );
}
