import { useTranslation } from 'react-i18next';
import { useWho } from '@/app/session';
import { Facts, Page, Panel, Stack } from '@/ui/layout';
import { ChangePassword } from './ChangePassword';
import { SecondFactor } from './SecondFactor';
import { Sessions } from './Sessions';

/** One's own account: who one is, the password, the second factor, where one is signed in. */
export function AccountPage() {
  const { t } = useTranslation();
  const { user, tenant, entities } = useWho();
  return (
    <Page title={t('account.title')} narrow>
      <Stack>
        <Panel title={user.name}>
          <Facts facts={[[t('common.email'), user.email], [t('users.role'), t(`role.${user.role}`)], [t('account.organisation'), tenant.name], [t('common.entity'), entities.map((one) => one.code).join(', ')]]} />
        </Panel>
        <Panel title={t('account.second')}><SecondFactor enabled={user.totp_enabled} /></Panel>
        <Panel title={t('account.password')}><ChangePassword /></Panel>
        <Panel title={t('account.sessions')}><Sessions /></Panel>
      </Stack>
    </Page>
  );
}
