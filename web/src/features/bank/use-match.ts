import { useTranslation } from 'react-i18next';
import { api } from '@/api/client';
import { useOutcome } from '@/app/outcome';

/** Matches a line, says so, and goes on. */
export function useMatch(onDone: () => void) {
  const { t } = useTranslation();
  const outcome = useOutcome({ done: t('bank.matched'), quiet: true });
  return api.useMutation('post', '/api/bank/lines/{id}/match', {
    onSuccess: async () => {
      onDone();
      await outcome.onSuccess();
    },
  });
}
