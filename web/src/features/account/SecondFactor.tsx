import { Button, Group, Stack, TextInput } from '@mantine/core';
import { QRCodeSVG } from 'qrcode.react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';
import { CopyField } from '@/ui/CopyField';
import { Password } from '@/ui/Password';
import { Pill } from '@/ui/layout';
import { ProblemBox } from '@/ui/states';
import css from './account.module.css';

/** The second factor: enrolled with an authenticator, proven by a code, with recovery codes shown once. */
export function SecondFactor({ enabled }: { enabled: boolean }) {
  const { t } = useTranslation();
  const [codes, setCodes] = useState<readonly string[]>();
  if (codes) return <RecoveryCodes codes={codes} onKept={() => setCodes(undefined)} />;
  return (
    <Stack gap="sm">
      <Group gap="xs"><Pill tone={enabled ? 'good' : 'warn'}>{t(enabled ? 'account.on' : 'account.off')}</Pill><span className="muted">{t('account.secondAbout')}</span></Group>
      {enabled ? <Disable /> : <Enrol onCodes={setCodes} />}
    </Stack>
  );
}

function Enrol({ onCodes }: { onCodes: (codes: readonly string[]) => void }) {
  const { t } = useTranslation();
  const [code, setCode] = useState('');
  const outcome = useOutcome({ done: t('account.enrolled') });
  const begin = api.useMutation('post', '/api/auth/totp');
  const confirm = api.useMutation('post', '/api/auth/totp/confirm', {
    onSuccess: async ({ recovery_codes: codes }) => {
      onCodes(codes);
      await outcome.onSuccess();
    },
  });
  if (!begin.data) {
    return (
      <>
        <Group><Button loading={begin.isPending} onClick={() => begin.mutate({})}>{t('account.enrol')}</Button></Group>
        {begin.isError && <ProblemBox error={begin.error} />}
      </>
    );
  }
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        confirm.mutate({ body: { code: code.replaceAll(' ', '') } });
      }}
    >
      <div>{t('account.scan')}</div>
      <div className={css.qr}><QRCodeSVG value={begin.data.otpauth_url} size={168} title={t('account.qr')} /></div>
      <div className="muted">{t('account.orType')}</div>
      <CopyField label={t('account.secret')} value={begin.data.secret} />
      <TextInput label={t('login.code')} inputMode="numeric" autoComplete="one-time-code" required value={code} onChange={(event) => setCode(event.currentTarget.value)} />
      {confirm.isError && <ProblemBox error={confirm.error} />}
      <Group><Button type="submit" loading={confirm.isPending}>{t('account.confirm')}</Button></Group>
    </form>
  );
}

function RecoveryCodes({ codes, onKept }: { codes: readonly string[]; onKept: () => void }) {
  const { t } = useTranslation();
  return (
    <Stack gap="sm">
      <strong>{t('account.recovery')}</strong>
      <div>{t('account.recoveryAbout')}</div>
      <div className={css.codes} data-testid="recovery-codes">{codes.map((code) => <code key={code} className="mono">{code}</code>)}</div>
      <CopyField label={t('account.recovery')} value={codes.join('\n')} />
      <Group><Button onClick={onKept}>{t('account.kept')}</Button></Group>
    </Stack>
  );
}

function Disable() {
  const { t } = useTranslation();
  const [password, setPassword] = useState('');
  const disable = api.useMutation('delete', '/api/auth/totp', useOutcome({ done: t('account.disabled') }));
  return (
    <form
      className={css.form}
      onSubmit={(event) => {
        event.preventDefault();
        disable.mutate({ body: { password } });
      }}
    >
      <Password label={t('login.password')} autoComplete="current-password" required value={password} onChange={(event) => setPassword(event.currentTarget.value)} />
      <Group><Button type="submit" variant="default" loading={disable.isPending}>{t('account.disable')}</Button></Group>
    </form>
  );
}
