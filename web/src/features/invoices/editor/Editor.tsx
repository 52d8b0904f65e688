import { Button, Group } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type FormEvent, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { DocumentDetail } from '@/api/schema';
import { useDraft } from '@/app/draft';
import { useOutcome } from '@/app/outcome';
import { useEntity } from '@/app/session';
import { Page } from '@/ui/layout';
import { ProblemBox } from '@/ui/states';
import css from './editor.module.css';
import { EditorLines } from './EditorLines';
import { showErrors } from './errors';
import { Details, Head } from './Head';
import { type EditorValues, freshValues, toWrite, valuesOf } from './model';
import { Summary } from './Summary';
import { usePreview } from './use-preview';

/** Writes a document: a new one, or a stored draft anew. What it amounts to is told by the service as one types. */
export function Editor({ document, kind = 'invoice', party = '' }: { document?: DocumentDetail; kind?: string; party?: string }) {
  const { t } = useTranslation();
  const navigate = useNavigate();
  const entity = useEntity();
  const [version] = useState(() => document && versionOf(`/api/documents/${document.id}`));
  const { form, restored, drop, giveUp } = useDraft<EditorValues>(`document-${document?.id ?? 'new'}`, {
    initialValues: document ? valuesOf(document) : freshValues(kind, party),
    validate: { party_id: (id) => (id === '' ? t('common.required') : null) },
  });
  const [places, setPlaces] = useState<number[]>([]);
  const { preview, places: shownAt, error: refusal, isStale } = usePreview(form.values, entity, document?.id);
  useEffect(() => {
    // Said while one types, at the line it is about.
    if (refusal !== null && refusal !== undefined) showErrors(form, refusal, shownAt, t);
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- the form is another with every keystroke
  }, [refusal]);
  const outcome = useOutcome({ done: t('invoices.editor.saved'), quiet: true });
  const after = {
    onError: (error: unknown) => void showErrors(form, error, places, t),
    onSuccess: async ({ id }: { id: string }) => {
      drop();
      await navigate({ to: '/invoices/$documentId', params: { documentId: id } });
      await outcome.onSuccess();
    },
  };
  const create = api.useMutation('post', '/api/documents', after);
  const update = api.useMutation('put', '/api/documents/{id}', after);
  const submit = (event: FormEvent<HTMLFormElement>) =>
    form.onSubmit((values) => {
      const sent = toWrite(values, document ? undefined : entity);
      setPlaces(sent.places);
      if (document) update.mutate({ params: { path: { id: document.id }, header: { 'If-Match': version } }, body: sent.body });
      else create.mutate({ body: sent.body });
    })(event);
  const cancel = () => {
    drop();
    void navigate(document ? { to: '/invoices/$documentId', params: { documentId: document.id } } : { to: '/invoices' });
  };
  const error = create.error ?? update.error;
  const title = document ? t('invoices.editor.edit', { kind: t(`invoices.kind.${document.kind}`) }) : t('invoices.editor.new');
  const actions = (
    <>
      <Button variant="default" onClick={cancel}>{t('common.cancel')}</Button>
      <Button type="submit" form="document" loading={create.isPending || update.isPending} disabled={!document && entity === undefined} title={!document && entity === undefined ? t('common.oneEntity') : undefined}>{t('invoices.editor.save')}</Button>
    </>
  );
  return (
    <Page title={title} about={document?.party_name ?? entity} actions={actions}>
      {restored && (
        <Group gap="xs">
          <span className="muted">{t('common.draft')}</span>
          <Button variant="subtle" size="compact-xs" onClick={giveUp}>{t('common.giveUpDraft')}</Button>
        </Group>
      )}
      {error !== null && <ProblemBox error={error} />}
      <form id="document" noValidate onSubmit={submit} className={css.form}>
        <div className={css.main}>
          <Head form={form} isNew={document === undefined} />
          <EditorLines form={form} preview={preview} places={shownAt} isStale={isStale} />
          <Details form={form} />
        </div>
        <div className={css.side}><Summary values={form.values} preview={preview} isStale={isStale} refusal={refusal} entity={document?.entity ?? entity ?? ''} /></div>
      </form>
    </Page>
  );
}
