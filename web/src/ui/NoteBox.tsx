import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useDraft } from '@/app/draft';
import { useOneEntity } from '@/app/session';
import { formatInstant } from '@/lib/format';

interface Note {
  id: string;
  author: string;
  created_at: string;
  text: string;
}

/** What people wrote about something, newest first, and a place to write. */
export function NoteBox({ name, notes, mayAdd, saving, onAdd }: { name: string; notes: readonly Note[]; mayAdd: boolean; saving: boolean; onAdd: (text: string, saved: () => void) => void }) {
  const { t } = useTranslation();
  const oneEntity = useOneEntity();
  const { form, drop } = useDraft(name, { initialValues: { text: '' } });
  const saved = () => {
    form.setFieldValue('text', '');
    drop();
  };
  return (
    <Stack gap="sm">
      {mayAdd && (
        <form onSubmit={form.onSubmit(({ text }) => onAdd(text, saved))}>
          <Textarea aria-label={t('leads.addNote')} placeholder={t('leads.addNote')} minRows={2} {...form.getInputProps('text')} />
          <Group justify="flex-end" mt="xs">
            <Button type="submit" variant="default" loading={saving} disabled={!oneEntity || form.values.text.trim() === ''} title={oneEntity ? undefined : t('common.oneEntity')}>{t('common.add')}</Button>
          </Group>
        </form>
      )}
      {notes.length === 0 && <span className="muted">{t('leads.noNote')}</span>}
      {notes.map((note) => (
        <div key={note.id} className="quoted">
          <div className="muted">{note.author} · {formatInstant(note.created_at)}</div>
          {note.text}
        </div>
      ))}
    </Stack>
  );
}
