import { useQueryClient } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { Problem } from '@/api/problem';
import { notify } from '@/ui/notify';
import { problemText } from '@/ui/problem-text';

/** What follows a write: it is said, and everything on screen is read again. Failures are said too, unless `quiet`. */
export function useOutcome({ done, quiet = false }: { done?: string; quiet?: boolean } = {}) {
  const queries = useQueryClient();
  const { t } = useTranslation();
  return {
    onSuccess: async () => {
      if (done !== undefined) await notify({ message: done, color: 'teal' });
      await queries.invalidateQueries();
    },
    onError: async (error: unknown) => {
      const problem = Problem.from(error);
      if (problem.status === 401 || quiet) return;
      await notify({ title: t('common.failed'), message: problemText(t, problem), color: 'red', autoClose: 10_000 });
    },
  };
}
