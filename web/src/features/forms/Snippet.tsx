import { Input } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { CopyField } from '@/ui/CopyField';

/** The one line that puts the script on a landing page. */
export function Snippet({ code }: { code: string }) {
  const { t } = useTranslation();
  const line = `<script src="${location.origin}/public/comptoir.js" data-form="${code}" data-lp="LP-001" async></script>`;
  return (
    <Input.Wrapper label={t('forms.snippet')} description={t('forms.snippetAbout')} labelElement="div">
      <div style={{ marginTop: 6 }}><CopyField label={t('forms.snippet')} value={line} /></div>
    </Input.Wrapper>
  );
}
