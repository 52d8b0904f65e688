import { Button, FileButton, Group } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, versionOf } from '@/api/client';
import type { LegalView } from '@/api/schema';
import { useOutcome } from '@/app/outcome';
import { Panel } from '@/ui/layout';
import { ProblemBox } from '@/ui/states';

/** The logo of an entity's documents, as it is, and how to replace it. */
export function EntityLogo({ stored }: { stored: LegalView }) {
  const { t } = useTranslation();
  // A picture that changed behind its address is shown once the address does.
  const [changes, setChanges] = useState(0);
  const address = `/api/entities/${stored.entity}/logo`;
  const put = api.useMutation('put', '/api/entities/{code}/logo', useReread(t('common.saved'), () => setChanges((count) => count + 1)));
  const remove = api.useMutation('delete', '/api/entities/{code}/logo', useReread(t('legal.logoRemoved'), () => setChanges(0)));
  const params = { path: { code: stored.entity }, header: { 'If-Match': stored.has_logo ? versionOf(address) : undefined } };
  const upload = (file: File | null) => {
    // The document calls the image a text; it is sent as it is.
    if (file) put.mutate({ params, body: file as unknown as string, bodySerializer: (body) => body as unknown as BodyInit, headers: { 'Content-Type': file.type || 'image/png' } });
  };
  const error = put.error ?? remove.error;
  return (
    <Panel title={t('legal.logo')}>
      <Group>
        {stored.has_logo && <img src={`${address}?${changes}`} alt={t('legal.logoOf', { name: stored.name })} height={64} style={{ maxWidth: '100%', objectFit: 'contain' }} />}
        <FileButton accept="image/png,image/jpeg" onChange={upload}>
          {(props) => <Button variant="default" loading={put.isPending} {...props}>{t('legal.logoChoose')}</Button>}
        </FileButton>
        {stored.has_logo && <Button variant="subtle" color="red" loading={remove.isPending} onClick={() => remove.mutate({ params })}>{t('legal.logoRemove')}</Button>}
      </Group>
      <div className="muted">{t('legal.logoAbout')}</div>
      {error !== null && error !== undefined && <ProblemBox error={error} />}
    </Panel>
  );
}

function useReread(done: string, then: () => void) {
  const outcome = useOutcome({ done, quiet: true });
  return {
    onSuccess: async () => {
      then();
      await outcome.onSuccess();
    },
  };
}
