import { useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useTranslation } from 'react-i18next';
import { whoQuery } from '@/app/session';
import { ChangePassword } from './ChangePassword';
import { Gate } from './Gate';

const route = getRouteApi('/new-password');

/** Where one chooses a password of one's own before anything else. */
export function NewPassword() {
  const { t } = useTranslation();
  const { back } = route.useSearch();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const go = async () => {
    await queries.fetchQuery({ ...whoQuery, staleTime: 0 });
    await navigate({ to: back ?? '/', replace: true });
  };
  return (
    <Gate title={t('account.choose')}>
      <p className="muted">{t('account.chooseAbout')}</p>
      <ChangePassword onDone={go} />
      <Link to="/login">{t('account.another')}</Link>
    </Gate>
  );
}
